#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys with a policy: what we write is what tpm2-tools compute, the TPM takes it, and no way around it is left.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
RECORD=$DIGLIM_BUILD/tests/attest/seal-record
REGISTERS=0,4,9,12,13
tpm_start
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/p256.key" -out "$WORK/p256.crt" \
	-subj /CN=approver -days 30 2>/dev/null || fail "no key of P-256"
"$RECORD" "$TCTI" 13 "$WORK/log" state mode enforce || fail "seal-record"
run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
run 0 attest quote "$WORK/ev" --ak "$WORK/ak.pem" --nonce 00 --pcrs $REGISTERS --log "$WORK/log" --tcti "$TCTI"
VALUES=$WORK/ev/pcrs.json

# part NAME FILE: the OCTET STRING of a key file: the last but one is public, the last private
part()
{
	local at
	at=$(openssl asn1parse -in "$2" -inform PEM | awk -F: '/OCTET STRING/ { print $1 + 0 }' | tail -n 2)
	[ "$1" = public ] && at=$(echo "$at" | head -n 1) || at=$(echo "$at" | tail -n 1)
	openssl asn1parse -in "$2" -inform PEM | awk -F: -v at="$at" '$1 + 0 == at { print $NF }' | unhex >"$WORK/$1"
}
unhex() { tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf; }

# Signs with tpm2-tools under the policy of the session; the status is that of tpm2_sign.
load_key()
{
	part public "$1"; part private "$1"
	tpm2_createprimary -Q -C o -g sha256 -G ecc256 -c "$WORK/prim.ctx" \
		-a 'restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda' || return
	tpm2_load -Q -C "$WORK/prim.ctx" -u "$WORK/public" -r "$WORK/private" -c "$WORK/key.ctx" && tpm2_flushcontext -t
}
flush() { tpm2_flushcontext -t; tpm2_flushcontext -s; tpm2_flushcontext -l; } 2>/dev/null >&2

# Frozen to values.
run 0 attest key create "$WORK/frozen.pem" --values "$VALUES" --pcrs $REGISTERS --tcti "$TCTI" --public "$WORK/frozen.pub" --json
tpm2_createpolicy -Q --policy-pcr -l sha256:$REGISTERS -L "$WORK/pcr.policy"
json "d['policy'] == '$(od -An -v -tx1 "$WORK/pcr.policy" | tr -d ' \n')'"
run 0 attest key list "$WORK/frozen.pem"
out_has "Registers: +$REGISTERS"
load_key "$WORK/frozen.pem" || fail "tpm2_load does not take the key"
echo text >"$WORK/text"
tpm2_sign -Q -c "$WORK/key.ctx" -g sha256 -s ecdsa -f plain -o "$WORK/sig" "$WORK/text" 2>/dev/null &&
	fail "the key signs with a password"
tpm2_startauthsession -S "$WORK/s" --policy-session
tpm2_policypcr -Q -S "$WORK/s" -l sha256:$REGISTERS
tpm2_sign -Q -c "$WORK/key.ctx" -p "session:$WORK/s" -g sha256 -s ecdsa -f plain -o "$WORK/sig" "$WORK/text" || fail "the key does not sign"
openssl dgst -sha256 -verify "$WORK/frozen.pub" -signature "$WORK/sig" "$WORK/text" >/dev/null || fail "not the signature of the key"
flush
# The state is asked for when it signs, not when the session began.
tpm2_startauthsession -S "$WORK/s" --policy-session
tpm2_policypcr -Q -S "$WORK/s" -l sha256:$REGISTERS
tpm2_pcrextend "10:sha256=$(printf '%064d' 1)"
tpm2_sign -Q -c "$WORK/key.ctx" -p "session:$WORK/s" -g sha256 -s ecdsa -f plain -o "$WORK/sig" "$WORK/text" 2>"$WORK/err" &&
	fail "a session from before an extend signs"
