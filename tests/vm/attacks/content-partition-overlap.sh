# shellcheck shell=bash
# attack: writes to a partition that shares its sectors with the one below a file system
# event: device device-write
attempt()
{
	local disk=/tmp/overlap
	truncate -s 32M $disk
	partition 446
	partition 462
	printf '\125\252' | dd of=$disk bs=1 seek=510 conv=notrunc status=none
	LOOP=$(losetup -P -f --show $disk) || skip "no loop device"
	sleep 1
	[ -b "${LOOP}p2" ] || skip "no two partitions"
	mkfs.ext4 -q -F "${LOOP}p1"
	settle
	mkdir fs && mount -t ext4 "${LOOP}p1" fs || skip "no file system"
	victim fs/victim
	sync
	fs/victim || echo "skipped the victim"
	overwrite
	umount fs
	losetup -d "$LOOP"
	rm -f $disk
}

# Into the table: from sector 8 on, 65,528 of them, as "Linux".
partition()
{
	printf '\000\000\000\000\203\000\000\000\010\000\000\000\370\377\000\000' |
		dd of=/tmp/overlap bs=1 seek="$1" conv=notrunc status=none
}

overwrite()
{
	local at
	at=$(grep -abom1 DIGLIM-VICTIM: /tmp/overlap | cut -d: -f1)
	if printf '\052' | dd of="${LOOP}p2" bs=1 seek=$((at + 15 - 4096)) conv=notrunc,fsync status=none; then
		sync
		echo 3 >/proc/sys/vm/drop_caches
		strike fs/victim
	else
		echo "refused open"
	fi
}
