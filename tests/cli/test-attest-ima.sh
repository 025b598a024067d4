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

# lists: $WORK/ima.boot is of a machine of now, $WORK/ima.used with an unknown file; values in $WORK/value.BOOT.BANK
python3 - "$WORK" "$ROOT" <<'END'
import hashlib, struct, sys
work, root = sys.argv[1:]
le = lambda n: struct.pack('<I', n)
field = lambda b: le(len(b)) + b
sha = lambda algo, b: hashlib.new(algo, b).digest()
ng = lambda name, content: (b'ima-ng', field(b'sha256:\0' + sha('sha256', content)) + field(name + b'\0'))
buf = lambda name, content: (b'ima-buf', ng(name, content)[1] + field(content))
dir = b'/run/diglim/measured/'
record = lambda name: ng(dir + name, open(root + (dir + name).decode(), 'rb').read())
keys = sorted((open(f'{work}/{n}.der', 'rb').read() for n in (1, 2, 3)), key=lambda d: sha('sha256', d))
boot = [(b'ima-sig', field(b'sha256:\0' + bytes(32)) + field(b'boot_aggregate\0') + field(b''))]
boot += [buf(b'diglim_owner', k) for k in keys] + [record(b'settings'), record(b'000001-state')]
used = boot + [record(b'000002-unknown')]
for name, entries in (('boot', boot), ('used', used)):
    with open(f'{work}/ima.{name}', 'wb') as f:
        for template, data in entries:
            f.write(le(10) + sha('sha1', data) + field(template) + field(data))
    for algo in ('sha256', 'sha384'):
        value = bytes(hashlib.new(algo).digest_size)
        for _, data in entries:
            value = sha(algo, value + sha(algo, data))
        open(f'{work}/value.{name}.{algo}', 'w').write(value.hex())
END

# Only the first entry counts.
for from in boot used; do
	run 0 attest predict --root "$ROOT" --json --ima "$WORK/ima.$from"
	for bank in sha256 sha384; do json "d['ima']['$bank']['10'] == ['$(cat "$WORK/value.boot.$bank")']"; done
done
# Neither does the order in which keys were added.
run 0 attest predict --root "$ROOT" --ima "$WORK/ima.boot"
out_has "sha256: +$(cat "$WORK/value.boot.sha256")"
mkdir "$WORK/keys" && cp "$ROOT/etc/diglim/keys.d/owner/"* "$WORK/keys/" && rm "$ROOT/etc/diglim/keys.d/owner/"*
i=9
for file in "$WORK/keys/"*; do cp "$file" "$ROOT/etc/diglim/keys.d/owner/$((i--))"; done
run 0 attest predict --root "$ROOT" --ima "$WORK/ima.boot"
out_has "sha256: +$(cat "$WORK/value.boot.sha256")"
: >"$WORK/empty"
run 2 attest predict --root "$ROOT" --ima "$WORK/empty"
err_has 'is empty'
tail -c +70 "$WORK/ima.boot" >"$WORK/cut"
run 2 attest predict --root "$ROOT" --ima "$WORK/cut"
run 2 attest predict --root "$ROOT" --ima "$DIGLIM_SOURCE/tests/data/attest/ima.pcrs"

# Each entry is told for what it is.
run 0 attest log --root "$ROOT" --json "$WORK/ima.boot"
json "[e.get('record') or e['name'] for e in d['logs'][0]['entries']] == ['boot_aggregate'] + 3 * ['diglim_owner'] + ['settings', '000001-state']"
json "d['logs'][0]['value']['sha256'] == '$(cat "$WORK/value.boot.sha256")'"
run 1 attest log --root "$ROOT" --json "$WORK/ima.used"
json "d['logs'][0]['entries'][-1]['record'] == '000002-unknown' and d['logs'][0]['entries'][-1]['lines'][0] == 'file - /opt/evil'"
json "d['logs'][0]['value']['sha384'] == '$(cat "$WORK/value.used.sha384")'"
# Text that is not what was measured is not shown as if it were.
printf 'diglim unknown 1\nfile - /opt/good\nuse exec\n' >"$ROOT/run/diglim/measured/000002-unknown"
run 1 attest log --root "$ROOT" "$WORK/ima.used"
out_has '000002-unknown'
out_has 'its file is not here'
grep -q /opt/good "$WORK/out" && fail "a text that was not measured is shown"

# Keylime's policy: the settings of now, and boot_aggregate.
run 0 attest export --keylime --root "$ROOT" --ima "$WORK/ima.boot"
json "d['digests']['boot_aggregate'] == ['$(printf '%064d' 0)'] and len(d['keyrings']['diglim_owner']) == 3"
json "d['digests']['/run/diglim/measured/settings'] == ['$(sha256sum <"$ROOT/run/diglim/measured/settings" | cut -c 1-64)']"
run 2 attest export --keylime --root "$ROOT" --ima "$WORK/cut"
run 2 attest export --cel --log "$WORK/x" --ima "$WORK/ima.boot"
finish
