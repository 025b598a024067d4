# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# Starts one guest and waits for its end. Serial lines: 0 kernel console (a log
# file), 1 what the test prints, 2 the exit status of the test.

# A blank TPM 2.0 behind $RUN/tpm.sock. Its state is $TPM_STATE, if a test wants to
# find it again, e.g. to unseal after a reboot.
tpm_start()
{
	local state=${TPM_STATE:-$RUN/tpm}
	mkdir -p "$state"
	swtpm socket --tpm2 --tpmstate dir="$state" --ctrl type=unixio,path="$RUN/tpm.sock" \
		--log file="$RUN/tpm.log" --pid file="$RUN/tpm.pid" --daemon ||
		die "swtpm did not start"
}

# Debian's build of OVMF measures into a TPM. Its variables last for the run, as the machine's would.
OVMF=/usr/share/OVMF
uefi_prepare()
{
	[ "$UEFI" = 1 ] || return 0
	[ -f $OVMF/OVMF_CODE_4M.fd ] || die "OVMF is missing: run tools/setup"
	cp $OVMF/OVMF_VARS_4M.fd "$RUN/vars" || die "no room for the firmware's variables"
}

# no_timer_check: a guest that is emulated on a busy machine may fail the kernel's test of its timer, and
# then hangs.
qemu_options()
{
	printf '%s\n' -machine q35 -cpu max -m "$MEM" -display none -nodefaults -no-user-config \
		-no-reboot -nic none -kernel "$RUN_KERNEL" -initrd "$RUN/initrd" \
		-append "console=ttyS0 panic=-1 oops=panic no_timer_check quiet $RUN_CMDLINE" \
		-chardev file,id=console,path="$RUN/console" -serial chardev:console \
		-chardev file,id=output,path="$RUN/output" -serial chardev:output \
		-chardev file,id=status,path="$RUN/status" -serial chardev:status
	if [ "$ICOUNT" = 1 ]; then
		printf '%s\n' -accel tcg,thread=single -smp 1 -icount shift=0
	else
		printf '%s\n' -accel tcg,thread=multi -smp 2
	fi
	if [ "$TPM" = 1 ]; then
		printf '%s\n' -chardev socket,id=tpm,path="$RUN/tpm.sock" \
			-tpmdev emulator,id=tpm0,chardev=tpm -device tpm-tis,tpmdev=tpm0
	fi
	if [ "$UEFI" = 1 ]; then
		printf '%s\n' -drive "if=pflash,unit=0,format=raw,readonly=on,file=$OVMF/OVMF_CODE_4M.fd" \
			-drive "if=pflash,unit=1,format=raw,file=$RUN/vars"
	fi
	if [ "$REBOOT" = 1 ]; then
		printf '%s\n' -drive "file=$RUN_DISK,format=raw,if=none,id=root,cache=unsafe" \
			-device virtio-blk-pci,drive=root \
			-drive "file=$RUN/next,format=raw,if=none,id=next,cache=unsafe" \
			-device "virtio-blk-pci,drive=next,serial=boot$BOOT"
	elif [ -n "${RUN_DISK-}" ]; then
		# The image is shared by all runs; each writes to a copy that is thrown away.
		printf '%s\n' -drive "file=$RUN_DISK,format=raw,if=none,id=root,snapshot=on,cache=unsafe" \
			-device virtio-blk-pci,drive=root
	fi
}

# What went wrong, for somebody who sees only this.
guest_failed()
{
	say "$1"
	say "last lines of the console, all of it in $RUN/console:"
	tail -n 40 "$RUN/console" | tr -d '\r' >&2
	[ ! -s "$RUN/qemu.log" ] || sed 's/^/qemu: /' "$RUN/qemu.log" >&2
	KEEP=1
	exit 125
}

# Runs the guest. Sets RESULT to the exit status of the test.
qemu_run()
{
	local options cat_pid status=0 limit=(-k 5 "$TIMEOUT")
	[ -z "${RUN_CUT-}" ] || limit=(-s KILL "$RUN_CUT")
	mapfile -t options < <(qemu_options)
	rm -f "$RUN/output"
	mkfifo "$RUN/output"
	: >"$RUN/console"
	# The firmware clears the screen of every serial line.
	if [ "$UEFI" = 1 ]; then
		sed -u 's/\x1b\[[0-9;=?]*[A-Za-z]//g' "$RUN/output" &
	else
		cat "$RUN/output" &
	fi
	cat_pid=$!
	[ "$TPM" != 1 ] || tpm_start
	timeout "${limit[@]}" qemu-system-x86_64 "${options[@]}" </dev/null >"$RUN/qemu.log" 2>&1 &
	QEMU_PID=$!
	wait "$QEMU_PID" || status=$?
	QEMU_PID=
	# QEMU may have died before it opened the pipe: cat would wait for ever.
	: <>"$RUN/output"
	wait "$cat_pid" 2>/dev/null

	RESULT=$(tr -d '\r' <"$RUN/status" 2>/dev/null | sed -n 's/^status \([0-9]*\)$/\1/p')
	if [ -n "${RUN_CUT-}" ] && [ "$status" = 137 ]; then
		RESULT=unplugged
		return
	fi
	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		guest_failed "the guest did not end within $TIMEOUT seconds"
	elif grep -qa 'Kernel panic' "$RUN/console"; then
		guest_failed "the guest's kernel crashed"
	elif [ "$status" != 0 ]; then
		guest_failed "QEMU ended with status $status"
	elif [ -z "$RESULT" ] && reboot_expected; then
		RESULT=expected
	elif [ -z "$RESULT" ]; then
		guest_failed "the guest ended without a result"
	fi
}
