#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists of archives, images, digest files and system extensions; damaged ones make none.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")

# entries LIST: what is in it, as d["e"], path to digest
entries()
{
	run 0 inspect --root "$ROOT" "$1" --json
	python3 - "$WORK/out" <<-'END' || fail "no entries in $1"
		import json, sys
		d = json.load(open(sys.argv[1]))
		d["e"] = {e["path"]: e["digest"] for e in d["files"][0]["entries"]}
		json.dump(d, open(sys.argv[1], "w"))
	END
}
sum() { sha256sum "$1" | cut -d' ' -f1; }

T=$WORK/tree
mkdir -p "$T/usr/bin" "$T/usr/lib"
cp /bin/true "$T/usr/bin/tool"
ln "$T/usr/bin/tool" "$T/usr/bin/zlink"
ln -s tool "$T/usr/bin/symlink"
printf '#!/bin/sh\n' >"$T/usr/bin/script"
chmod 755 "$T/usr/bin/script"
echo text >"$T/usr/lib/notes"
truncate -s 300K "$T/usr/bin/sparse"
printf '\177ELF' | dd of="$T/usr/bin/sparse" conv=notrunc status=none

# Tarballs, whatever compresses them; sparse and hard links included.
for how in : gzip xz zstd bzip2; do
	tar -C "$T" -cSf "$WORK/x.tar" .
	[ "$how" = : ] || $how -q -f "$WORK/x.tar" || continue
	[ "$how" != zstd ] || rm "$WORK/x.tar"
	file=$(echo "$WORK"/x.tar*)
	run 0 import --tar "$file" --name tree "${sign[@]}"
	rm "$WORK"/x.tar*
	entries "$LISTS/tlv-tree"
	json "d['e'] == {'/usr/bin/tool': '$(sum /bin/true)', '/usr/bin/zlink': '$(sum /bin/true)',
		'/usr/bin/script': '$(sum "$T/usr/bin/script")', '/usr/bin/sparse': '$(sum "$T/usr/bin/sparse")'}"
done

# What the ingest buffer is too small for becomes several lists.
mkdir "$WORK/many"
(cd "$WORK/many" && seq 2000 | split -l 1 -a 4 - file && chmod 755 file*)
tar -C "$WORK/many" -cf "$WORK/many.tar" .
mkdir -p "$ROOT/etc/diglim"
printf '[ingest]\nbuffer = 64K\n' >"$ROOT/etc/diglim/diglim.conf"
run 0 import --tar "$WORK/many.tar" --name many "${sign[@]}" --json
rm "$ROOT/etc/diglim/diglim.conf"
json 'len(d["packages"]) == 3 and sum(p["digests"] for p in d["packages"]) == 2000'
json '[p["name"] for p in d["packages"]] == ["many", "many+2", "many+3"]'
run 0 verify "$LISTS"/tlv-many* --root "$ROOT"

# Names that lead out, a link to nothing, a cut archive, no archive: said, and no list is made.
tar -C "$T" -cPf "$WORK/out.tar" --transform 's,^usr/bin,../../bin,' usr/bin/script
tar -C "$T" -cf "$WORK/all.tar" usr
tar -C "$T" --delete -f "$WORK/all.tar" usr/bin/tool 2>/dev/null
tar -C "$T" -czf "$WORK/cut.tar.gz" . && truncate -s 700 "$WORK/cut.tar.gz"
echo nonsense >"$WORK/none.tar"
: >"$WORK/empty.tar"
for bad in out.tar cut.tar.gz none.tar; do
	run 2 import --tar "$WORK/$bad" --name "bad-$bad" "${sign[@]}"
	out_has "$bad"
	[ ! -e "$LISTS/tlv-bad-$bad" ] || fail "a list was made of $bad"
