#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists of the owner: made, looked into, checked, compared with the files.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
mkdir -p "$ROOT/opt/app/lib"
printf '#!/bin/sh\necho hello\n' >"$ROOT/opt/app/run"
chmod 755 "$ROOT/opt/app/run"
cp /bin/true "$ROOT/opt/app/lib/lib.so"
chmod 644 "$ROOT/opt/app/lib/lib.so"
echo text >"$ROOT/opt/app/notes"
ln -s run "$ROOT/opt/app/link"
mkfifo "$ROOT/opt/app/fifo"
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")

run 2 sign /opt/app --root "$ROOT"
err_has 'no key to sign with'
run 0 sign /opt/app "${sign[@]}" --json
json 'd["digests"] == 2 and d["skipped"] == 3 and d["failed"] == 0'
list=$LISTS/tlv-_opt_app
[ -f "$list" ] || fail "no list at its place: $(ls "$LISTS")"

run 0 inspect "$list" --root "$ROOT" --json
json 'd["files"][0]["valid"] and d["files"][0]["name"] == "/opt/app"'
digest=$(sha256sum "$ROOT/opt/app/run" | cut -d' ' -f1)
json "{'digest': '$digest', 'use': 'exec', 'path': '/opt/app/run'} in d['files'][0]['entries']"
json '{e["path"] for e in d["files"][0]["entries"]} == {"/opt/app/run", "/opt/app/lib/lib.so"}'
run 0 inspect --summary "$list" --root "$ROOT"
out_lacks "$digest"

run 0 verify --files "$LISTS" --root "$ROOT"
out_has '2 files as listed, 0 differ'
echo changed >>"$ROOT/opt/app/run"
run 1 verify --files "$list" --root "$ROOT"
out_has '/opt/app/run: differs'
mv "$ROOT/opt/app/run" "$WORK/run"
ln -s "$WORK/run" "$ROOT/opt/app/run"
run 1 verify --files "$list" --root "$ROOT"
out_has '/opt/app/run: missing'
rm "$ROOT/opt/app/run"
run 1 verify --files "$list" --root "$ROOT" --json
json 'd["lists"][0]["valid"] and d["lists"][0]["files_missing"] == 1'
run 0 verify "$list" --root "$ROOT"

# A single file that is named is taken whatever it is; --all takes everything.
run 0 sign /opt/app/notes "${sign[@]}" --name notes --output "$WORK/notes" --json
json 'd["digests"] == 1'
run 0 sign /opt/app "${sign[@]}" --all --name all --use firmware --json
json 'd["digests"] == 2 and d["skipped"] == 2'
run 0 inspect "$LISTS/tlv-all" --root "$ROOT" --json
json 'all(e["use"] == "firmware" for e in d["files"][0]["entries"])'

# Nobody shall write to them: beside the use that they have, or with --use.
run 0 sign /opt/app "${sign[@]}" --all --name kept --immutable
run 0 inspect "$LISTS/tlv-kept" --root "$ROOT" --json
json 'sorted(e["use"] for e in d["files"][0]["entries"]) == ["data,immutable", "exec,immutable"]'
run 0 explain /opt/app/notes --use data --root "$ROOT" --json
json 'd["files"][0]["immutable"]'
run 0 sign --digest "$digest:/x" --name kept "${sign[@]}" --use firmware,immutable
run 0 inspect "$LISTS/tlv-kept" --root "$ROOT" --json
json '[e["use"] for e in d["files"][0]["entries"]] == ["firmware,immutable"]'
run 2 sign --digest "$digest:/x" --name kept "${sign[@]}" --use immovable

# fs-verity digests: of nothing, known from elsewhere, and as fsverity-utils compute them.
: >"$ROOT/opt/app/nothing"
run 0 sign /opt/app "${sign[@]}" --all --name verity --fsverity
run 0 inspect "$LISTS/tlv-verity" --root "$ROOT" --json
json '{e["verity"] for e in d["files"][0]["entries"] if e["path"] == "/opt/app/nothing" and "verity" in e} == {
	"3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95"}'
json 'len([e for e in d["files"][0]["entries"] if "verity" in e]) == len([e for e in d["files"][0]["entries"] if "digest" in e]) == 3'
if command -v fsverity >/dev/null; then
	computed=$(fsverity digest --compact "$ROOT/opt/app/lib/lib.so")
	json '"'"$computed"'" in {e.get("verity") for e in d["files"][0]["entries"]}'
