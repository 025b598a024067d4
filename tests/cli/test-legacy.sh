#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists and commands of earlier generations: what their examples show still works.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
mkdir -p "$WORK/bin" "$WORK/l" "$WORK/tree" "$ROOT/etc/diglim"
for name in compact_gen rpm_gen diglim_user_client; do
	ln -s "$DIGLIM_BUILD/programs/legacy/diglim-legacy" "$WORK/bin/$name"
done
export DIGLIM
sum() { sha256sum "$1" | cut -d' ' -f1; }

# old WANT COMMAND ARGUMENT...
old()
{
	local want=$1 status=0
	shift
	timeout 60 "$WORK/bin/$1" "${@:2}" >"$WORK/out" 2>"$WORK/err" </dev/null || status=$?
	[ "$status" = "$want" ] || fail "$*: status $status, not $want: $(cat "$WORK/out" "$WORK/err")"
}
digests()
{
	run 0 inspect --root "$ROOT" "$1" --json
	json "sorted(e['digest'] for e in d['files'][0]['entries']) == sorted($2)"
}

# compact_gen: two blocks, of which the second is immutable; exit status 0 and not a number of bytes.
cp /bin/true "$WORK/tree/tool"
echo text >"$WORK/tree/notes"
chmod 644 "$WORK/tree/notes"
old 0 compact_gen -d "$WORK/l" -i "$WORK/tree" -t file
list=$WORK/l/0-file_list-compact-tree
python3 - "$list" "$(sum "$WORK/tree/notes")" "$(sum "$WORK/tree/tool")" <<'END' || fail "another layout: $(xxd "$list" | head -5)"
import struct, sys
d = open(sys.argv[1], "rb").read()
want = struct.pack("<BBHHHII", 1, 0, 1, 0, 4, 1, 32) + bytes.fromhex(sys.argv[2])
want += struct.pack("<BBHHHII", 1, 0, 1, 1, 4, 1, 32) + bytes.fromhex(sys.argv[3])
sys.exit(d != want)
END
run 0 import --legacy "$list" "${sign[@]}"
digests "$LISTS/tlv-tree" "['$(sum "$WORK/tree/notes")', '$(sum "$WORK/tree/tool")']"
json "all(e['use'] == ('exec,immutable' if e['digest'] == '$(sum "$WORK/tree/tool")' else 'exec')
	for e in d['files'][0]['entries'])"
touch "$WORK/l/.immutable"
run 0 import --legacy "$list" "${sign[@]}"
digests "$LISTS/tlv-tree" "['$(sum "$WORK/tree/tool")']"
rm "$WORK/l/.immutable"
old 0 compact_gen -d "$WORK/l" -i "$WORK/tree/notes" -f -a sha256
old 0 compact_gen -h
old 2 compact_gen -d "$WORK/l"
old 2 compact_gen -d "$WORK/l" -i "$WORK/absent"
old 2 compact_gen -d "$WORK/absent" -i "$WORK/tree"
old 2 compact_gen -d "$WORK/l" -i "$WORK/tree" -a md5
old 2 compact_gen -d "$WORK/l" -i "$WORK/tree" -t digest_list