done
run 2 import --tar "$WORK/absent.tar" "${sign[@]}"
out_has 'No such file'
# One bad archive does not keep the others.
run 2 import --tar "$WORK/none.tar" --tar "$WORK/all.tar" "${sign[@]}" --json
json 'd["packages"][0]["outcome"] == "malformed" and d["packages"][1]["outcome"] == "imported"'

# Digest files.
(cd "$T" && sha256sum usr/bin/tool | sed 's,  ,  /,' >"$WORK/sums")
run 0 import --sums "$WORK/sums" --name sums "${sign[@]}"
entries "$LISTS/tlv-sums"
json "d['e'] == {'/usr/bin/tool': '$(sum /bin/true)'}"
echo 'd41d8cd98f00b204e9800998ecf8427e  /x' >"$WORK/md5"
run 2 import --sums "$WORK/md5" --name md5 "${sign[@]}"
out_has 'line 1'
[ ! -e "$LISTS/tlv-md5" ] || fail "a list was made of MD5 digests"

# System extensions: directories; of an image it is said how.
run 2 import --sysext "$T" "${sign[@]}"
out_has 'extension-release.d is not there'
mkdir "$T/usr/lib/extension-release.d"
echo 'ID=_any' >"$T/usr/lib/extension-release.d/extension-release.ext"
run 0 import --sysext "$T/" --name ext "${sign[@]}"
entries "$LISTS/tlv-ext"
json "'/usr/bin/tool' in d['e'] and len(d['e']) == 4"
echo x >"$WORK/ext.raw"
run 2 import --sysext "$WORK/ext.raw" "${sign[@]}"
out_has 'systemd-dissect'

# An image of three layers: one takes a file away, one hides a directory, one replaces a directory.
O=$WORK/oci
mkdir -p "$O/blobs/sha256"
blob()
{
	local d
	d=$(sum "$1")
	cp "$1" "$O/blobs/sha256/$d"
	printf '{"digest": "sha256:%s", "size": %d, "mediaType": "%s"}' "$d" "$(stat -c %s "$1")" "$2"
}
layer()
{
	tar -C "$WORK/l$1" -czf "$WORK/l$1.tgz" .
	blob "$WORK/l$1.tgz" application/vnd.oci.image.layer.v1.tar+gzip
}
prog() { mkdir -p "$(dirname "$WORK/$1")" && cat /bin/true - <<<"$1" >"$WORK/$1" && chmod 755 "$WORK/$1"; }
for p in l1/bin/keep l1/bin/gone l1/opt/a l1/opt/sub/b l1/dir/inside l2/opt/c l3/bin/keep; do prog "$p"; done
: >"$WORK/l2/opt/.wh..wh..opq"
mkdir -p "$WORK/l2/bin" && : >"$WORK/l2/bin/.wh.gone"
printf '#!/bin/sh\n' >"$WORK/l3/dir"
chmod 755 "$WORK/l3/dir"
printf '{"schemaVersion": 2, "layers": [%s, %s, %s]}' "$(layer 1)" "$(layer 2)" "$(layer 3)" >"$WORK/manifest"
printf '{"schemaVersion": 2, "manifests": [%s]}' \
	"$(blob "$WORK/manifest" application/vnd.oci.image.manifest.v1+json)" >"$O/index.json"
run 0 import --oci "$O" --name app "${sign[@]}" --json
json 'd["packages"][0]["digests"] == 3'
entries "$(echo "$LISTS"/tlv-app_*)"
json "d['e'] == {'/bin/keep': '$(sum "$WORK/l3/bin/keep")', '/opt/c': '$(sum "$WORK/l2/opt/c")',
	'/dir': '$(sum "$WORK/l3/dir")'}"
json '"hashed from an image on" in d["files"][0]["provenance"]'
rm "$LISTS"/tlv-app*
run 0 import --oci "$O" --layers "${sign[@]}" --json
json 'sorted(p["digests"] for p in d["packages"]) == [1, 2, 3, 5]'

