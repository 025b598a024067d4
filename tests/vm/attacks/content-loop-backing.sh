# shellcheck shell=bash
# attack: writes to the file behind the loop device below a mounted file system
# event: device device-write
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make :
	device_write "$IMAGE"
	device_end
}
