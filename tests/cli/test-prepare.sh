#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What diglim-init needs is written, and nothing else is left there.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

BOOT=$ROOT/var/lib/diglim/boot OUT=$WORK/initramfs
CONF=$ROOT/etc/diglim/diglim.conf
files() { (cd "$1" && find . -type f | sort | tr '\n' ' '); }

owner_key
# Nobody has said that it is to start with the machine.
run 1 prepare --root "$ROOT" --hook --output "$OUT"
[ ! -e "$OUT" ] || fail "a hook that is not wanted has written something"

# Without --hook it is done all the same: a configuration that is not there is an empty one.
run 0 prepare --root "$ROOT"
[ -e "$BOOT/diglim.conf" ] && [ ! -s "$BOOT/diglim.conf" ] || fail "no empty configuration"
der=$(find "$BOOT/owner" -name '*.der')
openssl x509 -inform der -in "$der" -noout -fingerprint >"$WORK/one" 2>&1
openssl x509 -in "$WORK/cert.pem" -noout -fingerprint >"$WORK/two" 2>&1
[ -s "$WORK/one" ] && cmp -s "$WORK/one" "$WORK/two" || fail "the certificate is another one: $(cat "$WORK/one")"

# Another key comes, a stranger's file and the first key go.
touch "$BOOT/owner/stray.der" "$BOOT/vendor/stray.der"
run 0 key create --key "$WORK/key2.pem" --cert "$WORK/cert2.pem" --name "Second owner"
run 0 key add --root "$ROOT" --yes "$WORK/cert2.pem"
run 0 key remove --root "$ROOT" --yes "$(basename "$der" .der)"
run 0 prepare --root "$ROOT" --json
json 'd["prepared"] and d["keys"] == 1 and d["lists"] == 0'
[ "$(find "$BOOT" -name '*.der' | wc -l)" = 1 ] && [ ! -e "$der" ] || fail "old keys are left: $(files "$BOOT")"

# The hook takes the configuration along, and lists only for the early stage.
mkdir -p "$LISTS"
run 0 sign --name own --key "$WORK/key2.pem" --cert "$WORK/cert2.pem" --output "$LISTS/own" /bin/true
printf '[boot]\nstart = late\n' >"$CONF"
run 0 prepare --root "$ROOT" --hook --output "$OUT"
cmp -s "$CONF" "$OUT/diglim.conf" || fail "the configuration is another one"
[ -z "$(find "$OUT/lists" -type f)" ] || fail "lists for the late stage: $(files "$OUT")"
printf '[boot]\nstart = early\n' >"$CONF"
run 0 prepare --root "$ROOT" --hook --output "$OUT"
cmp -s "$LISTS/own" "$OUT/lists/000000" || fail "no list for the early stage: $(files "$OUT")"

# What is wrong is found now, and not when the machine starts.
printf '[boot]\nstart = soon\n' >"$CONF"
run 2 prepare --root "$ROOT" --hook --output "$OUT"
err_has 'start = soon: must be no, late or early'
printf '[boot]\nstart = late\n' >"$CONF"
run 2 prepare --root "$ROOT" --output "$WORK/key.pem"
finish
