#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists of earlier generations with each byte of them flipped, each length cut: refused with the offset, or a list
# that says what the flipped one says. Front ends leave nothing behind.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
cat >"$WORK/make.py" <<'END'
import hashlib, os, struct, sys
work, name, how = sys.argv[1:4]
a, b = hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()
head = lambda v, t, n, data: struct.pack("<BBHHHII", v, 0, t, 0, 4, n, len(data)) + data
items = lambda *all: bytes([len(all)]) + b"".join(bytes([i]) + struct.pack("<I", len(x)) + x for i, x in all)
u32 = lambda n: struct.pack("<I", n)
meta = items((0, a), (2, b"/usr/bin/x\0"), (3, u32(0)), (4, u32(0)), (5, u32(0o755)), (6, u32(9)))
field = lambda t, x: struct.pack(">HI", t, len(x)) + x
good = {
    "0-file_list-compact-new": head(1, 1, 2, a + b),
    "0-file_list-compact-old": head(1, 2, 1, a),
    "0-parser_list-compact-p": head(1, 0, 1, a),
    "0-file_list-compact_tlv-t": head(2, 1, 1, items((0, a), (2, b"/usr/bin/x\0"))),
    "0-metadata_list-compact_tlv-m": head(2, 3, 1, meta),
    "tlv-cache": field(0, b"\0\4") + field(1, struct.pack(">I", 1)) + field(2, field(0, a) + field(1, b"/x\0")),
    "0-file_list-compact_tlv-twice": head(2, 1, 1, items((0, a), (0, b))),
    "0-file_list-compact_tlv-unknown": head(2, 1, 1, items((0, a), (77, b"x"))),
}[name]
def put(n, data):
    os.makedirs("%s/f/%05d" % (work, n))
    open("%s/f/%05d/%s" % (work, n, name), "wb").write(data)
if how == "good":
    put(0, good)
elif how == "cut":
    for n in range(len(good)):
        put(n, good[:n])
else:
    # all bits of the first head, one bit of every byte
    for n in (n for n in range(8 * len(good)) if n < 128 or n % 8 == n // 8 % 8):
        data = bytearray(good)
        data[n // 8] ^= 1 << n % 8
        put(n, data)
END

# import_all: every file below $WORK/f, 250 at a time; $WORK/result has number, outcome and reason
import_all()
{
	local part
	: >"$WORK/result"
	find "$WORK/f" -type f | sort >"$WORK/all"
	while mapfile -t -n 250 part && [ ${#part[@]} != 0 ]; do
		timeout 60 "$DIGLIM" import "${part[@]/#/--legacy=}" "${sign[@]}" --json >"$WORK/out" 2>"$WORK/err"
		[ $? -le 2 ] || fail "import of $1 ended in another way: $(cat "$WORK/err")"
		python3 - "$WORK/out" "${part[@]}" >>"$WORK/result" <<-'END' || fail "no answer about $1"
			import json, sys
			packages = json.load(open(sys.argv[1]))["packages"]
			assert len(packages) == len(sys.argv) - 2
			for p, path in zip(packages, sys.argv[2:]):
			    assert p["outcome"] == "imported" or path in p["reason"], p
			    print(int(path.split("/")[-2]), p["outcome"], p.get("reason", "").replace(path, ""))
		END
		[ -z "$(find "$LISTS" -name '.*' -type f)" ] || fail "temporary files are left: $(ls -A "$LISTS")"
	done <"$WORK/all"
	rm -rf "$WORK/f" "${LISTS:?}"/*
}

# A block of version 1 has 16 bytes of head: of these, only the bit that calls files immutable may change,
# and the type to the number that it has in the other numbering.
for name in 0-file_list-compact-new 0-file_list-compact-old 0-parser_list-compact-p 0-file_list-compact_tlv-t \
	0-metadata_list-compact_tlv-m tlv-cache; do
	python3 "$WORK/make.py" "$WORK" "$name" good
	import_all "$name"
	grep -q '^0 imported' "$WORK/result" || fail "$name: $(cat "$WORK/result")"
	python3 "$WORK/make.py" "$WORK" "$name" cut
	import_all "$name"
	! grep imported "$WORK/result" || fail "$name is taken when it is cut"
	grep -vqE 'offset [0-9]+: |empty' "$WORK/result" && fail "$name: without offset: $(grep -vE 'offset [0-9]+: |empty' "$WORK/result" | head -n 3)"
	python3 "$WORK/make.py" "$WORK" "$name" flip
	import_all "$name"
	if [ "$name" != tlv-cache ]; then
		awk '$1 < 128 && $2 == "imported" && $1 != 32 && !($1 == 16 && name ~ /parser|metadata/) { bad = 1 }
			END { exit bad }' name="$name" "$WORK/result" ||
			fail "$name: a flipped head is taken"
	fi
	# Digests are what they are: 32 bytes of each list may have any value.
	awk '$2 == "imported" { n++ } END { exit n < 32 }' "$WORK/result" || fail "$name: too few are taken"
	grep malformed "$WORK/result" | grep -vqE 'offset [0-9]+: |no digest of a file' &&
		fail "$name: without offset: $(grep malformed "$WORK/result" | grep -vE 'offset [0-9]+: |no digest' | head -n 3)"
done
for name in 0-file_list-compact_tlv-twice 0-file_list-compact_tlv-unknown; do
	python3 "$WORK/make.py" "$WORK" "$name" good
	import_all "$name"
	grep -qE '^0 malformed .*offset [0-9]+: an item that (was there before|is not known)' "$WORK/result" ||
		fail "$name: $(cat "$WORK/result")"
done

# rpm_gen: a list whose place is taken is named, and no folder of its own stays.
if [ -d "$DIGLIM_TESTDATA" ]; then
	run 0 key add --root "$ROOT" --yes --vendor "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-fedora-33-primary.asc"
	printf '#!/bin/sh\nverb=$1\nshift\nexec "%s" "$verb" --root "%s" "$@"\n' "$DIGLIM" "$ROOT" >"$WORK/below"
	chmod 755 "$WORK/below"
	ln -s "$DIGLIM_BUILD/programs/legacy/diglim-legacy" "$WORK/rpm_gen"
	mkdir -p "$WORK/rpm/0-file_list-rpm-lua-5.4.2-1.fc33.x86_64"
	DIGLIM=$WORK/below "$WORK/rpm_gen" -d "$WORK/rpm" -r "$DIGLIM_TESTDATA/signed/lua-5.4.2-1.fc33.x86_64.rpm" \
		>"$WORK/out" 2>"$WORK/err"
	[ $? = 2 ] || fail "rpm_gen is content with a directory in place of its list"
	err_has '0-file_list-rpm-lua.*: Is a directory'
	[ "$(ls -A "$WORK/rpm")" = 0-file_list-rpm-lua-5.4.2-1.fc33.x86_64 ] || fail "left behind: $(ls -A "$WORK/rpm")"
fi
finish