fi
run 0 verify --files "$LISTS/tlv-verity" --root "$ROOT"
out_has '6 files as listed, 0 differ'
other=$(echo other | sha256sum | cut -d' ' -f1) verity=verity:sha256:$other
run 0 sign --digest "$verity:/x" --name elsewhere "${sign[@]}" --use module
echo "$verity /y" >"$WORK/measured"
run 0 sign --from "$WORK/measured" --name measured "${sign[@]}"
for i in elsewhere:/x measured:/y; do
	run 0 inspect "$LISTS/tlv-${i%:*}" --root "$ROOT" --json
	json "[(e['verity'], e['path']) for e in d['files'][0]['entries']] == [('$other', '${i#*:}')]"
done
run 1 explain "$other" --root "$ROOT" --json
run 0 explain "$verity" --use module --root "$ROOT" --json
json 'd["files"][0]["verity"] == "'"$other"'" and d["files"][0]["lists"][0]["by_verity"]'
run 2 sign --digest "verity:sha512:$other:/x" --name bad "${sign[@]}"
rm "$ROOT/opt/app/nothing" "$LISTS/tlv-verity" "$LISTS/tlv-elsewhere" "$LISTS/tlv-measured"

# Digests that were computed elsewhere.
run 0 sign --digest "$digest:/x/y" --digest "${digest//[0-9]/0}" --name two "${sign[@]}" --quiet
[ ! -s "$WORK/out" ] || fail "--quiet, and yet: $(cat "$WORK/out")"
run 0 inspect "$LISTS/tlv-two" --root "$ROOT" --json
json 'd["files"][0]["digests"] == 2'
run 2 sign --digest "${digest}0:/x" --name bad "${sign[@]}"
run 2 sign --digest "$digest:/x" "${sign[@]}"
err_has '--name'

# Without the key below --root the list is not valid, with a flipped bit neither.
mkdir "$WORK/other"
run 1 verify "$list" --root "$WORK/other"
out_has 'refused'
cp "$list" "$WORK/flipped"
flip "$WORK/flipped" 60
run 1 verify "$WORK/flipped" --root "$ROOT"
out_has 'refused: .*signature'

# Key and certificate must belong together.
run 0 key create --key "$WORK/key2.pem" --cert "$WORK/cert2.pem"
run 2 sign /opt/app --key "$WORK/key.pem" --cert "$WORK/cert2.pem" --root "$ROOT"
run 2 sign /opt/app --key "$WORK/nonexistent" --root "$ROOT"
run 2 sign /opt/nothing "${sign[@]}"
mkdir "$ROOT/opt/empty"
run 2 sign /opt/empty "${sign[@]}"
run 2 sign /opt/app "${sign[@]}" --use bogus
err_has 'exec, module'

# Without --name no list takes the place of one made of other paths.
mkdir -p "$ROOT/a" "$ROOT/b/bin" "$ROOT/c/bin"
cp /bin/true "$ROOT/a/bin"
cp /bin/false "$ROOT/a_bin"
cp /bin/true "$ROOT/b/bin/x"
cp /bin/false "$ROOT/c/bin/x"
run 0 sign /a/bin "${sign[@]}"
run 0 sign /a/bin "${sign[@]}"
run 2 sign /a_bin "${sign[@]}"
err_has 'tlv-_a_bin: there is another list: choose .*--name'
run 0 sign /a_bin "${sign[@]}" --name a_bin
run 0 sign /b /c "${sign[@]}" --json
json 'd["name"] == "/b /c"'
run 0 sign /b "${sign[@]}" --json
[ -f "$LISTS/tlv-_b__c" ] || fail "the list of both is gone: $(ls "$LISTS")"
cd "$ROOT/b" || exit 99
run 0 sign b "${sign[@]}" --json
json 'd["name"] == "/b"'
# The same list by whoever signs the same files with the same key.
mkdir -p "$ROOT/opt/epoch" && cp /bin/true "$ROOT/opt/epoch/one"
epoch() { run "$1" sign --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name epoch --output "$WORK/$2" /opt/epoch; }
export SOURCE_DATE_EPOCH=1700000000
epoch 0 first
sleep 1.1
epoch 0 second
cmp -s "$WORK/first" "$WORK/second" || fail "another list of the same files"
SOURCE_DATE_EPOCH=tomorrow epoch 2 third
err_has 'not seconds since 1970'
unset SOURCE_DATE_EPOCH
finish
