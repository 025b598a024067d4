#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys: making, showing, trusting, taking away.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run 0 key list --root "$ROOT"
out_has 'No keys'
run 0 key create --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name "Test owner" --json
json 'd["owner"] == "CN=Test owner" and d["usable"] and d["bits"] == 3072'
[ "$(stat -c %a "$WORK/key.pem")" = 600 ] || fail "the private key can be read by others"
openssl x509 -in "$WORK/cert.pem" -noout 2>/dev/null || fail "openssl cannot read the certificate"
run 2 key create --key "$WORK/key.pem" --cert "$WORK/new.pem"
err_has 'exists already'
[ ! -e "$WORK/new.pem" ] || fail "a certificate was made for a key that was not"

# An empty passphrase is none: Enter twice on a terminal, or its end.
if command -v script >/dev/null; then
	for typed in '\n\n' '\004\004'; do
		{
			sleep 1
			# shellcheck disable=SC2059 # escapes are wanted
			printf "$typed"
			sleep 1
		} | script -qec "'$DIGLIM' key create --key '$WORK/no.key' --cert '$WORK/no.pem' \
--name x --passphrase" /dev/null >"$WORK/out" 2>&1
		[ "${PIPESTATUS[1]}" = 2 ] || fail "an empty passphrase was taken"
		out_has 'no passphrase given'
		[ ! -e "$WORK/no.key" ] || fail "a key without encryption was made"
	done
fi

# Nobody is asked for the passphrase of a certificate, which cannot have one.
openssl genrsa -aes128 -passout pass:x 2048 2>/dev/null | openssl rsa -aes128 -traditional -passin pass:x -passout pass:y 2>/dev/null |
	sed 's/RSA PRIVATE KEY/CERTIFICATE/' >"$WORK/encrypted.pem"
grep -q '^Proc-Type: 4,ENCRYPTED' "$WORK/encrypted.pem" || fail "nothing encrypted to try"
run 2 key add --root "$ROOT" --yes "$WORK/encrypted.pem"
! grep -qi 'pass phrase' "$WORK/err" || fail "asks for a passphrase: $(cat "$WORK/err")"

# Without a terminal nobody can be asked.
run 2 key add --root "$ROOT" "$WORK/cert.pem"
err_has '[-][-]yes'
out_has '^Fingerprint: '
[ ! -d "$ROOT/etc/diglim/keys.d/owner" ] || fail "added without being asked"
run 0 key add --root "$ROOT" --yes "$WORK/cert.pem"
run 0 key list --root "$ROOT" --json
json 'len(d["keys"]) == 1 and d["keys"][0]["kind"] == "owner"'
fingerprint=$(openssl x509 -in "$WORK/cert.pem" -noout -fingerprint -sha256 |
	sed 's/.*=//; s/://g' | tr A-F a-f)
json "d['keys'][0]['fingerprint'] == '$fingerprint'"
[ -f "$ROOT/etc/diglim/keys.d/owner/$fingerprint" ] || fail "not kept under its fingerprint"

# The other kind on request, and not both at once.
run 2 key add --root "$ROOT" --yes --vendor --owner "$WORK/cert.pem"
run 0 key add --root "$ROOT" --yes --vendor "$WORK/cert.pem"
[ -f "$ROOT/etc/diglim/keys.d/vendor/$fingerprint" ] || fail "not added as vendor key"
rm "$ROOT/etc/diglim/keys.d/vendor/$fingerprint"

# A key of 1024 bits is of no use; nothing is added.
openssl req -x509 -newkey rsa:1024 -nodes -keyout "$WORK/weak.key" -out "$WORK/weak.pem" \
	-subj /CN=weak 2>/dev/null
run 1 key add --root "$ROOT" --yes "$WORK/weak.pem"
err_has 'no key in it is of use'
out_has '^State: .*weak'
[ "$(ls "$ROOT/etc/diglim/keys.d/owner")" = "$fingerprint" ] || fail "a weak key was added"

