#!/bin/bash
# One machine, booted over and over, with a TLS server whose key is in its TPM. The seal register is what predict
# says, whatever starts in which order; the server answers after an update that was approved before, with the same
# key and certificate; and not after a boot with diglim=off or another command line, although root gives the
# register the value that was approved: the firmware has measured the command line.
# vm: long=yes root=debian tpm=1 uefi=1 reboot=1 mem=1536 timeout=600 packages=tpm2-openssl
# vm-files: tests/vm/guest/tls.sh:/vm/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/tls.sh
. /vm/tls.sh

# Boots with the same lists in another order; what the firmware and the kernel's stub measure.
SHUFFLED=10 BOOT_REGISTERS=0,2,4,7,9 NONCE=00112233445566778899aabbccddeeff
LOG=/run/diglim/measure.log KEPT=/root/measure.log IMA=/sys/kernel/security/ima/binary_runtime_measurements
pcr() { tpm2_pcrread "sha256:$1" | sed -n 's/.*0x//p' | tr 'A-F' 'a-f' | paste -sd,; }
# shellcheck disable=SC2317 # called by soon and check, as several below
is() { [ "$(pcr 13)" = "$1" ]; }
# shellcheck disable=SC2317
is_not() { [ "$(pcr 13)" != "$1" ]; }
good() { jq -r '.pcrs.sha256."13"[0]' "/root/$1.json"; }
# measured GOOD: register 13 holds it soon, or what there is instead is told
# shellcheck disable=SC2317
measured()
{
	soon is "$1" && return
	echo "register 13: $(pcr 13), not $1"
	pgrep -ax diglimd || echo "no diglimd"
	tail -n 5 /tmp/diglimd.log
	diglim attest log /run/diglim/measure.log
	return 1
}
# shellcheck disable=SC2317
approve()
{
	diglim attest key approve /root/keys/tls.pem --values /root/boot/pcrs.json --values "/root/$1.json" \
		--pcrs "$BOOT_REGISTERS,13" --key /root/approver.key --cert /root/approver.crt --name "$1"
}
# shellcheck disable=SC2317
ima_replays() { [ "$(diglim attest log --json "$IMA" | jq -r '.logs[0].value.sha256')" = "$(pcr 10)" ]; }

answers() { check "$1: the server answers" tls_handshake; }
# refuses NAME: for the reason that the TPM gives
refuses()
{
	if tls_handshake; then fail "$1: no handshake"; else ok "$1: no handshake"; fi
	check "$1: since the policy is not met" grep -qiE 'policy|tpm:session' $TLS_LOG
}
# verdict LOG: what a verifier says of this boot with this log
verdict()
{
	local dir=/root/evidence$VM_BOOT
	jq 'del(.pcrs.sha256."13")' /root/boot/pcrs.json >/root/boot.json
	diglim attest quote "$dir" --ak /root/ak.pem --nonce $NONCE --pcrs "$BOOT_REGISTERS,13" --log "$1" >/dev/null || return
	diglim attest verify "$dir" --ak /root/ak.pem --nonce $NONCE --values /root/boot.json --values /root/second.json \
		--pcrs "$BOOT_REGISTERS,13" | sed 's/^.*evidence[0-9]*: //'
}
# foreign NAME LOG: the verifier refuses it for its boot registers
foreign()
{
	local said
	said=$(verdict "$2")
	echo "# $1: $said"
	check "$1: attest verify names a boot register" grep -qE '^refused: register [0-9] has none of the expected values' <<<"$said"
}
unknown() { mkdir -p /opt/u && cp /usr/bin/true "$1" && printf 'x%s' "$1" >>"$1"; }

# start_up: the machine's programs, DIGLIM and its daemon, in an order of this boot's own
start_up()
{
	local program
	for program in $(shuf -n 20 -e /usr/bin/{id,ls,cat,jq,awk,sed,grep,sort,stat,find,date,head,tail,wc,cut,tr,env,nproc,sync,uname}); do
		timeout 5 "$program" --version >/dev/null 2>&1 &
		[ "$program" != /usr/bin/jq ] || diglimd >>/tmp/diglimd.log 2>&1 &
	done
	check "attach" diglim attach
	pgrep -x diglimd >/dev/null || { diglimd >>/tmp/diglimd.log 2>&1 & }
}

set_up()
{
	check "a CA and an approver" tls_authorities
	mkdir -p /etc/diglim
	printf '[attest]\nregister = 13\n' >/etc/diglim/diglim.conf
	check "the machine's own files are vouched for" machine_vouch
	for n in $(seq 9); do
		unknown "/opt/u/own$n"
		owner_sign "own$n" "/opt/u/own$n" >/dev/null
	done
	# Firmware and kernel of the next boots are these, the command line is not.
	boot_again ""
}

