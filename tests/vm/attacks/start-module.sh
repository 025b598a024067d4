# shellcheck shell=bash
# attack: finit_module: a module that nobody vouches for, and a compressed one
# event: read-file unknown
attempt()
{
	local from
	from=$(modprobe -D dummy | awk '{ print $2 }' | tail -n 1)
	case $from in
	*.xz) xz -dc "$from" >dummy.ko ;;
	*) cp "$from" dummy.ko && printf x >>dummy.ko ;;
	esac
	rmmod dummy 2>/dev/null
	tried module ./dummy.ko
	rmmod dummy 2>/dev/null
	xz -k -C crc32 -1 dummy.ko
	tried module ./dummy.ko.xz | sed 's/^refused EOPNOTSUPP/skipped kernel without compressed modules/; s/^refused EINVAL/skipped &/'
	rmmod dummy 2>/dev/null
}
