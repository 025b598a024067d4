#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Digest files, archives, images and directories that are damaged or contradict themselves: a reason with the file
# and where in it, no list, nothing left behind, and the good ones beside them still make theirs.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
mkdir -p "$LISTS"

# refused WHY IMPORT-ARGUMENT...: status 2, the reason, and not one file in the directory of lists
refused()
{
	local why=$1
	shift
	run 2 import "$@" "${sign[@]}"
	cat "$WORK/out" "$WORK/err" >"$WORK/said"
	grep -qE -- "$why" "$WORK/said" || fail "$*: no '$why' in: $(cat "$WORK/said")"
	[ -z "$(ls -A "$LISTS")" ] || fail "$*: left behind: $(ls -A "$LISTS")"
	rm -rf "${LISTS:?}"/* "$LISTS"/.??*
}
a=$(printf a | sha256sum | cut -d' ' -f1)
b=$(printf b | sha256sum | cut -d' ' -f1)
# shellcheck disable=SC2059 # with escapes in it
sums() { printf "$1" >"$WORK/sums"; }

# Digest files: two digests of one path, line ends of another system, what is cut.
while read -r why text; do
	sums "$text"
	refused "/sums: ${why//_/ }" --sums "$WORK/sums" --name sums
	printf '%s  /good\n' "$a" >"$WORK/good-sums"
	run 2 import --sums "$WORK/sums" --sums "$WORK/good-sums" "${sign[@]}" --json
	json '[p["outcome"] for p in d["packages"]] == ["malformed", "imported"]'
	rm "$LISTS"/*
	run 2 sign --from "$WORK/sums" --name sums "${sign[@]}"
	err_has "/sums: ${why//_/ }"
	[ -z "$(ls -A "$LISTS")" ] || fail "sign: left behind: $(ls -A "$LISTS")"
done <<LIST
line_3:_/x_has_another_digest_than_in_line_1 $a\x20\x20/x\n\n$b\x20\x20/x\n
line_3:_/x_has_another_digest_than_in_line_2 #\x20comment\nverity:sha256:$a\x20/x\nverity:sha256:$b\x20/x
line_2:_a_carriage_return $a\x20\x20/x\n$a\x20\x20/y\r\n
line_2:_neither_a_SHA-256 $a\x20\x20/x\n${b:0:30}
line_2:_a_digest_without_a_path $a\x20\x20/x\n$b\x20\x20
line_1:_neither_a_SHA-256 \xef\xbb\xbf$a\x20\x20/x\n
line_2:_a_NUL_byte $a\x20\x20/x\n$b\x20\x20/y\x00z\n
LIST

# The same said twice, one digest of each kind, and a last line without its end are no contradiction.
sums "$a  /x\n$a  /x\nverity:sha256:$b /x\n$b  /last"
run 0 import --sums "$WORK/sums" --name sums "${sign[@]}" --json
json 'd["packages"][0]["digests"] == 3'
run 0 inspect --root "$ROOT" "$LISTS/tlv-sums"
[ "$(grep -cE '/(x|last)$' "$WORK/out")" = 3 ] || fail "not three entries: $(cat "$WORK/out")"
rm "$LISTS"/*

# Tar archives that are cut, or damaged in one byte of what is compressed: checksums are compared.
T=$WORK/tree
mkdir -p "$T/usr/bin"
cp /bin/true "$T/usr/bin/a"
{ printf '\177ELF'; head -c 70000 /dev/urandom; } >"$T/usr/bin/b"
chmod 755 "$T/usr/bin/b"
tar -C "$T" -cf "$WORK/x.tar" --sort=name usr
for how in : gzip bzip2 xz zstd; do
	command -v "$how" >/dev/null || continue
	cp "$WORK/x.tar" "$WORK/whole.tar"
	[ "$how" = : ] || "$how" -c "$WORK/x.tar" >"$WORK/whole.tar"
	run 0 import --tar "$WORK/whole.tar" --name whole "${sign[@]}"
	rm "$LISTS"/*
	size=$(stat -c %s "$WORK/whole.tar")
	cuts="$((size / 2)) $((size - 4))"
	# The end mark has more zeros than it takes.
	[ "$how" != : ] || cuts="0 1 512 1536 2048 $((size / 2))"
	for cut in $cuts; do
		head -c "$cut" "$WORK/whole.tar" >"$WORK/cut.tar"
		refused '/cut.tar: ' --tar "$WORK/cut.tar" --name cut
	done
	[ "$how" != : ] || continue
	for at in $((size / 3)) $((size * 2 / 3)); do
		python3 - "$WORK/whole.tar" "$at" "$WORK/flip.tar" <<-'END'
			import sys
			d = bytearray(open(sys.argv[1], "rb").read())
			d[int(sys.argv[2])] ^= 4
			open(sys.argv[3], "wb").write(d)
		END
		refused '/flip.tar: ' --tar "$WORK/flip.tar" --name flip
	done
	cat "$WORK/whole.tar" "$WORK/whole.tar" >"$WORK/two.tar"
	run 0 import --tar "$WORK/two.tar" --name two "${sign[@]}"
	rm "$LISTS"/*
done

# An archive or an image by its plain name: its own digest would vouch for nothing in it.
mkdir -p "$ROOT/srv"
cp "$WORK/x.tar" "$ROOT/srv/plain"
gzip -c "$WORK/x.tar" >"$ROOT/srv/x.tar.gz"
{ printf hsqs; head -c 2000 /dev/zero; } >"$ROOT/srv/ext.raw"
refused "/srv/plain: an archive: 'diglim import --tar'" /srv/plain
refused "/srv/x.tar.gz: an archive by its name: 'diglim import --tar'" /srv/x.tar.gz
refused '/srv/ext.raw: an image: mount it .systemd-dissect --mount --read-only. .*--sysext' /srv/ext.raw
run 0 sign /srv/ext.raw --name image "${sign[@]}"
rm "$LISTS"/*

# No room for the list: said, and nothing of it stays; what was there before is as it was.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	printf '%s  /good\n' "$a" >"$WORK/sums"
	run 0 import --sums "$WORK/sums" --name full "${sign[@]}"
	export DIGLIM WORK LISTS ROOT
	unshare -m bash -c 'cp "$LISTS/tlv-full" "$WORK/before" || exit 78
		mount -t tmpfs -o size=64k none "$LISTS" || exit 77
		cp "$WORK/before" "$LISTS/tlv-full" || exit 78
		cat /dev/zero >"$LISTS/ballast" 2>/dev/null
		"$DIGLIM" import --sums "$WORK/sums" --name full --key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT"
		status=$?
		ls -A "$LISTS"
		cmp "$LISTS/tlv-full" "$WORK/before" || exit 78
		exit $status' >"$WORK/out" 2>"$WORK/err"
	status=$?
	if [ $status = 77 ]; then
		echo "# no tmpfs can be mounted: not on a full disk"
	else
		[ $status = 2 ] || fail "a full disk: status $status: $(cat "$WORK/out" "$WORK/err")"
		err_has 'tlv-full: No space left'
		[ "$(grep -c '^\.\|^tlv-' "$WORK/out")" = 1 ] || fail "left behind on a full disk: $(cat "$WORK/out")"
	fi
	rm -f "$LISTS"/*
fi
for place in /dev/null "$WORK/x.tar/below" /proc/nowhere; do
	refused "$place" --sums "$WORK/good-sums" --output "$place"
done
finish
