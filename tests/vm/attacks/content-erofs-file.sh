# shellcheck shell=bash
# attack: writes to the file that an erofs is mounted from without a loop device
# event: exec unknown, exec ima-kept, mmap ima-kept
attempt()
{
	module erofs || skip "no erofs module"
	command -v mkfs.erofs >/dev/null || skip "no mkfs.erofs"
	mkdir tree fs
	victim tree/victim
	IMAGE=$PWD/image
	mkfs.erofs "$IMAGE" tree >/dev/null 2>&1 || skip "mkfs.erofs"
	exchange erofs "$IMAGE" fs >/dev/null || skip "this kernel mounts no erofs from a file"
	[ "$(stat -f -c %T fs)" = erofs ] || echo "skipped the mount"
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	exec 9<fs/victim
	fs/victim || echo "skipped the victim"
	if device_patch "$IMAGE"; then device_again; else echo "refused open"; fi
	exec 9<&-
	umount fs
}
