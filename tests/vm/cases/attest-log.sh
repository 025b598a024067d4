#!/bin/bash
# The log register, through IMA: setup --measure on a machine whose owner has an IMA policy already; ten boots, in
# which lists lie and programs start in another order, all with the two values that predict tells; an unknown program
# is one record more in each; another set of packages gives what was predicted for it; and setup --undo takes out
# exactly what setup has put in.
# vm: long=yes root=debian tpm=1 reboot=1 mem=1536 timeout=900 packages=initramfs-tools,busybox
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

BOOTS=10 IMA=/sys/kernel/security/ima/binary_runtime_measurements POLICY=/etc/ima/ima-policy
DROPIN=/etc/systemd/system/diglimd.service.d
pcr() { tpm2_pcrread "sha256:$1" | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
# shellcheck disable=SC2317 # called by soon, as several below
is() { [ "$(pcr "$1")" = "$2" ]; }
# good NUMBER FILE: what predict has said
good() { jq -r --arg n "$1" '(.pcrs, .ima).sha256[$n] // empty | .[0]' "$2"; }
ima_log() { diglim attest log --json $IMA; }
# What IMA has measured of ours, in its order: keyrings, and names of records.
entries() { ima_log | jq -r '.logs[0].entries[] | .record // .name' | paste -sd' '; }
# shellcheck disable=SC2317
recorded() { entries | grep -q -- "$1"; }

unit()
{
	printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "%s"\n' "$2" >"/etc/systemd/system/$1.service"
	ln -sf "../$1.service" "/etc/systemd/system/multi-user.target.wants/$1.service"
}

set_up()
{
	printf '[boot]\nseal = no\n[hash]\nlimit = 1G\n[sign]\nkey = %s\ncert = %s\n' $OWNER_KEY $OWNER_CERT >/etc/diglim/diglim.conf
	printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
	printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	: >"/boot/vmlinuz-$(uname -r)"
	# kmod before version 31 hands compressed modules to the kernel from memory: nobody can vouch for them.
	find /usr/lib/modules -name '*.ko.xz' -exec unxz {} + && depmod
	check "update-initramfs" update-initramfs -c -k "$(uname -r)"
	mkdir -p /etc/ima
	printf '# mine\ndont_measure fsmagic=0x01021994\n' >$POLICY
	cp $POLICY /root/policy
	# Started with everything else, in whatever order.
	unit load 'for i in 1 2 3 4 5 6; do cat /usr/bin/* | sha256sum; done >/dev/null'
	check "everything is vouched for" machine_vouch
	for n in 1 2; do
		check "one more key" diglim key create --name "Other $n" --key "/root/$n.pem" --cert "/root/$n.crt"
		check "added" diglim key add --owner --yes "/root/$n.crt"
	done
	check "a dry run" diglim setup --measure --dry-run
	expect_equal "" "$(diff /root/policy $POLICY; ls -d $DROPIN 2>/dev/null)" "changes nothing"
	check "setup --measure" diglim setup --measure --yes
	expect_equal "$(cat /root/policy)" "$(sed '1,/^# DIGLIM end/d' $POLICY)" "the owner's rules come behind ours"
	check "diglimd's drop-in is there" [ -s $DROPIN/diglimd-gate.conf ]
	cp "/boot/initrd.img-$(uname -r)" /vm/initrd
	boot_again "" /vm/initrd
}

# as_predicted WHAT: both registers, and nothing but ours behind boot_aggregate
as_predicted()
{
	diglim attest predict --ima $IMA --json >/run/predicted
	check "$1: register 13 is what predict says" soon is 13 "$(good 13 /run/predicted)"
	check "$1: the state is measured by IMA" soon recorded 000001-state
	expect_equal "$(good 10 /run/predicted)" "$(pcr 10)" "$1: register 10 is what predict says"
	expect_equal "boot_aggregate diglim_owner diglim_owner diglim_owner settings 000001-state" "$(entries)" "$1: and nothing else is in it"
	expect_equal "$(pcr 10)" "$(ima_log | jq -r '.logs[0].value.sha256')" "$1: IMA's list leads there"
	ima_log | jq -r '.logs[0].entries[] | select(.record // "" | test("unknown|poison")) | "# \(.record): \(.lines | join(", "))"'
}

shuffle()
{
	local file
	mkdir /var/lib/diglim/new
	find /var/lib/diglim/lists -type f | shuf | while read -r file; do cp "$file" /var/lib/diglim/new/; done
	rm -r /var/lib/diglim/lists && mv /var/lib/diglim/new /var/lib/diglim/lists
}

# What verifiers elsewhere get, printed for those who want to try: tests/attest/test-keylime.sh does.
show_evidence()
{
	echo "evidence: $1"
	base64 -w 0 "$2" && echo
}

unknown()
{
	local before
	before=$(entries)
	show_evidence ima "${IMA/binary/ascii}"
	diglim attest export --keylime --ima $IMA >/run/keylime
	show_evidence keylime /run/keylime
	show_evidence pcr <(pcr 10)
	mkdir -p /opt && cp /usr/bin/true /opt/unknown && echo x >>/opt/unknown
	check "an unknown program runs" /opt/unknown
	check "IMA measures its record" soon recorded -unknown
	expect_equal "$before 000002-unknown" "$(entries)" "one record more, and only that"
	expect_equal "$(pcr 10)" "$(ima_log | jq -r '.logs[0].value.sha256')" "IMA's list leads to register 10"
	expect_equal /opt/unknown "$(ima_log | jq -r '.logs[0].entries[-1].lines[0]' | sed 's/.* //')" "attest log names it"
	expect_equal 1 "$(ima_log >/dev/null; echo $?)" "and says that it is bad"
	show_evidence bad "${IMA/binary/ascii}"
	show_evidence badpcr <(pcr 10)
	check "diglimd again" systemctl restart diglimd
	check "it measures" soon is 13 "$(diglim attest log --json /run/diglim/measure.log | jq -r '.logs[0].value.sha256')"
	expect_equal "$before 000002-unknown" "$(entries)" "what was measured is not measured again"
	cp /usr/bin/true /opt/tool && echo y >>/opt/tool
	owner_sign tool /opt/tool >/dev/null
	diglim attest predict --ima $IMA --json >/root/another
	check "a list comes" diglim load /etc/diglim/lists.d/tool
	check "the change is measured, too" soon recorded 000003-change
}

case $VM_BOOT in
1) set_up ;;
$((BOOTS + 2)))
	as_predicted "another set of packages"
	expect_equal "$(good 13 /root/another)" "$(pcr 13)" "register 13 as predicted before the boot"
	expect_equal "$(good 10 /root/another)" "$(pcr 10)" "and register 10"
	check "setup --undo" diglim setup --undo --yes
	expect_equal "" "$(diff /root/policy $POLICY; ls -d $DROPIN 2>/dev/null)" "policy and drop-in are as before"
	boot_again "" /vm/initrd
	;;
$((BOOTS + 3)))
	expect_equal boot_aggregate "$(entries)" "after undoing: nothing is measured"
	;;
*)
	as_predicted "boot $VM_BOOT"
	echo "registers of boot $VM_BOOT: $(pcr 10) $(pcr 13)"
	shuffle
	[ "$VM_BOOT" != $((BOOTS + 1)) ] || unknown
	boot_again "" /vm/initrd
	;;
esac
journalctl -u diglimd -b -o cat --no-pager | tail -n 5
summary
