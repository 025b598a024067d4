#!/bin/bash
# The power is cut 20 times, at random, while the machine boots, while setup and setup --undo are at work, and
# while lists come and go. Every boot after a cut ends in a defined state, and diglim doctor says in which.
# vm: long=yes root=debian reboot=1 mem=1536 timeout=1800 packages=initramfs-tools,busybox
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

UNKNOWN=/opt/unknown CUTS=20
record() { diglim status --json | jq -r ".boot_record.$1"; }
# What setup may change, and undo has to bring back.
config_tree() { find /etc/diglim /var/lib/diglim -type f ! -name '*.lock' -exec sha256sum {} + | sort; }

set_up()
{
	local n
	printf '[boot]\nstart = late\nseal = no\non-failure = continue\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	cp /usr/bin/touch $UNKNOWN && echo x >>$UNKNOWN
	mkdir /opt/tools
	for n in 1 2 3 4; do
		cp /usr/bin/true "/opt/tools/$n" && echo "$n" >>"/opt/tools/$n"
	done
	check "everything is vouched for" machine_vouch
	printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
	printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	check "mkinitramfs" mkinitramfs -o /vm/initrd
	# For setup, whose update-initramfs goes by the kernels that it finds.
	: >"/boot/vmlinuz-$(uname -r)"
	check "update-initramfs" update-initramfs -c -k "$(uname -r)"
	# From here on the initramfs starts it, and setup finds a machine that is not set up.
	sed -i '/^start = late/d' /etc/diglim/diglim.conf
	config_tree >/vm/before
}

# After each boot: the state is one of those that doctor knows, the mode is that of the command line, and no list
# is damaged.
look()
{
	local want=audit doctor status=0
	grep -q diglim=enforce /proc/cmdline && want=enforce
	diglim doctor --json >/run/doctor || status=$?
	doctor=$(jq -r '.attached[] | select(.what == "this boot") | "\(.state): \(.text)"' /run/doctor)
	echo "boot $VM_BOOT, doctor ($status): $doctor"
	if [ -e /var/lib/diglim/setup ] && [ "$(record outcome)" = incomplete ]; then
		# Cut between the lists and the initramfs that knows their key: enforced by what is known, and said.
		expect_equal missing "${doctor%%: *}" "boot $VM_BOOT: doctor says that setup was cut short"
		check "boot $VM_BOOT: and by what" grep -q "the signer's key is not known" <<<"$doctor"
	else
		expect_equal as-asked "$(record outcome)" "boot $VM_BOOT: as asked"
		expect_equal ok "${doctor%%: *}" "boot $VM_BOOT: doctor says so"
	fi
	expect_equal $want "$(diglim mode)" "boot $VM_BOOT: the mode"
	diglim verify /etc/diglim/lists.d /var/lib/diglim/lists >/run/verify 2>&1
	expect_equal "" "$(grep -v '^\[+\]' /run/verify | grep '^\[-\]')" "boot $VM_BOOT: no list is damaged"
	if [ $want = enforce ]; then
		expect_probe refused-by-diglim exec $UNKNOWN "boot $VM_BOOT: an unknown program is refused"
		expect_probe allowed exec /usr/bin/true "boot $VM_BOOT: a vouched one runs"
	fi
	# What a cut left is taken back, exactly.
	if [ -e /var/lib/diglim/setup ]; then
		check "boot $VM_BOOT: setup is undone" diglim setup --undo --yes
	fi
	config_tree | grep -v '/lists/tlv-tool-' >/run/now
	expect_equal "" "$(diff /vm/before /run/now)" "boot $VM_BOOT: everything is as it was before setup"
	counts_keep
}

# One round of what may be interrupted.
set_up_and_undo() { diglim setup --yes --create-key && diglim setup --undo --yes; } >/run/work 2>&1
change_lists()
{
	local n
	for n in 1 2 3 4; do
		diglim sign --name "tool-$n" --key $OWNER_KEY --cert $OWNER_CERT "/opt/tools/$n" || return
	done
	diglim sync || return
	for n in 1 2 3 4; do
		rm "/var/lib/diglim/lists/tlv-tool-$n" || return
	done
	diglim sync
} >/run/work 2>&1

work()
{
	if grep -q diglim=enforce /proc/cmdline; then change_lists; else set_up_and_undo; fi
}

case $VM_BOOT in
1)
	set_up
	boot_again "" /vm/initrd
	;;
2)
	look
	check "setup and its undoing, whole" work
	cat /run/work
	config_tree | diff /vm/before - || fail "undone exactly"
	cut -d. -f1 /proc/uptime >/vm/seconds-setup
	boot_again diglim=enforce
	;;
3)
	look
	check "lists that come and go, whole" work
	cat /run/work
	seconds=$(cut -d. -f1 /proc/uptime)
	echo "boots with setup take $(cat /vm/seconds-setup) s, with lists $seconds s"
	for ((n = 0; n < CUTS; n++)); do
		if ((n % 3)); then
			echo "cut $((seconds * 3 / 2)) diglim=enforce"
		else
			echo "cut $(cat /vm/seconds-setup) "
		fi
	done >/run/cuts
	echo "whole diglim=enforce" >>/run/cuts
	boot_cuts </run/cuts
	;;
$((CUTS + 4)))
	look
	check "lists that come and go, once more" work
	;;
*)
	look
	while work; do :; done
	fail "boot $VM_BOOT: the work goes on until the power is cut" "$(tail -n 3 /run/work)"
	# Only this one boot, which the harness does not expect to end.
	counts_keep
	sleep 600
	;;
esac
summary
