# shellcheck shell=bash
# attack: shares the blocks of another file with a program (FICLONE on btrfs), before and after it is mapped
# event: open-write vouched-write, mmap writer
attempt()
{
	module btrfs || skip "no btrfs module"
	command -v mkfs.btrfs >/dev/null || skip "no mkfs.btrfs"
	truncate -s 128M /tmp/btrfs
	mkfs.btrfs -q -f /tmp/btrfs >/dev/null 2>&1 && mkdir -p fs && mount -o loop /tmp/btrfs fs || skip "no btrfs"
	settle
	cd fs || return
	alters old clone
	alters new clone
	cd .. && umount fs
	rm -f /tmp/btrfs
}