err_has '0x128|PCR have changed'
flush
# Power cuts must not lock anything.
echo secret | "$DIGLIM" attest secret seal "$WORK/secret.pem" --approver "$WORK/p256.crt" --tcti "$TCTI" >/dev/null || fail "no secret"
for file in frozen ak secret; do
	load_key "$WORK/$file.pem" || fail "tpm2_load does not take $file.pem"
	tpm2_readpublic -c "$WORK/key.ctx" 2>/dev/null | grep -q noda || fail "$file.pem counts in the lockout"
	flush
done
run 2 attest key create "$WORK/never.pem" --values "$VALUES" --pcrs $REGISTERS,23 --tcti "$TCTI"
err_has 'can be reset'

# A key that this TPM cannot check would never approve anything.
openssl req -x509 -newkey rsa:4096 -nodes -keyout "$WORK/4096.key" -out "$WORK/4096.crt" -subj /CN=large -days 30 2>/dev/null
run 2 attest key create "$WORK/never.pem" --approver "$WORK/4096.crt" --tcti "$TCTI"
err_has 'take one of ECC P-256 or RSA-2048'
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/rsa.key" -out "$WORK/rsa.crt" -subj /CN=approver -days 30 2>/dev/null ||
	fail "no RSA key"
# Approved: the policy is that of the approver's key, whatever is approved later.
for approver in rsa.key:rsa.crt p256.key:p256.crt; do
	key=$WORK/${approver%:*} cert=$WORK/${approver#*:} file=$WORK/approved-${approver%%.*}.pem
	run 0 attest key create "$file" --approver "$cert" --tcti "$TCTI" --json
	policy=$(sed -n 's/.*"policy": *"\([0-9a-f]*\)".*/\1/p' "$WORK/out")
	run 0 attest key approve "$file" --values "$VALUES" --pcrs $REGISTERS --key "$key" --cert "$cert" --name first
	run 0 attest key list "$file"
	out_has '^\[\+\] approval first'
	# The TPM comes to the same digest. tpm2-tools write the exponent of RSA in another way, which is another name.
	[ "${approver%%.*}" = p256 ] || continue
	openssl x509 -in "$cert" -pubkey -noout >"$WORK/approver.pub"
	tpm2_loadexternal -Q -C o -G ecc -u "$WORK/approver.pub" -c "$WORK/approver.ctx" -n "$WORK/approver.name" -a 'sign|userwithauth'
	tpm2_startauthsession -S "$WORK/s"
	tpm2_policyauthorize -Q -S "$WORK/s" -L "$WORK/authorize.policy" -n "$WORK/approver.name" -i "$WORK/pcr.policy" \
		-q "$(printf 'diglim attest 1' | od -An -v -tx1 | tr -d ' \n')"
	[ "$(od -An -v -tx1 "$WORK/authorize.policy" | tr -d ' \n')" = "$policy" ] || fail "tpm2_policyauthorize: another policy ($approver)"
	flush
done
run 2 attest key approve "$WORK/approved-rsa.pem" --values "$VALUES" --pcrs $REGISTERS --key "$WORK/p256.key" --cert "$WORK/p256.crt"
err_has 'not the approver that the key asks for'
run 2 attest key approve "$WORK/approved-p256.pem" --values "$VALUES" --pcrs 0,4,8,13 --key "$WORK/p256.key" --cert "$WORK/p256.crt"
err_has 'register 8 has no value'

# What a policy must cover, and what a file may not say.
run 2 attest key create "$WORK/bad.pem" --values "$VALUES" --pcrs 13 --tcti "$TCTI"
err_has 'register 4, of the boot loader'
run 2 attest key create "$WORK/bad.pem" --values "$VALUES" --pcrs 4,13 --tcti "$TCTI"
err_has 'another system could extend register 13 alike'
run 2 attest key create "$WORK/bad.pem" --values "$VALUES" --pcrs 0,4,9 --tcti "$TCTI"
err_has 'register 13, of the lists'
[ ! -e "$WORK/bad.pem" ] || fail "a key without a good policy was made"
run 2 attest key create "$WORK/frozen.pem" --values "$VALUES" --pcrs $REGISTERS --tcti "$TCTI"
err_has 'frozen.pem'
finish