# What is no image, and what is of a platform that is not here, is left out; nothing else is a fault.
rm "$LISTS"/*
cp "$O/index.json" "$WORK/index.json"
echo '{"predicateType": "x"}' >"$WORK/statement"
printf '{"schemaVersion": 2, "layers": [%s]}' "$(blob "$WORK/statement" application/vnd.in-toto+json)" >"$WORK/attestation"
image=$(blob "$WORK/manifest" application/vnd.oci.image.manifest.v1+json)
other=$(sed 's/}$/, "platform": {"architecture": "arm64", "os": "linux"}}/; s/sha256:..../sha256:0000/' <<<"$image")
printf '{"schemaVersion": 2, "manifests": [%s, %s, %s]}' \
	"$(blob "$WORK/attestation" application/vnd.oci.image.manifest.v1+json)" "$other" "$image" >"$O/index.json"
run 0 import --oci "$O" --name app "${sign[@]}" --json
json 'len(d["packages"]) == 1 and d["packages"][0]["digests"] == 3'
err_has 'not an image: left out'
err_has 'platform that is not in this layout: left out'
printf '{"schemaVersion": 2, "manifests": [%s]}' "$other" >"$O/index.json"
run 2 import --oci "$O" "${sign[@]}"
out_has 'no image in it'
cp "$WORK/index.json" "$O/index.json"

# A blob that was tampered with; an index that names nothing; no layout.
rm "$LISTS"/*
l=$O/blobs/sha256/$(sum "$WORK/l2.tgz")
printf x >>"$l"
run 2 import --oci "$O" "${sign[@]}"
out_has 'another digest than its name'
run 2 import --oci "$O" --layers "${sign[@]}"
[ -z "$(ls "$LISTS")" ] || fail "a list was made of a tampered image: $(ls "$LISTS")"
rm "$l"
run 2 import --oci "$O" "${sign[@]}"
out_has 'No such file'
for index in '{"manifests": []}' '[]' '{"manifests": [{"digest": "sha256:../../x"}]}' '{"manifests": [7]}'; do
	echo "$index" >"$O/index.json"
	run 2 import --oci "$O" "${sign[@]}"
done
run 2 import --oci "$T" "${sign[@]}"
out_has 'no OCI layout'

# A blob that somebody writes to all the time, through a mapping, which no time of the file shows: a list that is
# made has what the digest of the layer stands for.
O=$WORK/moving
mkdir -p "$O/blobs/sha256"
mkdir -p "$WORK/m/bin"
head -c 24000000 /dev/zero | cat /bin/true - >"$WORK/m/bin/flip"
chmod 755 "$WORK/m/bin/flip"
tar -C "$WORK/m" -cf "$WORK/m.tar" .
printf '{"schemaVersion": 2, "layers": [%s]}' "$(blob "$WORK/m.tar" application/vnd.oci.image.layer.v1.tar)" >"$WORK/manifest"
printf '{"schemaVersion": 2, "manifests": [%s]}' \
	"$(blob "$WORK/manifest" application/vnd.oci.image.manifest.v1+json)" >"$O/index.json"
python3 - "$O/blobs/sha256/$(sum "$WORK/m.tar")" <<'END' &
import mmap, sys, time
f = open(sys.argv[1], "r+b")
m = mmap.mmap(f.fileno(), 0)
at = m.find(b"\x7fELF") + 9
while True:
    m[at] ^= 255
    time.sleep(0.02)
END
flipper=$!
made=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	"$DIGLIM" import --oci "$O" --name moving "${sign[@]}" >"$WORK/out" 2>"$WORK/err" || continue
	entries "$(echo "$LISTS"/tlv-moving_*)"
	json "d['e'] == {'/bin/flip': '$(sum "$WORK/m/bin/flip")'}"
	rm "$LISTS"/tlv-moving_*
	made=$((made + 1))
done
echo "a moving blob: $made of 12 times a list"
kill "$flipper"
wait "$flipper" 2>/dev/null
finish
