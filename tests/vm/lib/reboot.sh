# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# Several boots of one machine (REBOOT=1): its disk is a copy of its own that stays, and a second disk
# carries what the guest wants to start with next, as a tar archive:
#   initrd      its own initramfs; as before if it is absent
#   cmdline     the kernel's command line
#   expect      this boot ends without a result, and then the console holds this text ...
#   otherwise   ... and the boot after it has this command line
#   cuts        instead of cmdline: one boot a line, "cut SECONDS CMDLINE" or "whole CMDLINE". The power of
#               the former is cut at a random moment within SECONDS: QEMU is killed, and what the guest has not
#               written is lost
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
	tar -xf "$RUN/next" -C "$dir" 2>/dev/null && { [ -f "$dir/cmdline" ] || [ -s "$dir/cuts" ]; } ||
		die "the guest wants to boot again and does not say how"
	[ ! -f "$dir/initrd" ] || mv "$dir/initrd" "$RUN/initrd"
	if [ -f "$dir/cmdline" ]; then
		reboot_with "$(cat "$dir/cmdline")"
	else
		reboot_cut
	fi
}

reboot_with()
{
	BOOT=$((BOOT + 1))
	RUN_CMDLINE="root=/dev/vda ro systemd.show_status=0 $1"
	echo "boot $BOOT: $1"
}

# The next line of the cuts.
reboot_cut()
{
	local file=$RUN/next.d/cuts line
	line=$(head -n 1 "$file")
	[ -n "$line" ] || die "a boot was cut, and no other follows"
	sed -i 1d "$file"
	RUN_CUT=
	if [ "${line%% *}" = cut ]; then
		line=${line#* }
		RUN_CUT=$((1 + (RANDOM * 32768 + RANDOM) % ${line%% *}))
	fi
	reboot_with "${line#* }"
	[ -z "$RUN_CUT" ] || echo "boot $BOOT: the power is cut after $RUN_CUT seconds"
}

# A boot without a result that was meant to have none: 0 if the next one is set up
reboot_expected()
{
	local dir=$RUN/next.d
	[ "${REBOOT:-0}" = 1 ] && [ -f "$dir/expect" ] || return 1
	grep -qaF -f "$dir/expect" "$RUN/console" || return 1
	echo "boot $BOOT ended as expected: $(cat "$dir/expect")"
	rm "$dir/expect"
	reboot_with "$(cat "$dir/otherwise")"
}

reboot_run()
{
	qemu_run
	while [ "$REBOOT" = 1 ]; do
		case $RESULT in
		"$AGAIN") reboot_next ;;
		unplugged) reboot_cut ;;
		expected) ;; # it has set up the next one
		*) break ;;
		esac
		qemu_run
	done
}
