#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Input that is no list, no package and no key: status 2 and the name of the file, never a hang.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
mkdir -p "$ROOT/opt" "$WORK/dir" "$WORK/bad"
cp /bin/true "$ROOT/opt/tool"
run 0 sign /opt/tool --key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT" \
	--output "$WORK/good"
size=$(stat -c %s "$WORK/good")

: >"$WORK/bad/empty"
head -c 4096 /dev/zero >"$WORK/bad/zeros"
mkfifo "$WORK/bad/fifo"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$WORK/bad/socket"
ln -s nowhere "$WORK/bad/dangling"
ln -s loop "$WORK/bad/loop"
head -c $((size - 1)) "$WORK/good" >"$WORK/bad/cut-by-one"
head -c 100 "$WORK/good" >"$WORK/bad/cut"
{ cat "$WORK/good"; echo trailing; } >"$WORK/bad/trailing"
{ tail -c 40 "$WORK/good"; } >"$WORK/bad/only-trailer"
{ head -c 20 "$WORK/good"; tail -c 40 "$WORK/good"; } >"$WORK/bad/lying-length"
printf '\216\255\350\001\000\000\000\000\377\377\377\377\377\377\377\377' >"$WORK/bad/huge-header"
{ printf '\355\253\356\333\003\000'; head -c 200 /dev/zero; } >"$WORK/bad/lead.rpm"
truncate -s 9M "$WORK/bad/too-large"

for file in "$WORK"/bad/*; do
	for verb in verify inspect "key add --yes"; do
		# shellcheck disable=SC2086 # "key add" is two words
		run 2 $verb --root "$ROOT" "$file"
		err_has "${file##*/}"
		grep -qE 'runtime error|AddressSanitizer|dumped' "$WORK/err" && fail "$verb $file crashed"
	done
done
for verb in inspect "key add --yes"; do
	# shellcheck disable=SC2086
	run 2 $verb --root "$ROOT" "$WORK/dir"
done
run 2 verify --root "$ROOT" /dev/null
run 2 verify --root "$ROOT" "$WORK/none"
run 2 verify --root "$WORK/none" "$WORK/good"
run 0 verify --root "$ROOT" "$WORK/good"

# Every truncation of a good list is refused, too.
for ((n = 0; n < size; n += 97)); do
	head -c "$n" "$WORK/good" >"$WORK/part"
	run 2 verify --root "$ROOT" "$WORK/part"
done
# One bad file does not keep the others from being judged.
run 2 verify --root "$ROOT" "$WORK/bad/empty" "$WORK/good"
out_has '^\[\+\] '
finish
