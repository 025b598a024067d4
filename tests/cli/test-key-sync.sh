#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Vendor keys follow rpm --import and rpm -e gpg-pubkey; what the owner added stays.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

need_testdata
command -v rpm >/dev/null || skip "no rpm"
[ "$(id -u)" = 0 ] || skip "rpm --root takes root"
KEYS=$ROOT/etc/diglim/keys.d/vendor
T=$DIGLIM_TESTDATA
alma=$T/keys/RPM-GPG-KEY-AlmaLinux-9.asc
amazon=$T/keys/RPM-GPG-KEY-amazon-linux-2023.asc

rpm_do() { rpm --root "$ROOT" --dbpath /var/lib/rpm "$@" >"$WORK/rpm" 2>&1 || fail "rpm $*: $(cat "$WORK/rpm")"; }
files() { find "$KEYS" -type f -printf '%f\n' 2>/dev/null | wc -l; }

run 2 key sync --yes --root "$ROOT"
err_has 'no rpm database'
mkdir -p "$ROOT/var/lib/rpm"
rpm_do --initdb
run 0 key sync --root "$ROOT" --json
json 'd["keys"] == [] and d["added"] == 0'

rpm_do --import "$alma"
run 2 key sync --root "$ROOT"
[ "$(files)" = 0 ] || fail "a key was added without a question"
run 0 key sync --yes --root "$ROOT" --json
json 'd["added"] == 1 and d["keys"][0]["change"] == "added" and d["keys"][0]["file"].endswith(".rpm")'
[ "$(find "$KEYS" -name '*.rpm' | wc -l)" = 1 ] || fail "no marked file"
run 0 key sync --yes --root "$ROOT" --json
json 'd["added"] == 0 and d["keys"] == []'
run 0 import "$T/signed/bash-5.1.8-9.el9.x86_64.rpm" --root "$ROOT"

# One that the owner has already is none of ours, before and after.
run 0 key add --yes "$amazon" --root "$ROOT"
rpm_do --import "$amazon"
run 0 key sync --yes --root "$ROOT" --json
json 'd["added"] == 0'
rpm --root "$ROOT" --dbpath /var/lib/rpm -qa 'gpg-pubkey*' >"$WORK/pubkeys"
[ "$(wc -l <"$WORK/pubkeys")" = 2 ] || fail "rpm has not two keys: $(cat "$WORK/pubkeys")"
# shellcheck disable=SC2046 # names without white space
rpm_do -e $(cat "$WORK/pubkeys")
run 2 key sync --root "$ROOT"
run 0 key sync --yes --root "$ROOT" --json
json 'd["removed"] == 1 and d["keys"][0]["change"] == "removed" and d["keys"][0]["key_id"] == "d36cb86cb86b3716"'
[ "$(files)" = 1 ] || fail "the owner's key is gone, too: $(ls "$KEYS")"

# A renewed key takes the place of the copy that has expired.
if command -v gpg >/dev/null; then
	export GNUPGHOME=$WORK/gnupg
	mkdir -m 700 "$GNUPGHOME"
	g() { gpg --batch --quiet --pinentry-mode loopback --passphrase '' "$@" 2>"$WORK/gpg" || fail "gpg $*: $(cat "$WORK/gpg")"; }
	g --faked-system-time 20200101T000000 --quick-gen-key Vendor rsa2048 sign 1y
	fpr=$(gpg --batch --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }')
	g --armor --export "$fpr" >"$WORK/old.asc"
	g --faked-system-time 20250101T000000 --quick-set-expire "$fpr" 20y
	g --armor --export "$fpr" >"$WORK/new.asc"
	gpgconf --kill all
	rpm_do --import "$WORK/old.asc"
	run 0 key sync --yes --root "$ROOT" --json
	json 'd["added"] == 1'
	run 0 key list --root "$ROOT"
	out_has 'expired'
	# shellcheck disable=SC2046 # one name
	rpm_do -e $(rpm --root "$ROOT" --dbpath /var/lib/rpm -qa 'gpg-pubkey*')
	rpm_do --import "$WORK/new.asc"
	run 0 key sync --yes --root "$ROOT" --json
	json 'd["added"] == 1'
	run 0 key list --root "$ROOT"
	out_lacks 'expired'
	run 0 key sync --yes --root "$ROOT" --json
	json 'd["added"] == 0'
	# shellcheck disable=SC2046 # one name
	rpm_do -e $(rpm --root "$ROOT" --dbpath /var/lib/rpm -qa 'gpg-pubkey*')
	run 0 key sync --yes --root "$ROOT" --json
	json 'd["removed"] == 1'
fi

# Keys of other kinds and files in place of entries.
find "$T/keys" -type f -print0 | while IFS= read -r -d '' key; do
	rpm --root "$ROOT" --dbpath /var/lib/rpm --import "$key" 2>/dev/null
done
run 0 key sync --yes --root "$ROOT" --json
json 'd["added"] >= 5 and all(k["change"] in ("added", "useless") for k in d["keys"])'
json 'all(k["why"] for k in d["keys"] if k["change"] == "useless")'
n=$(rpm --root "$ROOT" --dbpath /var/lib/rpm -qa 'gpg-pubkey*' | wc -l)
json "d['added'] + d['useless'] <= $n"
run 0 key sync --yes --root "$ROOT" --json
json 'd["added"] == 0 and d["removed"] == 0'
before=$(files)
mkdir "$ROOT/var/lib/rpm/pubkeys"
cp "$alma" "$ROOT/var/lib/rpm/pubkeys/gpg-pubkey-1-1.key"
echo nonsense >"$ROOT/var/lib/rpm/pubkeys/gpg-pubkey-2-1.key"
run 0 key sync --yes --root "$ROOT" --json
err_has 'gpg-pubkey-2-1.key'
[ "$(files)" -ge "$before" ] || fail "keys were removed"

# The directory form of rpm 6: FINGERPRINT[0:2]/FINGERPRINT[2:]. What else lies there is no key of rpm's.
mkdir "$WORK/other"
run 0 key add --yes "$T/keys/RPM-GPG-KEY-fedora-39-primary.asc" --root "$WORK/other" --json
fpr=$(jq -r '.. | .fingerprint? // empty' <"$WORK/out" | head -n 1)
rm -r "$ROOT/var/lib/rpm" "$KEYS"
mkdir -p "$ROOT/var/lib/rpm"
rpm_do --initdb
certs=$ROOT/var/lib/rpm/pubkeys/${fpr:0:2}
mkdir -p "$certs" "${certs%/*}/0g"
cp "$T/keys/RPM-GPG-KEY-fedora-39-primary.asc" "$certs/${fpr:2}"
cp "$alma" "$certs/${fpr:2}.new"
cp "$alma" "${certs%/*}/0g/${fpr:2}"
touch "${certs%/*}/writelock"
run 0 key sync --yes --root "$ROOT" --json
json "d['added'] == 1 and d['useless'] == 0 and [k['fingerprint'] for k in d['keys']] == ['$fpr']"
echo nonsense >"$certs/${fpr:2:30}0123456789"
run 0 key sync --yes --root "$ROOT" --json
err_has "${fpr:2:30}0123456789"
json 'd["added"] == 0 and d["removed"] == 0 and d["useless"] == 1'
rm -r "$certs"
run 0 key sync --yes --root "$ROOT" --json
json 'd["removed"] == 1'
[ "$(files)" = 0 ] || fail "the key is still there: $(ls "$KEYS")"

run 2 key sync --dbpath /nowhere --yes --root "$ROOT"
run 2 key sync nonsense
finish
