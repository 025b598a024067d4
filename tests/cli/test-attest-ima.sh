#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The log register: what predict says of it, and how IMA's list of such a machine is explained, against a list that is made from the
# description of the format, without our code.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$ROOT/usr/sbin" "$ROOT/etc/diglim/keys.d/owner" "$ROOT/run/diglim/measured" "$ROOT/opt"
echo 'a program' >"$ROOT/usr/sbin/diglim"
printf '[attest]\nregister = 13\nlog = yes\n' >"$ROOT/etc/diglim/diglim.conf"
for n in 1 2 3; do
	run 0 key create --name "Owner $n" --key "$WORK/$n.pem" --cert "$WORK/$n.crt"
	run 0 key add --root "$ROOT" --owner --yes "$WORK/$n.crt"
done
cp /bin/true "$ROOT/opt/one"
run 0 sign --root "$ROOT" --key "$WORK/1.pem" --cert "$WORK/1.crt" --name one /opt/one
run 0 attest predict --root "$ROOT" --json --statement
python3 -c 'import json, sys; sys.stdout.write(json.load(open(sys.argv[1]))["statement"])' "$WORK/out" \
	>"$ROOT/run/diglim/measured/000001-state"
grep -v '^key \|^list ' "$ROOT/run/diglim/measured/000001-state" | sed '1s/state/settings/' >"$ROOT/run/diglim/measured/settings"
printf 'diglim unknown 1\nfile - /opt/evil\nuse exec\n' >"$ROOT/run/diglim/measured/000002-unknown"
# Certificates by fingerprint, which for X.509 is the digest of their DER.
for n in 1 2 3; do openssl x509 -in "$WORK/$n.crt" -outform DER -out "$WORK/$n.der"; done

keys=$(for n in 1 2 3; do echo "$(sha256sum <"$WORK/$n.der") key:diglim_owner:$WORK/$n.der"; done | sort | sed 's/.* //')
# shellcheck disable=SC2086 # one word a key
"$DIGLIM_SOURCE/tests/data/attest/make-entries" "$WORK/boot" "$ROOT" aggregate $keys \
	file:/run/diglim/measured/settings file:/run/diglim/measured/000001-state
# shellcheck disable=SC2086
"$DIGLIM_SOURCE/tests/data/attest/make-entries" "$WORK/used" "$ROOT" aggregate $keys \
	file:/run/diglim/measured/settings file:/run/diglim/measured/000001-state file:/run/diglim/measured/000002-unknown

# Only the first entry counts.
for from in boot used; do
	run 0 attest predict --root "$ROOT" --json --ima "$WORK/$from.binary"
	for bank in sha256 sha384; do json "d['ima']['$bank']['10'] == ['$(cat "$WORK/boot.$bank")']"; done
done
# Neither does the order in which keys were added.
run 0 attest predict --root "$ROOT" --ima "$WORK/boot.binary"
out_has "sha256: +$(cat "$WORK/boot.sha256")"
mkdir "$WORK/keys" && cp "$ROOT/etc/diglim/keys.d/owner/"* "$WORK/keys/" && rm "$ROOT/etc/diglim/keys.d/owner/"*
i=9
for file in "$WORK/keys/"*; do cp "$file" "$ROOT/etc/diglim/keys.d/owner/$((i--))"; done
run 0 attest predict --root "$ROOT" --ima "$WORK/boot.binary"
out_has "sha256: +$(cat "$WORK/boot.sha256")"
: >"$WORK/empty"
run 2 attest predict --root "$ROOT" --ima "$WORK/empty"
err_has 'is empty'
tail -c +70 "$WORK/boot.binary" >"$WORK/cut"
run 2 attest predict --root "$ROOT" --ima "$WORK/cut"
run 2 attest predict --root "$ROOT" --ima "$DIGLIM_SOURCE/tests/data/attest/ima.pcrs"

# Each entry is told for what it is.
run 0 attest log --root "$ROOT" --json "$WORK/boot.binary"
json "[e.get('record') or e['name'] for e in d['logs'][0]['entries']] == ['boot_aggregate'] + 3 * ['diglim_owner'] + ['settings', '000001-state']"
json "d['logs'][0]['value']['sha256'] == '$(cat "$WORK/boot.sha256")'"
run 1 attest log --root "$ROOT" --json "$WORK/used.binary"
json "d['logs'][0]['entries'][-1]['record'] == '000002-unknown' and d['logs'][0]['entries'][-1]['lines'][0] == 'file - /opt/evil'"
json "d['logs'][0]['value']['sha384'] == '$(cat "$WORK/used.sha384")'"
# Text that is not what was measured is not shown as if it were.
printf 'diglim unknown 1\nfile - /opt/good\nuse exec\n' >"$ROOT/run/diglim/measured/000002-unknown"
run 1 attest log --root "$ROOT" "$WORK/used.binary"
out_has '000002-unknown'
out_has 'its file is not here'
grep -q /opt/good "$WORK/out" && fail "a text that was not measured is shown"

# Keylime's policy: the settings of now, and boot_aggregate.
run 0 attest export --keylime --root "$ROOT" --ima "$WORK/boot.binary"
json "d['digests']['boot_aggregate'] == ['$(printf '%064d' 0)'] and len(d['keyrings']['diglim_owner']) == 3"
json "d['digests']['/run/diglim/measured/settings'] == ['$(sha256sum <"$ROOT/run/diglim/measured/settings" | cut -c 1-64)']"
run 2 attest export --keylime --root "$ROOT" --ima "$WORK/cut"
run 2 attest export --cel --log "$WORK/x" --ima "$WORK/boot.binary"
finish
