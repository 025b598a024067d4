#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# openssl_tpm2_engine, which executes the policies that stand in a key file: it signs with our keys as long as the registers
# hold what was approved, and we read what it writes. Takes that engine: installed, or its build directory in OPENSSL_ENGINES
# and its tools in PATH. It finds a TPM at swtpm's own port only.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
openssl engine tpm2 >/dev/null 2>&1 && command -v signed_tpm2_policy >/dev/null || skip "no openssl_tpm2_engine here"
RECORD=$DIGLIM_BUILD/tests/attest/seal-record
REGISTERS=0,4,9,12,13
TPM_PORT=2321 tpm_start
export TPM_INTERFACE_TYPE=socsim
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/ec.key" -out "$WORK/ec.crt" \
	-subj /CN=approver -days 30 2>/dev/null || fail "no approver with P-256"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/rsa.key" -out "$WORK/rsa.crt" -subj /CN=approver -days 30 2>/dev/null ||
	fail "no approver with RSA"
"$RECORD" "$TCTI" 13 "$WORK/log" state mode enforce || fail "seal-record"
run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
run 0 attest quote "$WORK/ev" --ak "$WORK/ak.pem" --nonce 00 --pcrs $REGISTERS --log "$WORK/log" --tcti "$TCTI"
VALUES=$WORK/ev/pcrs.json
echo text >"$WORK/text"
openssl dgst -sha256 -binary "$WORK/text" >"$WORK/digest"

flush() { tpm2_flushcontext -t; tpm2_flushcontext -s; tpm2_flushcontext -l; } 2>/dev/null >&2
# signs COMMAND...: and the signature is that of $WORK/NAME.pub, the first argument
signs()
{
	local name=$1
	shift
	rm -f "$WORK/sig"
	timeout 60 "$@" -in "$WORK/digest" -out "$WORK/sig" >"$WORK/engine.log" 2>&1
	flush
	[ -s "$WORK/sig" ] && openssl pkeyutl -verify -pubin -inkey "$WORK/$name.pub" -in "$WORK/digest" -sigfile "$WORK/sig" >/dev/null
}
# engine NAME: SWTPM tells it which kind of simulator; here it is a number, which does as well.
engine() { SWTPM=1 signs "$1" openssl pkeyutl -sign -engine tpm2 -keyform engine -inkey "$WORK/$1.pem"; }
log_has() { grep -q "$1" "$WORK/engine.log" || fail "the engine says nothing of '$1': $(cat "$WORK/engine.log")"; }

run 0 attest key create "$WORK/frozen.pem" --values "$VALUES" --pcrs $REGISTERS --tcti "$TCTI" --public "$WORK/frozen.pub"
engine frozen || fail "frozen: $(cat "$WORK/engine.log")"
for approver in ec rsa; do
	file=$WORK/$approver.pem
	run 0 attest key create "$file" --approver "$WORK/$approver.crt" --tcti "$TCTI" --public "$WORK/$approver.pub"
	engine $approver && fail "$approver: signs without an approval"
	run 0 attest key approve "$file" --values "$VALUES" --pcrs $REGISTERS --key "$WORK/$approver.key" --cert "$WORK/$approver.crt" --name first
	engine $approver || fail "$approver: $(cat "$WORK/engine.log")"
	log_has 'first'
	signed_tpm2_policy ls "$file" >"$WORK/ls" && grep -q first "$WORK/ls" || fail "signed_tpm2_policy: $(cat "$WORK/ls")"
done

# The other way: a key of theirs, approved by theirs.
openssl pkey -in "$WORK/ec.key" -pubout -out "$WORK/approver.pub"
{
	SWTPM=1 create_tpm2_key -e prime256v1 --signed-policy "$WORK/approver.pub" "$WORK/theirs.pem" &&
		SWTPM=1 signed_tpm2_policy add --policy-name theirs --pcr-lock 13 "$WORK/theirs.pem" "$WORK/ec.key"
} >"$WORK/engine.log" 2>&1 || fail "their key: $(cat "$WORK/engine.log")"
flush
run 0 attest key list "$WORK/theirs.pem"
out_has '^\[\+\] approval theirs'
out_has 'Registers: +13'

"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
for key in frozen ec rsa; do
	engine $key && fail "$key: signs after an unknown file was used"
	log_has 'PCR Mismatch'
done
finish
