# shellcheck shell=bash
# attack: opens a block device for writing, then more device numbers than are remembered, and writes after it was mounted
# event: exec unknown, exec ima-kept, mmap ima-kept
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make open_many
	if device_patch_open; then device_again; else echo "refused write"; fi
	device_end
	# Until the kernel's own count of openers can be relied on again.
	sleep 6
}
open_many()
{
	local modprobe
	exec 8<>"$LOOP"
	# The kernel would look for a driver of each.
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo >/proc/sys/kernel/modprobe
	exchange nodes /tmp
	echo "$modprobe" >/proc/sys/kernel/modprobe
}
