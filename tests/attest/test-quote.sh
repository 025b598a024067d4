#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Evidence: attested, and each way in which it can be false is refused with its reason.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
RECORD=$DIGLIM_BUILD/tests/attest/seal-record
LOG=$WORK/measure.log
NONCE=00112233445566778899aabbccddeeff
REGISTERS=0,4,9,12,13
tpm_start

quote() { run 0 attest quote "$1" --ak "$WORK/ak.pem" --nonce "${2-$NONCE}" --pcrs "${3-$REGISTERS}" --log "$LOG" --tcti "$TCTI"; }
# verify STATUS DIR [OPTION...]
verify()
{
	local want=$1 dir=$2
	shift 2
	run "$want" attest verify "$dir" --ak "$WORK/ak.pem" --nonce $NONCE --values "$WORK/good.json" --pcrs $REGISTERS "$@"
}
# refused WHY DIR [OPTION...]
refused()
{
	local why=$1
	shift
	verify 1 "$@"
	out_has "refused: .*$why"
}
# alter NAME COMMAND...: a copy of the evidence on which the command is run
alter()
{
	local name=$1
	shift
	rm -rf "${WORK:?}/$name"
	cp -r "$WORK/ev" "$WORK/$name"
	(cd "$WORK/$name" && "$@")
}
# shellcheck disable=SC2317 # alter runs it

run 0 attest key create "$WORK/ak.pem" --ak --public "$WORK/ak.pub" --tcti "$TCTI"
"$RECORD" "$TCTI" 13 "$LOG" state mode enforce || fail "seal-record"
quote "$WORK/ev"
cp "$WORK/ev/pcrs.json" "$WORK/good.json"
verify 0 "$WORK/ev"
out_has '^\[\+\] .*: attested$'

# Another program comes to the same conclusion about the quote.
tpm2_checkquote -u "$WORK/ak.pub" -m "$WORK/ev/quote" -s "$WORK/ev/signature" -q $NONCE >/dev/null ||
	fail "tpm2_checkquote refuses the quote"

