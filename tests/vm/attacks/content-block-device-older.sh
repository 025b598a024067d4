# attack: the same through a descriptor of the device that was opened before it was mounted
# event: exec unknown
attempt()
{
	. /vm/attacks/lib/device
	device_make before_mount
	device_write /proc/self/fd/8
	device_end
}
before_mount() { exec 8<>"$LOOP"; }
