#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# LUKS2 tokens and systemd's own tools: what systemd-cryptenroll enrolled is approved and opened here, and systemd
# takes the approvals. To open a volume systemd wants a TPM of the kernel's: tests/vm/cases/attest-volume.sh.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
for tool in cryptsetup systemd-cryptenroll; do
	command -v $tool >/dev/null || skip "no $tool here"
done
tpm_start

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/rsa.key" -out "$WORK/rsa.crt" -days 30 -subj /CN=Approver \
	-addext keyUsage=digitalSignature 2>/dev/null
openssl x509 -in "$WORK/rsa.crt" -pubkey -noout >"$WORK/rsa.pub"
PLUS=0+1+2+3+4+5+6+7+8+9+12+13
run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
: >"$WORK/empty.log"
values() { run 0 attest quote "$WORK/$1" --ak "$WORK/ak.pem" --nonce 00 --pcrs 0-9,12,13 --log "$WORK/empty.log" --tcti "$TCTI"; }
approve() { run 0 attest key approve "$1" --values "$WORK/$2/pcrs.json" --key "$WORK/rsa.key" --cert "$WORK/rsa.crt" --name "$2"; }

# volume NAME: with a password and no token
volume()
{
	printf 'a password' >"$WORK/password"
	truncate -s 24M "$WORK/$1"
	cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$WORK/$1" "$WORK/password" ||
		fail "$1: no volume"
}
enroll() { PASSWORD='a password' systemd-cryptenroll --tpm2-device="$TCTI" "$@" >"$WORK/out" 2>"$WORK/err" || fail "enroll: $(cat "$WORK/err")"; }
# systemd gives a new volume a token, and unseals it at once if there are signatures: it takes the approvals or not.
systemd_takes()
{
	local status=0
	cp "$WORK/blank" "$WORK/try"
	PASSWORD='a password' systemd-cryptenroll --tpm2-device="$TCTI" --tpm2-pcrs= --tpm2-signature="$WORK/signatures.json" \
		--tpm2-public-key="$WORK/rsa.pub" --tpm2-public-key-pcrs=$PLUS "$WORK/try" >"$WORK/out" 2>&1 || status=$?
	# It leaves its session where it fails.
	tpm2_flushcontext -t -l -s
	return $status
}
# opens VOLUME SECRET, stays_shut VOLUME SECRET
opens()
{
	run 0 attest secret open "$WORK/$2" --tcti "$TCTI"
	base64 -w0 "$WORK/out" | cryptsetup open --test-passphrase --key-file - "$WORK/$1" || fail "$1: not with what diglim gives"
	[ "$1" = fixed ] && return
	run 0 attest secret signatures "$WORK/$2"
	cp "$WORK/out" "$WORK/signatures.json"
	systemd_takes || fail "$1: systemd does not take the approvals: $(cat "$WORK/out")"
}
stays_shut()
{
	run 1 attest secret open "$WORK/$2" --tcti "$TCTI"
	[ ! -e "$WORK/signatures.json" ] || ! systemd_takes || fail "$1: systemd takes it"
}

# systemd's token.
values now
volume blank
volume theirs
enroll --tpm2-pcrs= --tpm2-public-key="$WORK/rsa.pub" --tpm2-public-key-pcrs=$PLUS "$WORK/theirs"
cryptsetup token export --token-id 0 "$WORK/theirs" >"$WORK/theirs.json"
run 0 attest secret import "$WORK/theirs.pem" --token "$WORK/theirs.json"
stays_shut theirs theirs.pem
approve "$WORK/theirs.pem" now
opens theirs theirs.pem

# Ours.
volume ours
head -c 32 /dev/urandom >"$WORK/secret"
"$DIGLIM" attest secret seal "$WORK/ours.pem" --approver "$WORK/rsa.crt" --token "$WORK/ours.json" --tcti "$TCTI" <"$WORK/secret" >/dev/null ||
	fail "not sealed"
base64 -w0 "$WORK/secret" >"$WORK/passphrase"
cryptsetup luksAddKey --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-slot 1 --key-file "$WORK/password" "$WORK/ours" "$WORK/passphrase"
cryptsetup token import --key-slot 1 --json-file "$WORK/ours.json" "$WORK/ours" || fail "cryptsetup does not take the token"
approve "$WORK/ours.pem" now
opens ours ours.pem

# Fixed registers, as systemd has them. Values beside register 13 are zeros here.
tpm2_pcrextend "13:sha256=$(printf '%064d' 1)"
stays_shut theirs theirs.pem
stays_shut ours ours.pem
values next
volume fixed
enroll --tpm2-pcrs=$PLUS "$WORK/fixed"
cryptsetup token export --token-id 0 "$WORK/fixed" >"$WORK/fixed.json"
run 2 attest secret import "$WORK/fixed.pem" --token "$WORK/fixed.json" --values "$WORK/now/pcrs.json"
err_has 'other values'
run 0 attest secret import "$WORK/fixed.pem" --token "$WORK/fixed.json" --values "$WORK/next/pcrs.json"
opens fixed fixed.pem

# An update, approved for both.
approve "$WORK/theirs.pem" next
opens theirs theirs.pem
approve "$WORK/ours.pem" next
opens ours ours.pem
tpm2_pcrextend "4:sha256=$(printf '%064d' 1)"
stays_shut ours ours.pem
stays_shut theirs theirs.pem
stays_shut fixed fixed.pem

# A PIN is asked for by systemd, not here.
volume pin
NEWPIN=1234 enroll --tpm2-pcrs=$PLUS --tpm2-with-pin=yes "$WORK/pin"
cryptsetup token export --token-id 0 "$WORK/pin" >"$WORK/pin.json"
run 2 attest secret import "$WORK/pin.pem" --token "$WORK/pin.json" --values "$WORK/next/pcrs.json"
err_has PIN
finish
