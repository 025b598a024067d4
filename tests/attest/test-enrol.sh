#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Enrolment: a key of this TPM is found good, and every way to pass off another one is refused with its reason.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
tpm_start
REGISTERS=0,4,9,12,13
AK=$WORK/ak.pem KEY=$WORK/key.pem

# The maker of this TPM: a root, an intermediate, and certificates of both EKs.
quiet() { "$@" 2>/dev/null || fail "$*"; }
quiet openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/root.key" -out "$WORK/root.crt" -subj "/CN=Maker root" -days 30
quiet openssl req -newkey rsa:2048 -nodes -keyout "$WORK/mid.key" -out "$WORK/mid.csr" -subj "/CN=Maker of TPMs"
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' >"$WORK/ca.ext"
quiet openssl x509 -req -in "$WORK/mid.csr" -CA "$WORK/root.crt" -CAkey "$WORK/root.key" -extfile "$WORK/ca.ext" -days 30 -out "$WORK/mid.crt"
cat "$WORK/mid.crt" "$WORK/root.crt" >"$WORK/maker.pem"
# An empty subject and a critical alternative name, as the profile wants them.
printf 'subjectAltName=critical,dirName:tpm\nextendedKeyUsage=2.23.133.8.1\nkeyUsage=critical,keyEncipherment\nbasicConstraints=CA:FALSE\n[tpm]\nx.2.23.133.2.1=id:00001014\n' >"$WORK/ek.ext"
# certify PUBLIC OUT [EXTENSIONS [DAYS]]
certify()
{
	quiet openssl x509 -new -force_pubkey "$1" -subj / -CA "$WORK/mid.crt" -CAkey "$WORK/mid.key" -days "${4-30}" \
		-extfile "${3-$WORK/ek.ext}" -outform DER -out "$2"
}
for kind in rsa:0x01c00002 ecc:0x01c0000a; do
	alg=${kind%:*} index=${kind#*:}
	quiet tpm2_createek -Q -c "$WORK/ek.ctx" -G "$alg" -u "$WORK/ek-$alg.pem" -f pem
	tpm2_flushcontext -t
	certify "$WORK/ek-$alg.pem" "$WORK/ek-$alg.crt"
	# TPMs have room behind it.
	{ cat "$WORK/ek-$alg.crt"; head -c 100 /dev/zero; } >"$WORK/nv"
	quiet tpm2_nvdefine -Q "$index" -C o -s "$(stat -c %s "$WORK/nv")" -a 'ownerread|ownerwrite|authread|ppread'
	quiet tpm2_nvwrite -Q "$index" -C o -i "$WORK/nv"
done
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/approver.key" -out "$WORK/approver.crt" -subj /CN=approver -days 30
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/other.key" -out "$WORK/other.crt" -subj /CN=other -days 30

request() { run 0 attest enrol request "$1" --ak "${2-$AK}" --key "${3-$KEY}" --tcti "$TCTI" "${@:4}"; }
ca=(--ek-ca "$WORK/maker.pem" --secret "$WORK/ca.secret")
challenge() { run 0 attest ca challenge "$1" "${ca[@]}"; }
answer() { run 0 attest enrol answer "$1" --ak "${2-$AK}" --key "${3-$KEY}" --tcti "$TCTI"; }
check() { run "$1" attest ca check "$2" "${ca[@]}" --approver "$WORK/approver.crt" "${@:3}"; }
# refused WHY DIR [OPTION...]
refused()
{
	check 1 "${@:2}"
	out_has "refused: .*$1"
}
# enrol DIR KEY: all of it up to the answer
enrol() { request "$1" "$AK" "$2"; challenge "$1"; answer "$1" "$AK" "$2"; }
flush() { tpm2_flushcontext -t; tpm2_flushcontext -s; tpm2_flushcontext -l; } 2>/dev/null >&2
# copy: the good directory once more
copy() { rm -rf "$WORK/x"; cp -r "$WORK/good" "$WORK/x"; }
# shellcheck disable=SC2317 # by way of variables

run 0 attest key create "$AK" --ak --tcti "$TCTI"
run 0 attest key create "$KEY" --approver "$WORK/approver.crt" --tcti "$TCTI" --public "$WORK/key.pub"
request "$WORK/good"
out_has 'Endorsement key: +EK of CN ?= ?Maker of TPMs, serial'

run 2 attest ca check "$WORK/good" "${ca[@]}" --approver "$WORK/approver.crt"
err_has 'ca.secret'
challenge "$WORK/good"
[ "$(stat -c %a:%s "$WORK/ca.secret")" = 600:32 ] || fail "the secret: $(stat -c %a:%s "$WORK/ca.secret")"
refused 'No such file' "$WORK/good"
answer "$WORK/good"
check 0 "$WORK/good" --output "$WORK/certified.pub"
out_has '^\[\+\] .*: good$'
cmp -s "$WORK/key.pub" "$WORK/certified.pub" || fail "another public key"
check 0 "$WORK/good" --json
json 'd["state"] == "good" and d["name"].startswith("000b")'
# And it becomes a certificate.
quiet openssl x509 -new -force_pubkey "$WORK/certified.pub" -subj /CN=host -CA "$WORK/root.crt" -CAkey "$WORK/root.key" -days 7 -out "$WORK/host.crt"
openssl verify -CAfile "$WORK/root.crt" "$WORK/host.crt" >/dev/null || fail "the certificate does not verify"

# tpm2-tools open the same challenge, with both kinds of EK; RSA keys and values of registers work, too.
for alg in rsa ecc; do
	request "$WORK/$alg" "$AK" "$KEY" --ek-cert "$WORK/ek-$alg.crt"
	challenge "$WORK/$alg"
	answer "$WORK/$alg"
	check 0 "$WORK/$alg"
done
quiet tpm2_createek -Q -c "$WORK/ek.ctx" -G ecc -u "$WORK/t.ek"
tpm2_flushcontext -t
quiet tpm2_createak -Q -C "$WORK/ek.ctx" -c "$WORK/t.ctx" -G ecc -g sha256 -s ecdsa -u "$WORK/t.pub" -f tss
tpm2_flushcontext -t
mkdir "$WORK/tools"
cp "$WORK/ek-ecc.crt" "$WORK/tools/ek.crt"
cp "$WORK/t.pub" "$WORK/tools/ak.pub"
cp "$WORK/good/key.pub" "$WORK/tools"
challenge "$WORK/tools"
# TPM2_ActivateCredential's file begins with a magic and a version.
{ printf '\xba\xdc\xc0\xde\x00\x00\x00\x01'; cat "$WORK/tools/credential"; } >"$WORK/t.cred"
tpm2_startauthsession -S "$WORK/s" --policy-session
tpm2_policysecret -Q -S "$WORK/s" -c e
quiet tpm2_activatecredential -Q -c "$WORK/t.ctx" -C "$WORK/ek.ctx" -i "$WORK/t.cred" -o "$WORK/t.secret" -P "session:$WORK/s"
[ "$(stat -c %s "$WORK/t.secret")" = 32 ] || fail "tpm2_activatecredential does not open the challenge"
flush
: >"$WORK/log"
run 0 attest quote "$WORK/ev" --ak "$AK" --nonce 00 --pcrs $REGISTERS --log "$WORK/log" --tcti "$TCTI"
run 0 attest key create "$WORK/frozen.pem" --rsa --values "$WORK/ev/pcrs.json" --pcrs $REGISTERS --tcti "$TCTI"
enrol "$WORK/frozen" "$WORK/frozen.pem"
run 0 attest ca check "$WORK/frozen" "${ca[@]}" --values "$WORK/ev/pcrs.json" --pcrs $REGISTERS
run 2 attest ca check "$WORK/frozen" "${ca[@]}" --values "$WORK/ev/pcrs.json" --pcrs 13
err_has 'register 4, of the boot loader, is not covered'

# Another policy, none, or one that a password replaces.
refused "policy is another" "$WORK/frozen"
refused "policy is another" "$WORK/good" --approver "$WORK/other.crt"
tpm2_createprimary -Q -C o -g sha256 -G ecc256 -c "$WORK/prim.ctx" -a 'restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda'
tpm2_flushcontext -t
tpm2_startauthsession -S "$WORK/s"; tpm2_policypcr -Q -S "$WORK/s" -l sha256:13 -L "$WORK/policy"; flush
# foreign NAME ATTRIBUTES [OPTION...]: a key file of a key that tpm2-tools made
foreign()
{
	local name=$1 attributes=$2
	shift 2
	quiet tpm2_create -Q -C "$WORK/prim.ctx" -g sha256 -G ecc256:ecdsa-sha256:null -a "$attributes" -u "$WORK/$name.u" -r "$WORK/$name.r" "$@"
	flush
	quiet tpm2_encodeobject -C 0x40000001 -u "$WORK/$name.u" -r "$WORK/$name.r" -o "$WORK/$name.pem"
}
all='fixedtpm|fixedparent|sensitivedataorigin|sign|noda'
foreign open "$all|userwithauth" -L "$WORK/policy"
foreign empty "$all"
foreign moving 'sensitivedataorigin|sign|noda' -L "$WORK/policy"
foreign loose "$all|userwithauth"
enrol "$WORK/open" "$WORK/open.pem"
refused 'a password is enough' "$WORK/open"
enrol "$WORK/empty" "$WORK/empty.pem"
refused 'authPolicy is empty' "$WORK/empty"
request "$WORK/moving" "$AK" "$WORK/moving.pem"
challenge "$WORK/moving"
refused 'fixedTPM' "$WORK/moving"

# No attestation key; a TPM of nobody; a certificate of something else, of another maker, too old.
request "$WORK/loose" "$WORK/loose.pem"
run 1 attest ca challenge "$WORK/loose" "${ca[@]}"
out_has 'refused: ak.pub is no attestation key'
run 1 attest ca challenge "$WORK/good" --ek-ca "$WORK/other.crt" --secret "$WORK/ca.secret"
out_has 'refused: certificate of the endorsement key: unable to get'
printf 'extendedKeyUsage=2.23.133.8.3\n' >"$WORK/ak.ext"
certify "$WORK/ek-rsa.pem" "$WORK/not-ek.crt" "$WORK/ak.ext"
request "$WORK/usage" "$AK" "$KEY" --ek-cert "$WORK/not-ek.crt"
run 1 attest ca challenge "$WORK/usage" "${ca[@]}"
out_has 'not one of an endorsement key'
certify "$WORK/ek-rsa.pem" "$WORK/expired.crt" "$WORK/ek.ext" -1
request "$WORK/expired" "$AK" "$KEY" --ek-cert "$WORK/expired.crt"
run 1 attest ca challenge "$WORK/expired" "${ca[@]}"
out_has 'refused: certificate of the endorsement key: .*expired'
cp "$WORK/mid.crt" "$WORK/usage/ek.crt"
run 1 attest ca challenge "$WORK/usage" "${ca[@]}"
out_has 'not one of an endorsement key'
for text in '' nonsense; do
	printf '%s' "$text" >"$WORK/usage/ek.crt"
	run 1 attest ca challenge "$WORK/usage" "${ca[@]}"
	out_has 'refused: ek.crt: not a certificate'
done

# A real TPM's challenge does not open for another AK, nor in another TPM.
run 0 attest key create "$WORK/ak2.pem" --ak --tcti "$TCTI"
copy
run 2 attest enrol answer "$WORK/x" --ak "$WORK/ak2.pem" --key "$KEY" --tcti "$TCTI"
err_has 'TPM, challenge'
quiet openssl genrsa -out "$WORK/soft.key" 2048
quiet openssl rsa -in "$WORK/soft.key" -pubout -out "$WORK/soft.pub"
certify "$WORK/soft.pub" "$WORK/soft.crt"
request "$WORK/soft" "$AK" "$KEY" --ek-cert "$WORK/soft.crt"
challenge "$WORK/soft"
run 2 attest enrol answer "$WORK/soft" --ak "$AK" --key "$KEY" --tcti "$TCTI"
err_has 'TPM, challenge'

# Answers that are old, another's, about another key, or damaged.
copy; challenge "$WORK/x"; refused 'not for this challenge' "$WORK/x"
refused 'too old' "$WORK/good" --max-age 0
copy; flip "$WORK/x/ticket" 0; refused 'of the future' "$WORK/x"
copy; flip "$WORK/x/ticket" 20; refused 'not for this challenge' "$WORK/x"
copy; truncate -s 5 "$WORK/x/ticket"; refused '5 bytes' "$WORK/x"
copy; cp "$WORK/rsa/certify" "$WORK/rsa/signature" "$WORK/x"; refused 'not for this challenge' "$WORK/x"
run 0 attest key create "$WORK/key2.pem" --approver "$WORK/approver.crt" --tcti "$TCTI"
copy; answer "$WORK/x" "$AK" "$WORK/key2.pem"; refused 'about another key' "$WORK/x"
copy; flip "$WORK/x/certify" 50; refused 'signature is not' "$WORK/x"
copy; flip "$WORK/x/signature" 20; refused 'signature' "$WORK/x"
copy; : >"$WORK/x/signature"; refused 'malformed signature' "$WORK/x"
copy; cp "$WORK/ev/quote" "$WORK/x/certify"; cp "$WORK/ev/signature" "$WORK/x"; refused "not a TPM's statement about a key" "$WORK/x"
copy; head -c 20000 /dev/zero >"$WORK/x/certify"; refused 'certify' "$WORK/x"
copy; : >"$WORK/x/key.pub"; refused 'key.pub: .*malformed' "$WORK/x"
head -c 32 /dev/urandom >"$WORK/other.secret"
refused 'not for this challenge' "$WORK/good" --secret "$WORK/other.secret"
finish
