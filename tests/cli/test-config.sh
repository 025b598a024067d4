#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The configuration file: used, and refused with file and line.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
mkdir -p "$ROOT/opt" "$ROOT/etc/diglim"
cp /bin/true "$ROOT/opt/tool"
conf=$ROOT/etc/diglim/diglim.conf

printf '[sign]\nkey = %s\ncert = %s\n' "$WORK/key.pem" "$WORK/cert.pem" >"$conf"
run 0 sign /opt/tool --root "$ROOT"
run 0 import /opt/tool --name tool --root "$ROOT"
[ -f "$LISTS/tlv-tool" ] || fail "import of a file makes no list"

printf '[mode]\ndefault = audit\n[store]\nheadrom = 5%%\n' >"$conf"
run 2 sign /opt/tool --root "$ROOT"
err_has "diglim.conf:4: unknown key headrom in \[store\]"
run 2 log --root "$ROOT"
err_has 'diglim.conf:4:'

# What a crash leaves of a file is not a file that asks for nothing.
printf '[mode]\n\0\0\0\0' >"$conf"
run 2 log --root "$ROOT"
err_has 'diglim.conf:2: a NUL byte'

# A list that does not fit the ingest buffer is not even made.
printf '[ingest]\nbuffer = 64K\n' >"$conf"
mkdir "$ROOT/opt/many"
for i in $(seq 700); do
	echo "$i" >"$ROOT/opt/many/a-rather-long-name-for-a-file-$i"
done
run 2 sign /opt/many --all --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem"
err_has 'the list takes [0-9]+ bytes, the ingest buffer 65536.*buffer in \[ingest\]'
[ ! -e "$LISTS/tlv-_opt_many" ] || fail "it was written nevertheless"
printf '[ingest]\nbuffer = 1M\n' >"$conf"
run 0 sign /opt/many --all --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem"
finish
