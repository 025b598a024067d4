# shellcheck shell=bash
# attack: gives the loop device below a read-only file system another backing file (LOOP_CHANGE_FD)
# event: device device-write
attempt()
{
	# shellcheck source=tests/vm/attacks/lib/device
	. /vm/attacks/lib/device
	device_make :
	OTHER=$(mktemp /tmp/device.XXXXXX)
	exec 9<&- && umount fs && losetup -d "$LOOP"
	cp "$IMAGE" "$OTHER"
	losetup -r "$LOOP" "$IMAGE" && mount -o ro -t ext4 "$LOOP" fs || skip "no loop device"
	exec 9<fs/victim
	fs/victim || echo "skipped the victim"
	device_patch "$OTHER"
	exchange file "$LOOP" "$OTHER" && device_again
	device_end
	rm -f "$OTHER"
}
