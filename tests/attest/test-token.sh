#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# LUKS2 tokens: what is written is read again as the same secret, and what a key file cannot say, or lies, is refused.
# With systemd's own tools: test-token-systemd.sh.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
command -v jq >/dev/null || skip "no jq here"
REGISTERS=0-9,12,13
tpm_start

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/rsa.key" -out "$WORK/rsa.crt" -days 30 -subj /CN=Approver \
	-addext keyUsage=digitalSignature 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/ec.key" -out "$WORK/ec.crt" -days 30 \
	-subj /CN=Other -addext keyUsage=digitalSignature 2>/dev/null
head -c 32 /dev/urandom >"$WORK/secret"

# seal STATUS FILE OPTION...
seal()
{
	local want=$1 status=0
	shift
	"$DIGLIM" attest secret seal "$@" --tcti "$TCTI" <"$WORK/secret" >"$WORK/out" 2>"$WORK/err" || status=$?
	[ $status = "$want" ] || fail "seal $*: status $status: $(cat "$WORK/err")"
}
gives()
{
	run 0 attest secret open "$1" --tcti "$TCTI"
	cmp -s "$WORK/out" "$WORK/secret" || fail "$1: another secret"
}
refuses() { run 1 attest secret open "$1" --tcti "$TCTI"; }
approve() { run 0 attest key approve "$1" --values "$WORK/$2/pcrs.json" --key "$WORK/rsa.key" --cert "$WORK/rsa.crt" --name "$2"; }

run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
: >"$WORK/empty.log"
values() { run 0 attest quote "$WORK/$1" --ak "$WORK/ak.pem" --nonce 00 --pcrs $REGISTERS --log "$WORK/empty.log" --tcti "$TCTI"; }
values now

seal 0 "$WORK/approved.pem" --approver "$WORK/rsa.crt" --token "$WORK/approved.json"
seal 0 "$WORK/fixed.pem" --values "$WORK/now/pcrs.json" --token "$WORK/fixed.json"
[ "$(stat -c %a "$WORK/approved.json")" = 600 ] || fail "others may read the token"
[ "$(jq -c '[.type, .keyslots, .["tpm2-pcrs"], .tpm2_pubkey_pcrs, .["tpm2-pin"], .["tpm2-primary-alg"]]' "$WORK/approved.json")" = \
	'["systemd-tpm2",[],[],[0,1,2,3,4,5,6,7,8,9,12,13],false,"ecc"]' ] || fail "token: $(cat "$WORK/approved.json")"
gives "$WORK/fixed.pem"
refuses "$WORK/approved.pem"

# The token is the secret, too.
"$DIGLIM" attest secret import "$WORK/from.pem" --token - <"$WORK/approved.json" >"$WORK/out" || fail "not from standard input"
out_has '0,1,2,3,4,5,6,7,8,9,12,13'
run 0 attest secret import "$WORK/from-fixed.pem" --token "$WORK/fixed.json" --values "$WORK/now/pcrs.json"
gives "$WORK/from-fixed.pem"
approve "$WORK/from.pem" now
gives "$WORK/from.pem"
run 0 attest key list "$WORK/from.pem"
out_has '^Algorithm: +sealed'
out_has 'approval now'
# An approval in systemd's form: who signed it, over what.
run 0 attest secret signatures "$WORK/from.pem"
cp "$WORK/out" "$WORK/signatures.json"
[ "$(jq -c '[keys, (.sha256 | length), .sha256[0].pcrs]' "$WORK/signatures.json")" = '[["sha256"],1,[0,1,2,3,4,5,6,7,8,9,12,13]]' ] ||
	fail "signatures: $(cat "$WORK/signatures.json")"
openssl x509 -in "$WORK/rsa.crt" -pubkey -noout >"$WORK/rsa.pub"
[ "$(jq -r '.sha256[0].pkfp' "$WORK/signatures.json")" = \
	"$(openssl rsa -pubin -in "$WORK/rsa.pub" -RSAPublicKey_out -outform DER 2>/dev/null | sha256sum | cut -c1-64)" ] || fail "fingerprint"
jq -r '.sha256[0].sig' "$WORK/signatures.json" | base64 -d >"$WORK/sig"
jq -r '.sha256[0].pol' "$WORK/signatures.json" | xxd -r -p >"$WORK/pol"
openssl dgst -sha256 -verify "$WORK/rsa.pub" -signature "$WORK/sig" "$WORK/pol" >/dev/null || fail "signature"
run 0 attest secret signatures "$WORK/approved.pem"
[ "$(jq -c . "$WORK/out")" = '{"sha256":[]}' ] || fail "no approvals: $(cat "$WORK/out")"