# Both numberings and both versions, read back: the number in the list, the digests, the paths.
chmod 755 "$WORK/tree/tool"
for numbering in parser key; do
	for type in parser file metadata; do
		rm -f "$WORK/l"/*
		old 0 compact_gen -d "$WORK/l" -i "$WORK/tree" -t $type -n $numbering
		python3 - "$WORK/l/0-${type}_list-compact-tree" $type $numbering <<-'END' || fail "-t $type -n $numbering"
			import sys
			want = ["key", "parser", "file", "metadata"].index(sys.argv[2]) - (sys.argv[3] == "parser")
			d = open(sys.argv[1], "rb").read()
			sys.exit(d[:4] != bytes([1, 0, want, 0]) or d[48:52] != d[:4] or len(d) != 96)
		END
		# Digests of metadata, which version 1 would have, are none of the content.
		[ $type != metadata ] || continue
		run 0 import --legacy "$WORK/l/0-${type}_list-compact-tree" "${sign[@]}"
		digests "$LISTS/tlv-tree" "['$(sum "$WORK/tree/notes")', '$(sum "$WORK/tree/tool")']"
	done
	for type in file metadata; do
		rm -f "$WORK/l"/*
		old 0 compact_gen -d "$WORK/l" -i "$WORK/tree" -t $type -n $numbering -F compact_tlv
		list=$WORK/l/0-${type}_list-compact_tlv-tree
		[ "$(xxd -p -l 1 "$list")" = 02 ] || fail "$list: another version"
		run 0 import --legacy "$list" "${sign[@]}"
		run 0 inspect --root "$ROOT" "$LISTS/tlv-tree" --json
		json "sorted((e['digest'], e['path']) for e in d['files'][0]['entries']) == sorted([
			('$(sum "$WORK/tree/notes")', '$WORK/tree/notes'), ('$(sum "$WORK/tree/tool")', '$WORK/tree/tool')])"
		json "all(('immutable' in e['use']) == e['path'].endswith('/tool') for e in d['files'][0]['entries'])"
	done
done
# What a metadata list of version 2 says of the files, verify checks.
python3 - "$list" <<'END' || fail "no owner and mode in the metadata list"
import struct, sys
d, found = open(sys.argv[1], "rb").read(), {}
at = 0
while at < len(d):
    n, size = struct.unpack_from("<II", d, at + 8)
    p = at + 16
    for _ in range(n):
        items, p = d[p], p + 1
        entry = {}
        for _ in range(items):
            size_of = struct.unpack_from("<I", d, p + 1)[0]
            entry[d[p]] = d[p + 5:p + 5 + size_of]
            p += 5 + size_of
        found[entry[2].rstrip(b"\0").rsplit(b"/", 1)[1]] = entry
    at += 16 + size
mode = {name: struct.unpack("<I", e[5])[0] & 0o7777 for name, e in found.items()}
sys.exit(mode != {b"tool": 0o755, b"notes": 0o644} or any(3 not in e or 4 not in e for e in found.values()))
END
old 2 compact_gen -d "$WORK/l" -i "$WORK/tree" -n neither
old 2 compact_gen -d "$WORK/l" -i "$WORK/tree" -F compact_v3
err_has 'not known'
mkdir "$WORK/many"
for n in $(seq 150); do echo "$n" >"$WORK/many/$n"; done
chmod 444 "$WORK/many"/7*
old 0 compact_gen -d "$WORK/l" -i "$WORK/many" -F compact_tlv
run 0 import --legacy "$WORK/l/0-file_list-compact_tlv-many" "${sign[@]}"
digests "$LISTS/tlv-many" "$(cd "$WORK/many" && sha256sum ./* | awk '{ printf "%s\"%s\"", n++ ? "," : "[", $1 } END { print "]" }')"
rm -f "$WORK/l"/* "$LISTS"/*

# The other numbering, version 2 with paths, digest cache TLV; keys, metadata alone and bad names are refused.
python3 - "$WORK/l" "$(sum "$WORK/tree/tool")" <<'END'
import struct, sys
dir, tool = sys.argv[1] + "/", bytes.fromhex(sys.argv[2])
head = lambda v, t, n, size, algo=4: struct.pack("<BBHHHII", v, 0, t, 0, algo, n, size)
one = lambda t, algo=4: head(1, t, 1, 32, algo) + tool
items = lambda *all: bytes([len(all)]) + b"".join(bytes([i]) + struct.pack("<I", len(x)) + x for i, x in all)
entry = items((0, tool), (2, b"/usr/lib/modules/6.1/x.ko\0"), (3, struct.pack("<I", 0)), (5, struct.pack("<I", 0o644)))
field = lambda t, x: struct.pack(">HI", t, len(x)) + x
tlv = field(0, b"\0\4") + field(1, struct.pack(">I", 1)) + field(2, field(0, tool) + field(1, b"/usr/bin/tool\0"))
for name, data in {
    "0-file_list-compact-older": one(2), "0-metadata_list-compact_tlv-meta": head(2, 3, 1, len(entry)) + entry,
    "tlv-cache": tlv, "0-key_list-compact-key": one(0), "0-metadata_list-compact-evm": one(3),
    "0-file_list-compact-contradiction": one(3), "nonsense": one(1), "0-file_list-compact-cut": one(1)[:30],
    "0-file_list-compact-sha1": one(1, 2), "0-file_list-compact-empty": b"",
    "0-file_list-rpm-openeuler": b"\x8e\xad\xe8\x01" + b"\0" * 40}.items():
    open(dir + name, "wb").write(data)
END
run 0 import --legacy "$WORK/l/0-file_list-compact-older" "${sign[@]}"
digests "$LISTS/tlv-older" "['$(sum "$WORK/tree/tool")']"
run 0 import --legacy "$WORK/l/0-metadata_list-compact_tlv-meta" "${sign[@]}"
run 0 inspect --root "$ROOT" "$LISTS/tlv-meta" --json
json 'd["files"][0]["entries"][0]["path"] == "/usr/lib/modules/6.1/x.ko" and d["files"][0]["entries"][0]["use"] == "module,kexec"'
run 0 import --legacy "$WORK/l/tlv-cache" "${sign[@]}"
digests "$LISTS/tlv-cache" "['$(sum "$WORK/tree/tool")']"
rm "$LISTS"/*
while read -r name text; do
	run 2 import --legacy "$WORK/l/$name" "${sign[@]}"
	out_has "$text"
done <<'LIST'
0-key_list-compact-key vouches for no files
0-metadata_list-compact-evm no digest of a file's content
0-file_list-compact-contradiction a type that is not the one of the name
nonsense neither POSITION
0-file_list-compact-cut offset 12
0-file_list-compact-sha1 other than SHA-256
0-file_list-compact-empty empty
0-file_list-rpm-openeuler import the package itself
LIST
[ -z "$(ls "$LISTS")" ] || fail "lists were made of what was refused: $(ls "$LISTS")"

# A signature that is there has to be good, and by somebody who is trusted.
mkdir -p "$ROOT/opt"
cp "$WORK/tree/tool" "$ROOT/opt/tool"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/other.pem" -out "$WORK/other.crt" -subj /CN=other -days 30 2>/dev/null
run 0 sign --name signed --key "$WORK/other.pem" --cert "$WORK/other.crt" --root "$ROOT" /opt/tool
mv "$LISTS/tlv-signed" "$WORK/l/tlv-signed"
run 2 import --legacy "$WORK/l/tlv-signed" "${sign[@]}"
out_has 'no trusted key has made its signature'
run 0 key add --owner --yes "$WORK/other.crt" --root "$ROOT"
run 0 import --legacy "$WORK/l/tlv-signed" "${sign[@]}"
rm "$LISTS"/*
python3 - "$WORK/l/tlv-signed" "$(sum "$WORK/tree/tool")" <<'END'
import sys
data, digest = open(sys.argv[1], "rb").read(), bytes.fromhex(sys.argv[2])
open(sys.argv[1], "wb").write(data.replace(digest, bytes(32)))
END
run 2 import --legacy "$WORK/l/tlv-signed" "${sign[@]}"
out_has 'signature does not verify'
[ -z "$(ls "$LISTS")" ] || fail "a list was made of one with a bad signature"

# diglim_user_client: the words that scripts look for, and an exit status.
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$*" = "load -- /x" ] || [ "$*" = "unload -- /x" ] || exit 1\n' >"$WORK/fake"
chmod 755 "$WORK/fake"
DIGLIM=$WORK/fake old 0 diglim_user_client -o add -p /x
out_has '^Digest list command successful$'
DIGLIM=$WORK/fake old 0 diglim_user_client -o del -p /x
DIGLIM=$WORK/fake old 1 diglim_user_client -o add -p /y
out_lacks successful
old 2 diglim_user_client -o add
old 2 diglim_user_client -o query -p /x
DIGLIM=$WORK/absent old 2 diglim_user_client -o add -p /x
if [ ! -e /sys/fs/bpf/diglim ]; then
	old 2 diglim_user_client -o add -p "$WORK/l/nonsense"
	out_lacks successful
fi

# rpm lists and rpm_gen, with a vendor's headers.
if [ -d "$DIGLIM_TESTDATA" ]; then
	package=$DIGLIM_TESTDATA/signed/lua-5.4.2-1.fc33.x86_64.rpm
	run 0 key add --root "$ROOT" --yes --vendor "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-fedora-33-primary.asc"
	mkdir "$WORK/headers"
	tar -C "$WORK/headers" -xf "$(find "$DIGLIM_TESTDATA/headers" -name 'amzn2*' -o -name 'amazon*2*' | head -n 1)"
	hdr=$(find "$WORK/headers" -name 'bash-*.hdr' | head -n 1)
	python3 - "$hdr" "${hdr%.hdr}.sig" "$WORK/l/0-file_list-rpm-bash" <<-'END'
		import struct, sys
		hdr, sig = (open(f, "rb").read() for f in sys.argv[1:3])
		trailer = bytes(8) + struct.pack(">I", len(sig)) + b"~Module signature appended~\n"
		open(sys.argv[3], "wb").write(hdr + sig + trailer)
		hdr = hdr.replace(b"/usr/bin/", b"/usr/bix/", 1)
		open(sys.argv[3] + "-bad", "wb").write(hdr + sig + trailer)
	END
	run 0 key add --root "$ROOT" --yes --vendor "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-amazon-linux-2.asc"
	run 0 import --legacy "$WORK/l/0-file_list-rpm-bash" "${sign[@]}" --json
	json 'd["packages"][0]["name"].startswith("bash-") and d["packages"][0]["digests"] > 50'
	run 0 verify --root "$ROOT" "$LISTS"/rpm-bash-*
	rm "$LISTS"/*
	run 2 import --legacy "$WORK/l/0-file_list-rpm-bash-bad" "${sign[@]}"
	[ -z "$(ls "$LISTS")" ] || fail "a list of a tampered header: $(ls "$LISTS")"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nverb=$1\nshift\nexec "%s" "$verb" --root "%s" "$@"\n' "$DIGLIM" "$ROOT" >"$WORK/below"
	chmod 755 "$WORK/below"
	DIGLIM=$WORK/below old 0 rpm_gen -d "$WORK/rpm" -r "$package"
	[ "$(ls -A "$WORK/rpm")" = 0-file_list-rpm-lua-5.4.2-1.fc33.x86_64 ] || fail "rpm_gen made $(ls -A "$WORK/rpm")"
	run 0 verify --root "$ROOT" "$WORK/rpm"
	rm "$WORK/rpm"/*
	DIGLIM=$WORK/below old 0 rpm_gen -d "$WORK/rpm" -r "$package" -p bash
	[ -z "$(ls -A "$WORK/rpm")" ] || fail "the prefix is ignored: $(ls -A "$WORK/rpm")"
	DIGLIM=$WORK/below old 1 rpm_gen -d "$WORK/rpm" -r "$DIGLIM_TESTDATA/unsigned/libsbc-2.0-3.fc39.x86_64.rpm"
	old 2 rpm_gen -r "$package"
	# diglim_setup.sh below a root, with a vendor's database
	mkdir -p "$WORK/system/var/lib/rpm" "$WORK/system/etc/pki/rpm-gpg"
	xzcat "$DIGLIM_TESTDATA/rpmdb/amazonlinux2023.sqlite.xz" >"$WORK/system/var/lib/rpm/rpmdb.sqlite"
	cp "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-amazon-linux-2023.asc" "$WORK/system/etc/pki/rpm-gpg"
	cp "$DIGLIM_SOURCE/programs/legacy/diglim_setup.sh" "$WORK/bin"
	export DIGLIM_ROOT=$WORK/system
	old 0 diglim_setup.sh install --default
	run 0 verify --root "$WORK/system" "$WORK/system/var/lib/diglim/lists"
	old 0 diglim_setup.sh uninstall --default
	[ ! -e "$WORK/system/var/lib/diglim/lists" ] || fail "uninstall leaves the lists"
	rm "$WORK/system/var/lib/rpm/rpmdb.sqlite"
	old 2 diglim_setup.sh install --default
	old 2 diglim_setup.sh reinstall
	old 2 diglim_setup.sh install --now
fi
finish
