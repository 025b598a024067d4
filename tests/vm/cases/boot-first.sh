#!/bin/bash
# diglim-init as process 1: of the root itself (init=), and of an initramfs (rdinit=), whose own programs are
# then judged, too, and whose lists of removed packages are not trusted any more for the root.
# vm: long=yes root=debian reboot=1 mem=1536 timeout=1800 packages=initramfs-tools,busybox
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

UNKNOWN=/opt/unknown REMOVED=/opt/removed
record() { diglim status --json | jq -r ".boot_record.$1"; }
# But modules that kmod before version 31 hands to the kernel from memory, and a second sysfs over /sys, see boot.sh.
unexpected()
{
	diglim log --json | jq -r 'select(.event == "refused" and (.hook == "load-data" and .reason == "no-file" | not) and
			(.hook == "guard-pin" and .pid == 1 and .path == "/" | not)) |
		"\(.hook) \(.reason) \(.path) by \(.program)"' | sort | uniq -c
}

# Common to both: sealed before the root's first program, and nothing else was refused.
judged()
{
	expect_equal as-asked "$(record outcome)" "$1: the boot went as asked"
	expect_equal enforce "$(diglim mode)" "enforcing"
	expect_equal true "$(diglim status --json | jq .sealed)" "sealed"
	expect_equal systemd "$(cat /proc/1/comm)" "systemd runs"
	expect_equal "" "$(unexpected)" "nothing was refused"
	expect_probe refused-by-diglim exec $UNKNOWN "an unknown program is refused"
	expect_probe allowed exec /usr/bin/true "a vouched one runs"
	expect_status 32 "the pins stay" umount -l /sys/fs/bpf
	diglim status | sed -n 9,12p
}

case $VM_BOOT in
1)
	printf '[boot]\nstart = early\nseal = yes\n[mode]\ndefault = enforce\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	cp /usr/bin/true $UNKNOWN && echo x >>$UNKNOWN
	cp /usr/bin/true $REMOVED && echo y >>$REMOVED
	check "everything is vouched for" machine_vouch
	check "a program that is removed later" owner_sign removed $REMOVED
	printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
	# mkinitramfs unpacks compressed modules, which no package lists then.
	mkdir /vm/modules
	find /usr/lib/modules -name '*.ko.xz' -exec cp {} /vm/modules ';'
	xz -d /vm/modules/*.xz
	if ls /vm/modules/*.ko >/dev/null 2>&1; then
		check "unpacked modules" diglim sign --name unpacked --use module --key $OWNER_KEY --cert $OWNER_CERT \
			--output /etc/diglim/lists.d/unpacked /vm/modules
	fi
	printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	check "mkinitramfs" mkinitramfs -o /vm/initrd
	check "what the root needs itself" diglim prepare
	boot_again vm_init=/usr/sbin/diglim-init
	;;
2)
	judged "init="
	expect_equal init "$(record stage)" "by process 1 of the root"
	expect_probe allowed exec $REMOVED "what is removed later runs"
	rm /etc/diglim/lists.d/removed
	boot_again rdinit=/usr/sbin/diglim-init /vm/initrd
	;;
3)
	judged "rdinit="
	expect_equal late "$(record stage)" "finished by the last step of the initramfs"
	expect_equal yes "$(dmesg | grep -q 'diglim-init: mode enforce: .* [23] lists' && echo yes)" "begun by its first program"
	expect_probe refused-by-diglim exec $REMOVED "what only a stale initramfs vouches for is refused"
	;;
esac
summary