# Another state, and the one that was approved for it.
tpm2_pcrextend "13:sha256=$(printf '%064d' 1)"
refuses "$WORK/from.pem"
refuses "$WORK/from-fixed.pem"
values next
approve "$WORK/from.pem" next
gives "$WORK/from.pem"
run 0 attest secret signatures "$WORK/from.pem"
[ "$(jq '.sha256 | length' "$WORK/out")" = 2 ] || fail "not two approvals"
run 2 attest secret import "$WORK/other.pem" --token "$WORK/fixed.json" --values "$WORK/next/pcrs.json"
err_has 'other values of its registers'
run 2 attest secret import "$WORK/other.pem" --token "$WORK/fixed.json"
err_has 'it is bound to values'

# The approver's key of P-256 is none for systemd, DIGLIM's own approvals are none for it, a file that is there stays,
# and boot registers are asked for.
seal 2 "$WORK/new.pem" --approver "$WORK/ec.crt" --token "$WORK/new.json"
err_has 'RSA only'
seal 2 "$WORK/new.pem" --approver "$WORK/rsa.crt" --token "$WORK/fixed.json"
seal 2 "$WORK/new.pem" --approver "$WORK/rsa.crt" --token "$WORK/new.json" --pcrs 13
err_has 'register 4, of the boot loader'
[ ! -e "$WORK/new.pem" ] && [ ! -e "$WORK/new.json" ] || fail "a file all the same"
seal 0 "$WORK/own.pem" --approver "$WORK/rsa.crt"
approve "$WORK/own.pem" next
run 2 attest secret signatures "$WORK/own.pem"
err_has "DIGLIM's own"
run 0 attest secret signatures "$WORK/fixed.pem"
run 2 attest key approve "$WORK/fixed.pem" --values "$WORK/next/pcrs.json" --key "$WORK/rsa.key" --cert "$WORK/rsa.crt"
err_has 'asks for no approvals'

# altered FROM TO FILE: bytes of its DER, in hexadecimal
altered()
{
	sed '/^-/d' "$3" | base64 -d | xxd -p -c 1000000 | sed "s/$1/$2/" | xxd -r -p | base64 >"$WORK/body"
	{ echo '-----BEGIN TSS2 PRIVATE KEY-----' && cat "$WORK/body" && echo '-----END TSS2 PRIVATE KEY-----'; } >"$WORK/altered.pem"
}
# The approver signs what a file asks for only if that is an approval, and for a key only if it is one of DIGLIM.
altered "$(printf 'diglim attest 1' | xxd -p)" "$(printf 'diglim attest 2' | xxd -p)" "$WORK/own.pem"
run 2 attest key approve "$WORK/altered.pem" --values "$WORK/next/pcrs.json" --key "$WORK/rsa.key" --cert "$WORK/rsa.crt"
err_has 'signatures that are no approvals'
altered 6781050a0105 6781050a0103 "$WORK/approved.pem"
run 2 attest key approve "$WORK/altered.pem" --values "$WORK/next/pcrs.json" --key "$WORK/rsa.key" --cert "$WORK/rsa.crt"
err_has 'signatures that are no approvals'

# refused WORDS JQ-PROGRAM [TOKEN]: after this change of it
refused()
{
	jq "$2" "${3-$WORK/approved.json}" >"$WORK/bad.json"
	run 2 attest secret import "$WORK/bad.pem" --token "$WORK/bad.json" --values "$WORK/now/pcrs.json"
	err_has "$1"
	[ ! -e "$WORK/bad.pem" ] || fail "$2: a file all the same"
}
refused 'type systemd-tpm2' '.type = "luks2-keyring"'
refused 'tpm2-pin. .* of another type' '.["tpm2-pin"] = "true"'
refused 'tpm2-pin. .* of another type' '.["tpm2-pin"] = 1'
refused 'tpm2_pcrlock. .* of another type' '.tpm2_pcrlock = 1'
refused 'tpm2-pcr-bank. .* of another type' '.["tpm2-pcr-bank"] = ["sha1"]'
refused 'tpm2-primary-alg. .* of another type' '.["tpm2-primary-alg"] = ["rsa"]'
refused 'tpm2-pcrs. .* of another type' '.["tpm2-pcrs"] = {"7": 1}'
refused 'tpm2-pcrs. is not there' 'del(.["tpm2-pcrs"])'
refused 'PIN' '.["tpm2-pin"] = true'
refused 'pcrlock' '.tpm2_pcrlock = true'
refused 'not sha256' '.["tpm2-pcr-bank"] = "sha1"'
refused 'no register' '.tpm2_pubkey_pcrs = [0, 24]'
refused 'no register' '.tpm2_pubkey_pcrs = [-1]'
refused 'no register' '.["tpm2-pcrs"] = ["7"]'
refused 'bound to no register' '.tpm2_pubkey_pcrs = []'
refused 'fixed ones' '.["tpm2-pcrs"] = [7]'
refused 'register 4, of the boot loader' '.tpm2_pubkey_pcrs -= [4]'
refused 'tpm2-blob. is not there' 'del(.["tpm2-blob"])'
refused 'no base64' '.["tpm2-blob"] = "*"'
refused 'malformed' '.["tpm2-blob"] = "AAAA"'
refused 'malformed' '.["tpm2-blob"] |= .[:-4]'
refused 'no SHA-256' '.["tpm2-policy-hash"] |= .[2:]'
refused 'not that of its public key alone' '.["tpm2-policy-hash"] |= "00" + .[2:]'
refused 'no RSA key' '.tpm2_pubkey = "AAAA"'
# Nobody is asked for the passphrase of a public key.
openssl ecparam -name prime256v1 -genkey 2>/dev/null | openssl ec -aes128 -passout pass:x 2>/dev/null |
	sed 's/EC PRIVATE/PUBLIC/' >"$WORK/encrypted"
