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
	if exchange file "$LOOP" "$OTHER"; then
		again=$(device_again)
		# 126: the program cannot even be read from the other file.
		[ "$again" != "refused status 126" ] || again="skipped the other file is not read"
		echo "$again"
	fi
	device_end
	rm -f "$OTHER"
}
