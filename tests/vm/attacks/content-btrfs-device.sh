# shellcheck shell=bash
# attack: writes to the block device below a btrfs, which does not name its devices in the super block
# event: device device-write, exec unknown
attempt()
{
	module btrfs || skip "no btrfs module"
	command -v mkfs.btrfs >/dev/null || skip "no mkfs.btrfs"
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	DEVICE_MB=128
	device_mkfs() { mkfs.btrfs -q -f "$1" >/dev/null 2>&1; }
	device_mount() { mount -t btrfs -o nodatasum "$1" fs; }
	device_make :
	device_write "$LOOP"
	device_end
}
