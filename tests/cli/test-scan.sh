#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What no list vouches for is found, proposed, pruned, signed, and then no more.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
mkdir -p "$ROOT"/{usr/bin,usr/lib/modules/6.1,usr/lib/firmware,opt/app,srv}
printf '#!/bin/sh\necho hello\n' >"$ROOT/opt/app/run"
cp /bin/true "$ROOT/usr/bin/tool"
cp /bin/false "$ROOT/opt/app/lib.so"
chmod 644 "$ROOT/opt/app/lib.so"
chmod 755 "$ROOT/usr/bin/tool"
echo module >"$ROOT/usr/lib/modules/6.1/x.ko"
echo firmware >"$ROOT/usr/lib/firmware/x.bin"
echo text >"$ROOT/srv/notes"

run 1 scan --root "$ROOT" --json --threads 2
json 'd["unvouched"] == 5 and d["vouched"] == 0 and not d["not_looked_into"]'
json '{f["path"]: f["kind"] for g in d["groups"] for f in g["files"]} == {
	"/opt/app/run": "script", "/opt/app/lib.so": "library", "/usr/bin/tool": "program",
	"/usr/lib/modules/6.1/x.ko": "module", "/usr/lib/firmware/x.bin": "firmware"}'
json "[g['count'] for g in d['groups'] if g['directory'] == '/opt/app' and g['uid'] == $(id -u)] == [2]"
digest=$(sha256sum "$ROOT/opt/app/run" | cut -d' ' -f1)
json "any(f['digest'] == '$digest' for g in d['groups'] for f in g['files'])"
run 1 scan --root "$ROOT"
out_has '^/opt/app \([0-9]+:[0-9]+\): 2 files'
out_has '\[-\] +run: script'
run 1 scan --root "$ROOT" --summary
out_lacks 'run: script'

# A second owner makes a second group.
if chown 12345:54321 "$ROOT/opt/app/lib.so" 2>/dev/null; then
	run 1 scan --root "$ROOT" /opt/app
	out_has '^/opt/app \(12345:54321\): 1 file$'
fi

# Proposed, compared by sha256sum itself, pruned, signed.
run 1 scan --root "$ROOT" --propose "$WORK/candidates"
err_is_empty
(cd / && sed "s,  /,  $ROOT/," "$WORK/candidates" | sha256sum --strict -c --quiet) ||
	fail "sha256sum does not accept: $(cat "$WORK/candidates")"
run 2 scan --root "$ROOT" --propose "$WORK/candidates"
err_has 'File exists'
sed -i '/usr\/bin\/tool/d' "$WORK/candidates"
run 2 sign --from "$WORK/candidates" "${sign[@]}"
err_has -- '--from needs --name'
run 0 sign --from "$WORK/candidates" --name found "${sign[@]}" --json
json 'd["digests"] == 4'
run 0 inspect --root "$ROOT" "$LISTS/tlv-found" --json
json '{e["path"]: e["use"] for e in d["files"][0]["entries"]}["/usr/lib/firmware/x.bin"] == "firmware"'
json '{e["path"]: e["use"] for e in d["files"][0]["entries"]}["/opt/app/run"] == "exec"'
run 1 scan --root "$ROOT" --json
json 'd["vouched"] == 4 and [f["path"] for g in d["groups"] for f in g["files"]] == ["/usr/bin/tool"]'
run 0 scan --root "$ROOT" /opt /usr/lib
run 0 scan --root "$ROOT" /opt --propose "$WORK/none"
err_has 'nothing to propose'
[ ! -e "$WORK/none" ] || fail "a list of nothing was written"

# Vouched for, but not for this; denied although vouched for.
run 0 sign /usr/bin/tool --use data --name wrong "${sign[@]}"
run 1 scan --root "$ROOT" /usr/bin --json
json 'd["groups"][0]["files"][0]["reason"] == "wrong-use"'
rm "$LISTS/tlv-wrong"
run 0 deny "$digest" --output "$LISTS/tlv-deny" "${sign[@]:0:4}"
out_has 'By content only: .*verity:sha256:HEX'
run 0 deny "verity:sha256:$digest" --output "$WORK/tlv-verity" "${sign[@]:0:4}"
out_lacks 'By content only'
run 1 scan --root "$ROOT" /opt --json
json '[(f["path"], f["reason"]) for g in d["groups"] for f in g["files"]] == [("/opt/app/run", "denied")]'
run 1 scan --root "$ROOT" /opt --propose "$WORK/denied"
! grep -q "^$digest" "$WORK/denied" || fail "what is denied is proposed"
rm "$LISTS/tlv-deny"

# A list whose signature is bad vouches for nothing, and that is said.
flip "$LISTS/tlv-found" 70
run 1 scan --root "$ROOT" --json
err_has 'tlv-found vouches for nothing'
json 'd["vouched"] == 0'
rm "$LISTS/tlv-found"

# What runs now is marked. This system's own, so without --root.
cp /bin/sleep "$WORK/sleeper"
"$WORK/sleeper" 60 &
pid=$!
run 1 scan "$WORK/sleeper" --json
kill "$pid"
json "[f['pid'] for g in d['groups'] for f in g['files']] == [$pid]"
json 'd["running"] == 1'

# Bad candidate files; nothing is written.
for bad in 'nonsense' "${digest}" "#: use bogus
$digest  /x" "# nothing"; do
	printf '%s\n' "$bad" >"$WORK/bad"
	run 2 sign --from "$WORK/bad" --name bad "${sign[@]}"
	err_has "$WORK/bad: (line [0-9]|not one digest)"
done
[ ! -e "$LISTS/tlv-bad" ] || fail "a list was made of bad candidates"
printf '%s *%s\n' "$digest" /plain >"$WORK/plain"
run 0 sign --from "$WORK/plain" --name plain "${sign[@]}"
run 2 scan --root "$ROOT" /nothing
err_has 'No such file'
run 2 scan --root "$ROOT" --threads 0
run 2 scan --root "$ROOT" --threads 1000
finish
