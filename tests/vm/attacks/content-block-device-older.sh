# shellcheck shell=bash
# attack: writes to the block device below a file system through a descriptor opened before it was mounted
# event: exec unknown
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make before_mount
	device_write /proc/self/fd/8
	device_end
}
before_mount() { exec 8<>"$LOOP"; }
