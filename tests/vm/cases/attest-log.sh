#!/bin/bash
# The log register, through IMA: setup --measure on a machine whose owner has an IMA policy already; ten boots, in
# which lists lie and programs start in another order, all with the two values that predict tells; an unknown program
# is one record more in each; a record that is read while somebody writes it is a violation, which no verifier takes;
# another set of packages gives what was predicted for it; and setup --undo takes out exactly what setup has put in.
# vm: long=yes root=debian tpm=1 reboot=1 mem=1536 timeout=900 packages=initramfs-tools,busybox
# vm: long=yes root=debian tpm=1 reboot=1 mem=1536 timeout=900 packages=dracut
# vm-files: tests/vm/guest/measured.sh:/vm/ tests/vm/guest/initramfs.sh:/vm/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/measured.sh
. /vm/measured.sh

BOOTS=10 KEYS=3 POLICY=/etc/ima/ima-policy
DROPIN=/etc/systemd/system/diglimd.service.d

set_up()
{
	measured_machine
	mkdir -p /etc/ima
	printf '# mine\ndont_measure fsmagic=0x01021994\n' >$POLICY
	cp $POLICY /root/policy
	for n in 1 2; do
		check "one more key" diglim key create --name "Other $n" --key "/root/$n.pem" --cert "/root/$n.crt"
		check "added" diglim key add --owner --yes "/root/$n.crt"
	done
	check "a dry run" diglim setup --measure --dry-run
	expect_equal "" "$(diff /root/policy $POLICY; ls -d $DROPIN 2>/dev/null)" "changes nothing"
	check "setup --measure" diglim setup --measure --yes
	expect_equal "$(cat /root/policy)" "$(sed '1,/^# DIGLIM end/d' $POLICY)" "the owner's rules come behind ours"
	check "diglimd's drop-in is there" [ -s $DROPIN/diglimd-gate.conf ]
	measured_boot
}

shuffle()
{
	local file
	mkdir /var/lib/diglim/new
	find /var/lib/diglim/lists -type f | shuf | while read -r file; do cp "$file" /var/lib/diglim/new/; done
	rm -r /var/lib/diglim/lists && mv /var/lib/diglim/new /var/lib/diglim/lists
}

REGISTERS=0,4,9,10,12,13 NONCE=00112233445566778899aabbccddeeff
# judged NAME: evidence of now, and the word on it
judged()
{
	diglim attest quote "/root/$1" --ak /root/ak.pem --nonce $NONCE --pcrs $REGISTERS --log /run/diglim/measure.log --ima $IMA >/dev/null || return
	diglim attest verify "/root/$1" --ak /root/ak.pem --nonce $NONCE --pcrs $REGISTERS --values /root/honest/pcrs.json | sed "s/^.*$1: //"
}

violation()
{
	local state=/run/diglim/measured/000001-state before
	before=$(entries)
	check "an attestation key" diglim attest key create /root/ak.pem --ak
	expect_equal attested "$(judged honest)" "evidence with IMA's list"
	exec 3>>$state && cat $state >/dev/null && exec 3>&-
	check "IMA notes a violation" test "$(ima_log | jq -r '.logs[0].entries[-1].violation')" = true
	expect_equal "$before $state" "$(entries)" "of the file that is read and written, not the record of it, and nothing else"
	expect_equal "$(pcr 10)" "$(ima_log | jq -r '.logs[0].value.sha256')" "IMA's list leads to register 10 all the same"
	expect_equal yes "$(judged violated | grep -q 'refused: .*: a violation$' && echo yes)" "attest verify refuses it"
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
	as_predicted "another set of packages" $KEYS
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
	as_predicted "boot $VM_BOOT" $KEYS
	echo "registers of boot $VM_BOOT: $(pcr 10) $(pcr 13)"
	[ "$VM_BOOT" != 2 ] || violation
	shuffle
	[ "$VM_BOOT" != $((BOOTS + 1)) ] || unknown
	boot_again "" /vm/initrd
	;;
esac
journalctl -u diglimd -b -o cat --no-pager | tail -n 5
summary