create()
{
	: >/tmp/no.log
	check "a key of the TPM" diglim attest key create /root/keys/tls.pem --approver /root/approver.crt \
		--public /root/tls.pub --plain /root/tls.plain
	check "an attestation key" diglim attest key create /root/ak.pem --ak
	check "the boot registers" diglim attest quote /root/boot --ak /root/ak.pem --nonce 00 --pcrs "$BOOT_REGISTERS,13" --log /tmp/no.log
	diglim attest predict --json >/root/first.json
	check "approve this boot with what is predicted" approve first
	check "a certificate" tls_certificate
	start_up
	check "the register is what predict says" measured "$(good first)"
	check "a server" tls_serve
	answers "first"
	unknown /opt/u/unknown
	check "an unknown program runs" /opt/u/unknown
	check "and is measured" soon is_not "$(good first)"
	refuses "an unknown program"
	boot_again ""
}

# The same lists, made anew in the directory in another order
shuffled()
{
	local file
	mkdir /etc/diglim/new
	find /etc/diglim/lists.d -type f | shuf | while read -r file; do cp "$file" /etc/diglim/new/; done
	rm -r /etc/diglim/lists.d && mv /etc/diglim/new /etc/diglim/lists.d
	start_up
	check "boot $VM_BOOT: the register is what predict says" measured "$(good first)"
	check "boot $VM_BOOT: IMA's list leads to its register" ima_replays
	if [ "$VM_BOOT" = 3 ] || [ "$VM_BOOT" = $((SHUFFLED + 2)) ]; then
		check "a server" tls_serve
		answers "the same state"
	fi
	boot_again ""
}

update()
{
	start_up
	check "the register is what predict says" measured "$(good first)"
	# Before it is loaded: what the change makes of the register, and what the next boot will.
	unknown /opt/u/update
	owner_sign update /opt/u/update >/dev/null
	diglim attest predict --after $LOG --json >/root/both.json
	jq '{pcrs: .after}' /root/both.json >/root/changed.json
	diglim attest predict --json >/root/second.json
	check "approve the change" approve changed
	check "approve the next boot" approve second
	check "a server" tls_serve
	answers "before the update"
	check "update" diglim load /etc/diglim/lists.d/update
	check "the register is what was predicted" soon is "$(jq -r '.pcrs.sha256."13"[0]' /root/changed.json)"
	answers "after the update, before the next boot"
	boot_again ""
}

updated()
{
	start_up
	check "the register is what was predicted for this boot" measured "$(good second)"
	check "a server" tls_serve
	answers "after the update and a boot"
	cp $LOG $KEPT
	pcr $BOOT_REGISTERS >/root/registers
	boot_again "diglim=off"
}

# Root has the log of a good boot, and the TPM.
off()
{
	check "the log of a good boot" [ -s $KEPT ]
	tr -d '\036' <$KEPT | jq -r '.digests[] | select(.hashAlg == "sha256").digest' | while read -r digest; do
		tpm2_pcrextend "13:sha256=$digest"
	done
	check "replayed: the register has the approved value" is "$(good second)"
	check "without DIGLIM" [ ! -e /sys/fs/bpf/diglim ]
	expect_equal no "$([ "$(pcr $BOOT_REGISTERS)" = "$(cat /root/registers)" ] || echo no)" "diglim=off: the boot registers differ"
	check "a server" tls_serve
	refuses "replayed after diglim=off"
	foreign "replayed after diglim=off" $KEPT
	boot_again "loglevel=3"
}

other_line()
{
	start_up
	check "another command line: the register is right" measured "$(good second)"
	check "a server" tls_serve
	refuses "another command line"
	foreign "another command line" $LOG
	boot_again ""
}

back()
{
	start_up
	check "the register is right again" measured "$(good second)"
	expect_equal "$(cat /root/registers)" "$(pcr $BOOT_REGISTERS)" "and so are the boot registers"
	check "a server" tls_serve
	answers "as it was approved"
	expect_equal attested "$(verdict $LOG)" "and attest verify finds it good"
}

case $VM_BOOT in
1) set_up ;;
2) create ;;
$((SHUFFLED + 3))) update ;;
$((SHUFFLED + 4))) updated ;;
$((SHUFFLED + 5))) off ;;
$((SHUFFLED + 6))) other_line ;;
$((SHUFFLED + 7))) back ;;
*) shuffled ;;
esac
tail -n 5 /tmp/diglimd.log
summary
