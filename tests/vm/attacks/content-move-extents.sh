# shellcheck shell=bash
# attack: takes blocks from a file of which IMA may keep the digest, for another one (EXT4_IOC_MOVE_EXT): they read as zeros
# event: exec unknown, exec ima-kept
attempt()
{
	cp /usr/libexec/victim-text donor
	cp /usr/libexec/victim-text other
	sync
	cat donor >/dev/null
	exchange extents other donor
	sync
	echo 3 >/proc/sys/vm/drop_caches
	strike ./donor
}
