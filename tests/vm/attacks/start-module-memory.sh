# shellcheck shell=bash
# attack: init_module: a module from memory
# event: load-data no-file
attempt()
{
	local from
	from=$(modprobe -D dummy | awk '{ print $2 }' | tail -n 1)
	case $from in
	*.xz) xz -dc "$from" >dummy.ko ;;
	*) cp "$from" dummy.ko ;;
	esac
	rmmod dummy 2>/dev/null
	tried module-memory ./dummy.ko
	rmmod dummy 2>/dev/null
}