refused 'no RSA key' ".tpm2_pubkey = \"$(base64 -w0 "$WORK/encrypted")\""
! grep -q 'pass phrase' "$WORK/err" || fail "asks for a passphrase"
refused 'not of ECC P-256' '.["tpm2-primary-alg"] = "rsa"'
refused 'kept in the TPM' '.tpm2_srk = "QAAAAQAA"'
refused 'other values' '.["tpm2-policy-hash"] |= "00" + .[2:]' "$WORK/fixed.json"
# The public key of another with its policy: the secret itself asks for another one.
seal 0 "$WORK/twin.pem" --values "$WORK/next/pcrs.json" --token "$WORK/twin.json"
jq --slurpfile twin "$WORK/twin.json" '.["tpm2-blob"] = $twin[0]["tpm2-blob"]' "$WORK/approved.json" >"$WORK/mixed.json"
refused 'not the one that its file names' . "$WORK/mixed.json"
# Attributes are the 6th to 9th byte of the public part: with userWithAuth no policy is asked for.
jq -r '.["tpm2-blob"]' "$WORK/approved.json" | base64 -d >"$WORK/blob"
at=$((2 + $(od -An -tu1 -N2 "$WORK/blob" | awk '{ print $1 * 256 + $2 }') + 6))
printf '\x00\x00\x00\x52' | dd of="$WORK/blob" bs=1 seek=$at conv=notrunc 2>/dev/null
refused 'userWithAuth' ".[\"tpm2-blob\"] = \"$(base64 -w0 "$WORK/blob")\""
echo nothing >"$WORK/bad.json"
run 2 attest secret import "$WORK/bad.pem" --token "$WORK/bad.json"
err_has 'no JSON'
{ cat "$WORK/approved.json" && head -c 70000 /dev/zero | tr '\0' ' '; } >"$WORK/bad.json"
run 2 attest secret import "$WORK/bad.pem" --token "$WORK/bad.json"
err_has 'more than 65536 bytes'
"$DIGLIM" attest secret import "$WORK/bad.pem" --token - <"$WORK/bad.json" 2>"$WORK/err" && fail "a token that is too long"
err_has 'standard input: more than 65536 bytes'
# As some releases of systemd 255 described the approver's key: a secret that tpm2-tools made that way.
tpm2_loadexternal -Q -C n -G rsa -u "$WORK/rsa.pub" -c "$WORK/rsa.ctx" -n "$WORK/rsa.name" && tpm2_flushcontext -t || fail "no public key"
{ head -c 32 /dev/zero && printf '\x00\x00\x01\x6a' && cat "$WORK/rsa.name"; } | openssl dgst -sha256 -binary | openssl dgst -sha256 -binary >"$WORK/policy"
tpm2_createprimary -Q -C o -G ecc -c "$WORK/srk.ctx" && tpm2_flushcontext -t &&
	tpm2_create -Q -C "$WORK/srk.ctx" -L "$WORK/policy" -a 'fixedtpm|fixedparent' -i "$WORK/secret" -u "$WORK/255.pub" -r "$WORK/255.priv" &&
	tpm2_flushcontext -t || fail "no secret as of systemd 255"
jq --arg blob "$(cat "$WORK/255.priv" "$WORK/255.pub" | base64 -w0)" --arg policy "$(xxd -p -c 64 "$WORK/policy")" \
	'.["tpm2-blob"] = $blob | .["tpm2-policy-hash"] = $policy' "$WORK/approved.json" >"$WORK/255.json"
run 0 attest secret import "$WORK/255.pem" --token "$WORK/255.json"
approve "$WORK/255.pem" next
gives "$WORK/255.pem"
# A token whose storage key stays in the TPM; this tool makes by default the one that systemd makes.
tpm2_createprimary -Q -C o -G ecc -c "$WORK/srk.ctx" && tpm2_evictcontrol -Q -C o -c "$WORK/srk.ctx" 0x81000001 &&
	tpm2_flushcontext -t || fail "no storage key"
jq '.tpm2_srk = "gQAAAQAA"' "$WORK/twin.json" >"$WORK/srk.json"
run 0 attest secret import "$WORK/srk.pem" --token "$WORK/srk.json" --values "$WORK/next/pcrs.json"
gives "$WORK/srk.pem"
tpm2_evictcontrol -Q -C o -c 0x81000001
run 2 attest secret open "$WORK/srk.pem" --tcti "$TCTI"
err_has "the key's parent"
finish
