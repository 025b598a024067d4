# shellcheck shell=bash
# attack: truncate(2) of the file behind the loop device below a mounted file system
# event: device device-write
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make :
	tried truncate "$IMAGE"
	device_end
}
