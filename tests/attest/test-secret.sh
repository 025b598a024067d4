#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Secrets: given out in the approved state and in no other, whatever happens to the file.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
REGISTERS=0,4,9,12,13
tpm_start

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/approver.key" -out "$WORK/approver.crt" -days 30 \
	-subj /CN=Approver -addext keyUsage=digitalSignature 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/rsa.key" -out "$WORK/rsa.crt" -days 30 -subj /CN=Other \
	-addext keyUsage=digitalSignature 2>/dev/null
head -c 32 /dev/urandom >"$WORK/secret"
printf 'line\0\n' >>"$WORK/secret"

# seal STATUS FROM FILE OPTION...
seal()
{
	local want=$1 from=$2 status=0
	shift 2
	"$DIGLIM" attest secret seal "$@" --tcti "$TCTI" <"$from" >"$WORK/out" 2>"$WORK/err" || status=$?
	[ $status = "$want" ] || fail "seal $*: status $status: $(cat "$WORK/err")"
}
# gives FILE, refuses FILE
gives()
{
	run 0 attest secret open "$1" --tcti "$TCTI"
	cmp -s "$WORK/out" "$WORK/secret" || fail "$1: another secret"
}
refuses()
{
	run 1 attest secret open "$1" --tcti "$TCTI"
	err_has 'no approved state'
	[ ! -s "$WORK/out" ] || fail "$1: something came out"
}
approve() { run 0 attest key approve "$1" --values "$2" --pcrs $REGISTERS --key "${4-$WORK/approver.key}" --cert "${5-$WORK/approver.crt}" --name "$3"; }

run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
: >"$WORK/empty.log"
values() { run 0 attest quote "$WORK/$1" --ak "$WORK/ak.pem" --nonce 00 --pcrs $REGISTERS --log "$WORK/empty.log" --tcti "$TCTI"; }
values now
seal 0 "$WORK/secret" "$WORK/fixed.pem" --values "$WORK/now/pcrs.json" --pcrs $REGISTERS
seal 0 "$WORK/secret" "$WORK/approved.pem" --approver "$WORK/approver.crt"
seal 0 "$WORK/secret" "$WORK/by-rsa.pem" --approver "$WORK/rsa.crt"
grep -q 'TSS2 PRIVATE KEY' "$WORK/fixed.pem" || fail "another kind of file"
[ "$(stat -c %a "$WORK/fixed.pem")" = 600 ] || fail "others may read the file"
gives "$WORK/fixed.pem"
refuses "$WORK/approved.pem"
approve "$WORK/approved.pem" "$WORK/now/pcrs.json" now
gives "$WORK/approved.pem"
approve "$WORK/by-rsa.pem" "$WORK/now/pcrs.json" now "$WORK/rsa.key" "$WORK/rsa.crt"
gives "$WORK/by-rsa.pem"
run 0 attest secret open "$WORK/fixed.pem" --tcti "$TCTI" --json
json "bytes.fromhex(d['secret']) == open('$WORK/secret', 'rb').read()"
# The approval of another secret is one for the same state and approver; of another approver it is none.
run 2 attest key approve "$WORK/approved.pem" --values "$WORK/now/pcrs.json" --pcrs $REGISTERS --key "$WORK/rsa.key" --cert "$WORK/rsa.crt" --name x
# Another state; one that was approved before it came; the state before is gone for good.
tpm2_pcrextend "13:sha256=$(printf '%064d' 1)"
refuses "$WORK/fixed.pem"
refuses "$WORK/approved.pem"
values next
approve "$WORK/approved.pem" "$WORK/next/pcrs.json" next
gives "$WORK/approved.pem"
refuses "$WORK/fixed.pem"
# A register that is none of the policy's does not matter.
tpm2_pcrextend "10:sha256=$(printf '%064d' 1)"
gives "$WORK/approved.pem"
tpm_restart
gives "$WORK/fixed.pem"
gives "$WORK/approved.pem"
# Registers that change all the time only make it take longer.
while tpm2_pcrextend "10:sha256=$(printf '%064d' 1)" 2>/dev/null; do :; done &
busy=$!
gives "$WORK/approved.pem"
kill $busy && wait $busy 2>/dev/null
# Without its policy, and by other means, the TPM does not give it out either.
openssl asn1parse -in "$WORK/fixed.pem" >"$WORK/asn1" 2>/dev/null
grep -q '2.23.133.10.1.5' "$WORK/asn1" || fail "not marked as a secret"
# A key is no secret, a secret no key, another TPM has neither.
run 2 attest secret open "$WORK/ak.pem" --tcti "$TCTI"
err_has 'a key, not a secret'
run 2 attest quote "$WORK/x" --ak "$WORK/fixed.pem" --nonce 00 --pcrs $REGISTERS --log "$WORK/empty.log" --tcti "$TCTI"
tpm_stop && rm -rf "$WORK/tpm" && tpm_start
run 2 attest secret open "$WORK/fixed.pem" --tcti "$TCTI"
err_has 'loading the key: .*integrity'
[ ! -s "$WORK/out" ] || fail "another TPM gives it out"
# What cannot be a secret, and what is there already.
seal 2 /dev/null "$WORK/none.pem" --approver "$WORK/approver.crt"
err_has '1 to 128'
head -c 129 /dev/zero >"$WORK/long"
seal 2 "$WORK/long" "$WORK/none.pem" --approver "$WORK/approver.crt"
err_has '1 to 128'
[ ! -e "$WORK/none.pem" ] || fail "a file all the same"
seal 2 "$WORK/secret" "$WORK/fixed.pem" --approver "$WORK/approver.crt"
seal 2 "$WORK/secret" "$WORK/new.pem" --values "$WORK/now/pcrs.json" --pcrs 13
err_has 'register 4, of the boot loader, is not covered'
finish
