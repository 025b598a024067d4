# shellcheck shell=bash
# attack: adds a partition that overlaps with the file system on a whole disk (BLKPG) and writes to it
# event: device device-write
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make :
	if exchange partition "$LOOP"; then
		# At byte 4096 of the disk.
		device_write "${LOOP}p1" 4096
	fi
	partition_gone
	device_end
}
partition_gone() { [ ! -e "${LOOP}p1" ] || delpart "$LOOP" 1; }