# Signed reference values; openssl alone checks the signature, by the envelope's description.
owner_key
run 0 attest export --reference --values "$WORK/good.json" --key "$WORK/key.pem" --cert "$WORK/cert.pem"
cp "$WORK/out" "$WORK/signed.json"
jq -r .payload "$WORK/signed.json" | base64 -d >"$WORK/payload"
type=$(jq -r .payloadType "$WORK/signed.json")
printf 'DSSEv1 %d %s %d %s' ${#type} "$type" "$(stat -c %s "$WORK/payload")" "$(cat "$WORK/payload")" >"$WORK/encoded"
jq -r '.signatures[0].sig' "$WORK/signed.json" | base64 -d >"$WORK/sig"
openssl x509 -in "$WORK/cert.pem" -pubkey -noout >"$WORK/owner.pub"
openssl dgst -sha256 -verify "$WORK/owner.pub" -signature "$WORK/sig" "$WORK/encoded" >/dev/null || fail "another program does not take the signature"
signed() { run "$1" attest verify "$WORK/ev" --ak "$WORK/ak.pem" --nonce $NONCE --pcrs $REGISTERS --values "$WORK/$2" "${@:3}"; }
signed 0 signed.json --signer "$WORK/cert.pem"
signed 2 signed.json
err_has 'it is signed: --signer says by whom'
signed 2 good.json --signer "$WORK/cert.pem"
err_has 'it is not signed'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/ec.key" -out "$WORK/ec.crt" -days 30 -subj /CN=Other \
	-addext keyUsage=digitalSignature 2>/dev/null
signed 2 signed.json --signer "$WORK/ec.crt"
err_has 'not signed by the one'
run 0 attest export --reference --values "$WORK/good.json" --key "$WORK/ec.key" --cert "$WORK/ec.crt"
cp "$WORK/out" "$WORK/ec.json"
signed 0 ec.json --signer "$WORK/ec.crt"
jq --arg p "$(printf '{"pcrs":{"sha256":{"13":["%064d"]}}}' 0 | base64 -w 0)" '.payload = $p' "$WORK/ec.json" >"$WORK/forged.json"
signed 2 forged.json --signer "$WORK/ec.crt"
err_has 'not signed by the one'
jq '.signatures = []' "$WORK/ec.json" >"$WORK/bare.json"
signed 2 bare.json --signer "$WORK/ec.crt"
jq '.payloadType = "other"' "$WORK/ec.json" >"$WORK/other.json"
signed 2 other.json --signer "$WORK/ec.crt"
err_has 'no signed reference values'

# Forged in transit.
alter x flip quote 60; refused 'signature is not' "$WORK/x"
alter x flip signature 40; refused 'signature' "$WORK/x"
alter x truncate -s 20 signature; refused 'malformed signature' "$WORK/x"
alter x sed -i 's/"13": *\[/"13":["'"$(printf '%064d' 0)"'",/' pcrs.json; refused 'not one value|values of register' "$WORK/x"
alter x sed -i "s/$(pcr 13)/$(printf '%064d' 0)/" pcrs.json; refused 'not those that were quoted' "$WORK/x"
alter x rm measure.log; refused 'no event log' "$WORK/x"
alter x cp /dev/null measure.log; refused 'does not lead to' "$WORK/x"
alter x sed -i 's/enforce/enforcf/' measure.log; refused 'not that of its text' "$WORK/x"
alter x sed -i p measure.log; refused 'does not lead to' "$WORK/x"
# Old nonce, wrong registers, another machine's key, a key that is no attestation key.
quote "$WORK/old" 00
refused 'not for this nonce' "$WORK/old"
quote "$WORK/few" $NONCE 0,4,13
refused 'lacks registers' "$WORK/few"
run 2 attest verify "$WORK/few" --ak "$WORK/ak.pem" --nonce $NONCE --values "$WORK/good.json" --pcrs 0,4,13
err_has 'another system could extend register 13 alike'
tpm2_createprimary -Q -C o -c "$WORK/prim.ctx"
tpm2_create -Q -C "$WORK/prim.ctx" -G ecc256:ecdsa-sha256:null -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign|noda' \
	-u "$WORK/plain.pub" -r "$WORK/plain.priv"
refused 'no attestation key' "$WORK/ev" --ak "$WORK/plain.pub"
tpm2_flushcontext -t
tpm2_create -Q -C "$WORK/prim.ctx" -G ecc256:ecdsa-sha256:null -u "$WORK/other.pub" -r "$WORK/other.priv" \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign|noda|restricted'
refused 'signature is not' "$WORK/ev" --ak "$WORK/other.pub"
tpm2_flushcontext -t 2>/dev/null
# What an attestation key has signed, with the right nonce, and is not a quote of the right bank.
tpm2_load -Q -C "$WORK/prim.ctx" -u "$WORK/other.pub" -r "$WORK/other.priv" -c "$WORK/other.ctx"
tpm2_flushcontext -t
# answered COMMAND...: evidence with its quote and signature
answered() { rm -rf "$WORK/x" && cp -r "$WORK/ev" "$WORK/x" && "$@" -m "$WORK/x/quote" -s "$WORK/x/signature" >/dev/null && tpm2_flushcontext -t; }
all() { echo "$1:$REGISTERS"; }
answered tpm2_quote -Q -c "$WORK/other.ctx" -q $NONCE -l "$(all sha256)" || fail "no quote"
verify 0 "$WORK/x" --ak "$WORK/other.pub"
answered tpm2_quote -Q -c "$WORK/other.ctx" -q $NONCE -l "$(all sha384)" || fail "no quote of sha384"
refused 'of bank sha384, not sha256' "$WORK/x" --ak "$WORK/other.pub"
answered tpm2_quote -Q -c "$WORK/other.ctx" -q $NONCE -l "$(all sha256)+$(all sha384)" || fail "no quote of two banks"
refused 'not of one bank' "$WORK/x" --ak "$WORK/other.pub"
tpm2_certify -Q -c "$WORK/prim.ctx" -C "$WORK/other.ctx" -g sha256 -o "$WORK/x/quote" -s "$WORK/x/signature" && tpm2_flushcontext -t ||
	fail "certifies nothing"
refused 'not a quote' "$WORK/x" --ak "$WORK/other.pub"
# Bytes as of a quote but for the first, which is all that the TPM lets an attestation key sign from outside.
{ printf 'X' && tail -c +2 "$WORK/ev/quote"; } >"$WORK/x/quote"
tpm2_hash -Q -C o -g sha256 -t "$WORK/ticket" -o "$WORK/digest" "$WORK/x/quote" &&
	tpm2_sign -Q -c "$WORK/other.ctx" -g sha256 -d -t "$WORK/ticket" -o "$WORK/x/signature" "$WORK/digest" && tpm2_flushcontext -t ||
	fail "signs nothing from outside"
refused 'not a quote' "$WORK/x" --ak "$WORK/other.pub"
run 0 attest key create "$WORK/rsa.pem" --ak --rsa --tcti "$TCTI"
mv "$WORK/ak.pem" "$WORK/ecc.pem"; mv "$WORK/rsa.pem" "$WORK/ak.pem"
quote "$WORK/rsa"
verify 0 "$WORK/rsa"
refused 'signature' "$WORK/ev"
mv "$WORK/ecc.pem" "$WORK/ak.pem"
# A register that is not as expected, or of which nothing is known.
tpm2_pcrextend "4:sha256=$(printf '%064d' 1)"
quote "$WORK/boot"
refused 'register 4 has none of the expected' "$WORK/boot"
quote "$WORK/more" $NONCE 0,1,4,9,12,13
refused 'register 1 was quoted, and no value' "$WORK/more"
sed "s/\"4\"/\"22\"/" "$WORK/good.json" >"$WORK/without.json"
run 1 attest verify "$WORK/boot" --ak "$WORK/ak.pem" --nonce $NONCE --values "$WORK/without.json" --pcrs $REGISTERS
out_has 'register 4 was quoted, and no value'
tpm_restart
# A boot of which nothing was measured
: >"$WORK/nothing.log"
LOG=$WORK/nothing.log quote "$WORK/unmeasured"
refused 'nothing was measured into register 13' "$WORK/unmeasured"
# A boot in another mode; then changes that lead to the expected state, and away from it.
rm "$LOG"
"$RECORD" "$TCTI" 13 "$LOG" state mode audit || fail "seal-record"
quote "$WORK/audit"
refused 'its state is none of the expected' "$WORK/audit"
"$RECORD" "$TCTI" 13 "$LOG" change +mode enforce change -mode audit || fail "seal-record"
quote "$WORK/changed"
verify 0 "$WORK/changed"
# The same records in another order, and without the first of them.
# records NUMBER...: of the log, in this order
records() { for n; do sed -n "${n}p" "$LOG"; done; }
cp -r "$WORK/changed" "$WORK/order"
records 1 3 2 >"$WORK/order/measure.log"
refused 'does not lead to register 13' "$WORK/order"
records 2 3 >"$WORK/order/measure.log"
refused 'does not lead to register 13' "$WORK/order"
# An unknown file is named, and nothing brings the register back.
"$RECORD" "$TCTI" 13 "$LOG" unknown file /tmp/evil || fail "seal-record"
quote "$WORK/evil"
refused 'unknown: file /tmp/evil' "$WORK/evil"
head -n -1 "$LOG" >"$WORK/short.log"
LOG=$WORK/short.log quote "$WORK/hidden"
refused 'does not lead to register 13' "$WORK/hidden"
tpm2_pcrreset 23 || fail "register 23 cannot be reset: the next line proves nothing"
tpm2_pcrreset 13 2>"$WORK/err" && fail "register 13 can be reset"
err_has 'locality'
# Nothing there is neither.
run 2 attest verify "$WORK/nothing" --ak "$WORK/ak.pem" --nonce $NONCE --values "$WORK/good.json" --pcrs $REGISTERS
# IMA's list goes with register 10; the register may be that of an earlier moment.
tpm_restart
LOG=$WORK/new.log
"$RECORD" "$TCTI" 13 "$LOG" state mode enforce || fail "seal-record"
list=$DIGLIM_SOURCE/tests/data/attest/ima.ascii-sha256
head -n 3 "$list" | while read -r _ digest _; do tpm2_pcrextend "10:sha256=$digest"; done
head -n 5 "$list" >"$WORK/ima"
ima() { run 0 attest quote "$1" --ak "$WORK/ak.pem" --nonce $NONCE --pcrs $REGISTERS,10 --log "$LOG" --ima "$2" --tcti "$TCTI"; }
ima "$WORK/ima1" "$WORK/ima"
verify 0 "$WORK/ima1"
head -n 2 "$list" >"$WORK/ima"
ima "$WORK/ima2" "$WORK/ima"
refused 'does not lead to register 10' "$WORK/ima2"
ima "$WORK/ima3" "$list"
refused 'entry 7: a violation' "$WORK/ima3"
rm "$WORK/ima1/ima.log"
refused 'without IMA.s list' "$WORK/ima1"
# Nobody knows what ran while events were lost.
"$RECORD" "$TCTI" 13 "$LOG" poison reason lost-events || fail "seal-record"
quote "$WORK/lost"
refused 'poison: reason lost-events' "$WORK/lost"
finish
