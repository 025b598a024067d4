# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# Several boots of one machine (REBOOT=1): its disk is a copy of its own that stays, and a second disk
# carries what the guest wants to start with next, as a tar archive:
#   initrd      its own initramfs; as before if it is absent
#   cmdline     the kernel's command line
#   expect      this boot ends without a result, and then the console holds this text ...
#   otherwise   ... and the boot after it has this command line
# A guest script asks for it by boot_again (tests/vm/guest/lib.sh), which ends it with this status.
AGAIN=99

reboot_prepare()
{
	cp --sparse=always "$RUN_DISK" "$RUN/disk" && truncate -s 512M "$RUN/next" || die "no room for a disk"
	RUN_DISK=$RUN/disk
	BOOT=1
}

# What the guest has left, for the next call of qemu_run
reboot_next()
{
	local dir=$RUN/next.d
	rm -rf "$dir"
	mkdir "$dir"
	tar -xf "$RUN/next" -C "$dir" 2>/dev/null && [ -f "$dir/cmdline" ] ||
		die "the guest wants to boot again and does not say how"
	[ ! -f "$dir/initrd" ] || mv "$dir/initrd" "$RUN/initrd"
	reboot_with "$dir/cmdline"
}

reboot_with()
{
	BOOT=$((BOOT + 1))
	RUN_CMDLINE="root=/dev/vda ro systemd.show_status=0 vm_boot=$BOOT $(cat "$1")"
	echo "boot $BOOT: $(cat "$1")"
}

# A boot without a result that was meant to have none: 0 if the next one is set up
reboot_expected()
{
	local dir=$RUN/next.d
	[ "${REBOOT:-0}" = 1 ] && [ -f "$dir/expect" ] || return 1
	grep -qaF -f "$dir/expect" "$RUN/console" || return 1
	echo "boot $BOOT ended as expected: $(cat "$dir/expect")"
	rm "$dir/expect"
	reboot_with "$dir/otherwise"
}

reboot_run()
{
	qemu_run
	while [ "$RESULT" = $AGAIN ] && [ "$REBOOT" = 1 ]; do
		reboot_next
		qemu_run
		while [ "$RESULT" = expected ]; do qemu_run; done
	done
}
