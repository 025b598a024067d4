#!/bin/bash
# From the first program of the root on: a Debian that starts by an initramfs of its own initramfs-tools, in
# audit mode, enforcing and sealed, with a damaged list, with an unknown program in init's place, and with
# diglim=off.
# vm: long=yes root=debian reboot=1 mem=1536 timeout=1800 packages=initramfs-tools,busybox
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

UNKNOWN=/opt/unknown OWN=/opt/own
record() { diglim status --json | jq -r ".boot_record.$1"; }

# unit NAME PROGRAM: started with the machine; leaves /run/NAME
unit()
{
	printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=%s /run/%s\n' "$2" "$1" \
		>"/etc/systemd/system/$1.service"
	ln -sf "../$1.service" "/etc/systemd/system/multi-user.target.wants/$1.service"
	# Before the test, which may look.
	mkdir -p /etc/systemd/system/vm-agent.service.d
	printf '[Unit]\nAfter=%s.service\n' "$1" >"/etc/systemd/system/vm-agent.service.d/$1.conf"
}

# ran YES|NO NAME WHAT
ran() { expect_equal "$1" "$([ -e "/run/$2" ] && echo yes || echo no)" "$3"; }

# unexpected EVENT: those that are not about the unknown program, nor the modules that kmod before version 31
# hands to the kernel from memory. Nor the second sysfs that libselinux, in process 1, tries to mount over /sys:
# the guard answers before the kernel would say that one is there.
unexpected()
{
	diglim log --json | jq -r --arg event "$1" --arg path $UNKNOWN \
		'select(.event == $event and .path != $path and (.hook == "load-data" and .reason == "no-file" | not) and
			(.hook == "guard-pin" and .pid == 1 and .path == "/" | not)) | "\(.hook) \(.reason) \(.path) by \(.program)"' | sort | uniq -c
}
# shellcheck disable=SC2317 # check calls it
reported() { diglim log --json | jq -e --arg event "$1" --arg path "$UNKNOWN" -s 'any(.event == $event and .path == $path)'; }

set_up()
{
	expect_status 1 "nothing is taken into an initramfs before somebody says so" \
		diglim prepare --hook --output /tmp/prepared
	expect_equal no "$([ -e /tmp/prepared ] && echo yes || echo no)" "not one file"
	printf '[boot]\nstart = late\nseal = yes\non-failure = stop\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	cp /usr/bin/touch $UNKNOWN && echo x >>$UNKNOWN
	cp /usr/bin/touch $OWN && echo y >>$OWN
	unit planted $UNKNOWN
	unit own $OWN
	check "everything is vouched for" machine_vouch
	check "an own program" owner_sign own $OWN
	printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
	printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	check "mkinitramfs" mkinitramfs -o /vm/initrd
	expect_equal yes "$(lsinitramfs /vm/initrd | grep -q '^usr/sbin/diglim-init$' && echo yes)" "diglim-init is in it"
	ls -l /vm/initrd
}

case $VM_BOOT in
1)
	set_up
	boot_again "" /vm/initrd
	;;
2)
	expect_equal as-asked "$(record outcome)" "audit: the boot went as asked"
	expect_equal late "$(record stage)" "by the initramfs"
	expect_equal audit "$(diglim mode)" "the mode of the configuration"
	expect_equal false "$(diglim status --json | jq .sealed)" "audit is not sealed"
	ran yes planted "an unknown program in a unit ran"
	check "and was reported" reported would-refuse
	expect_equal "" "$(unexpected would-refuse)" "nothing else would be refused"
	diglim status | sed -n 1,14p
	boot_again diglim=enforce
	;;
3)
	expect_equal as-asked "$(record outcome)" "enforce: the boot went as asked"
	expect_equal enforce "$(diglim mode)" "the kernel argument wins"
	expect_equal true "$(diglim status --json | jq .sealed)" "sealed"
	expect_equal systemd "$(cat /proc/1/comm)" "systemd runs"
	ran no planted "the unknown program in a unit did not"
	ran yes own "a vouched one did"
	expect_equal "planted.service" "$(systemctl --failed --plain --no-legend | awk '{ print $1 }' | tr '\n' ' ' | sed 's/ $//')" \
		"no other unit failed"
	check "and was reported" reported refused
	expect_equal "" "$(unexpected refused)" "nothing else was refused"
	expect_equal "" "$(pgrep -l diglim)" "no process of ours runs"
	expect_status 32 "the pins cannot be unmounted" umount -l /sys/fs/bpf
	expect_status 2 "nor detached" diglim detach
	expect_probe refused-by-diglim exec $UNKNOWN "still refused"
	expect_equal ok "$(diglim doctor --json | jq -r '.attached[] | select(.what == "this boot") | .state')" "doctor agrees"
	diglim status | sed -n 1,14p
	offset=$(($(stat -c %s /etc/diglim/lists.d/own) / 2))
	printf '\377\376' | dd of=/etc/diglim/lists.d/own bs=1 seek=$offset conv=notrunc status=none
	boot_again diglim=enforce
	;;
4)
	expect_equal incomplete "$(record outcome)" "a damaged list: the boot says so"
	expect_equal 1 "$(record lists_refused)" "one list was refused"
	expect_equal enforce "$(diglim mode)" "and goes on enforcing"
	ran no own "what only that list vouches for is refused"
	expect_status 1 "doctor says no" diglim doctor
	boot_again "diglim=enforce init=$UNKNOWN" "" "refuses what the machine starts with: $UNKNOWN" diglim=off
	;;
6)
	expect_equal off "$(record outcome)" "diglim=off: the boot says so"
	expect_status 1 "nothing is attached" diglim status
	ran yes planted "the unknown program runs"
	expect_status 1 "doctor says no, for the whole uptime" diglim doctor
	expect_equal yes "$(dmesg | grep -q 'THIS MACHINE IS NOT PROTECTED' && echo yes)" "the log says so loudly"
	;;
esac
summary