run 2 key add --root "$ROOT" --yes /dev/null
run 2 key add --root "$ROOT" --yes "$WORK"
run 2 key add --root "$ROOT" --yes "$WORK/key.pem"
run 1 key remove --root "$ROOT" --yes 0123456789abcdef
err_has 'there is no key'
run 0 key remove --root "$ROOT" --yes "0x${fingerprint^^}"
run 0 key list --root "$ROOT" --json
json 'd["keys"] == []'

# Two files that hold it, one of them another key too: both go, and both are named.
run 0 key create --key "$WORK/other.key" --cert "$WORK/other.pem" --name Other
run 0 key add --root "$ROOT" --yes "$WORK/cert.pem"
cat "$WORK/other.pem" "$WORK/cert.pem" >"$ROOT/etc/diglim/keys.d/owner/both"
mkdir -p "$ROOT/etc/diglim/keys.d/vendor"
cp "$WORK/cert.pem" "$ROOT/etc/diglim/keys.d/vendor/copy"
run 2 key remove --root "$ROOT" "$fingerprint"
run 0 key remove --root "$ROOT" --yes "$fingerprint" --json
json 'sorted(len(r["keys"]) for r in d["removed"]) == [1, 1, 2]'
json 'all(r["removed"] for r in d["removed"])'
run 0 key list --root "$ROOT" --json
json 'd["keys"] == []'

# A revocation wins over every other copy of the key, in whatever order and file they come.
if command -v gpg >/dev/null; then
	export GNUPGHOME=$WORK/gnupg
	mkdir -m 700 "$GNUPGHOME"
	gpg --batch --quiet --passphrase '' --quick-gen-key Vendor rsa2048 sign never 2>/dev/null ||
		fail "gpg makes no key"
	gpg --armor --export >"$WORK/good.asc"
	sed 's/^:---/---/' "$GNUPGHOME"/openpgp-revocs.d/*.rev | gpg --batch --quiet --import 2>/dev/null
	gpg --armor --export >"$WORK/revoked.asc"
	gpgconf --kill all
	run 1 key add --root "$ROOT" --yes "$WORK/revoked.asc"
	err_has 'no key in it is of use'
	run 0 key add --root "$ROOT" --yes "$WORK/good.asc"
	cp "$WORK/good.asc" "$ROOT/etc/diglim/keys.d/vendor/zz-copy"
	run 0 key add --root "$ROOT" --yes "$WORK/revoked.asc"
	run 0 key list --root "$ROOT" --json
	json 'len(d["keys"]) == 3'
	json 'all(k["state"] == "revoked" and not k["usable"] for k in d["keys"])'
	run 1 key add --root "$ROOT" --yes "$WORK/good.asc"
	err_has 'no key in it is of use'
	rm "$ROOT"/etc/diglim/keys.d/vendor/*
fi

if [ -d "$DIGLIM_TESTDATA" ]; then
	run 0 key add --root "$ROOT" --yes "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-AlmaLinux-9.asc"
	out_has '^Fingerprint: +bf18ac2876178908d6e71267d36cb86cb86b3716$'
	out_has '^Vouches for: +RPM packages$'
	run 1 key add --root "$ROOT" --yes "$DIGLIM_TESTDATA/keys/public_ed25519.asc"
	out_has 'diglim sign'
	run 0 key remove --root "$ROOT" --yes d36cb86cb86b3716
fi
# An image whose directories are links must not have us write elsewhere, nor read.
for way in "$WORK/outside" ../../../outside; do
	rm -rf "$WORK/image" "$WORK/outside"
	mkdir -p "$WORK/image/etc" "$WORK/outside"
	ln -s "$way" "$WORK/image/etc/diglim"
	run 2 key add --root "$WORK/image" --yes "$WORK/cert.pem"
	err_has 'image/etc/diglim is a link that leads out of the root directory'
	[ -z "$(ls "$WORK/outside")" ] || fail "written through $way: $(ls "$WORK/outside")"
	run 2 key list --root "$WORK/image"
done
rm "$WORK/image/etc/diglim"
mkdir "$WORK/image/etc/real"
ln -s real "$WORK/image/etc/diglim"
run 0 key add --root "$WORK/image" --yes "$WORK/cert.pem"
[ -n "$(ls "$WORK/image/etc/real/keys.d/owner")" ] || fail "a link that stays inside is refused"
finish
