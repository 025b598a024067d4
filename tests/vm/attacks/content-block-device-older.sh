# shellcheck shell=bash
# attack: writes to the block device below a file system through a descriptor opened before it was mounted
# event: exec unknown, exec ima-kept, mmap ima-kept
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make before_mount
	if device_patch_open; then device_again; else echo "refused write"; fi
	device_end
}
before_mount() { exec 8<>"$LOOP"; }
