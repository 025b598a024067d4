#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What would happen to a file, by the lists on disk: verdict, reason, signer, way out.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
mkdir -p "$ROOT/opt/app" "$ROOT/bin"
cp /bin/true "$ROOT/bin/sh"
printf '#!/bin/sh -e\necho hello\n' >"$ROOT/opt/app/run"
chmod 755 "$ROOT/opt/app/run"
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")

run 1 explain /opt/app/run --root "$ROOT"
out_has '^Verdict: +would be refused'
out_has '^To allow it: .*diglim sign /opt/app/run$'
run 0 sign /opt/app "${sign[@]}" --name app
run 1 explain /opt/app/run --root "$ROOT" --json
json 'd["attached"] is False and [f["path"] for f in d["files"]] == ["/opt/app/run", "/bin/sh"]'
json 'd["files"][0]["vouched"] and not d["files"][1]["vouched"]'
json 'd["files"][0]["lists"][0]["name"] == "app"'
json 'd["files"][0]["lists"][0]["signer"]["owner"] == "CN=Test owner"'
run 0 sign /bin/sh "${sign[@]}" --name sh
run 0 explain /opt/app/run --root "$ROOT"
out_has '^Reason: +a list with a good signature'
out_has '^  Signer: +CN=Test owner'

# By digest; for another use; an altered file; a link.
digest=$(sha256sum "$ROOT/opt/app/run" | cut -d' ' -f1)
run 0 explain "$digest" --root "$ROOT"
run 1 explain "$digest" --root "$ROOT" --use module
out_has '^Reason: .*another use'

# What is said to do about a digest is a whole command.
zeros=${digest//[0-9]/0}
run 1 explain "$zeros" --root "$ROOT"
out_has "diglim sign --digest $zeros --name digest-${zeros:0:12}$"
# shellcheck disable=SC2046
run 0 $(sed -n 's/^To allow it: .*: diglim //p' "$WORK/out") "${sign[@]}"
run 0 explain "$zeros" --root "$ROOT"
ln -s run "$ROOT/opt/app/link"
run 0 explain opt/app/link --root "$ROOT" --json
json 'd["files"][0]["path"] == "/opt/app/run"'
echo '# changed' >>"$ROOT/opt/app/run"
run 1 explain /opt/app/run --root "$ROOT"
out_has 'Lists its path with another digest'
out_has '^To allow it: .*changed.*app'

# A list whose signer is not trusted does not vouch, and the way out says so.
rm -r "$ROOT/etc/diglim/keys.d"
run 1 explain "$digest" --root "$ROOT"
out_has '^  Signature: +refused'
out_has '^To allow it: .*diglim key add'

# A file open for writing is refused whatever the lists say.
run 0 key add --root "$ROOT" --yes "$WORK/cert.pem"
run 0 explain /bin/sh --root "$ROOT"
exec 9>>"$ROOT/bin/sh"
run 1 explain /bin/sh --root "$ROOT" --json
json 'd["files"][0]["reason"] == "writer"'
exec 9>&-

# A link of the image leads nowhere else than the image itself would have it.
cp /bin/false "$ROOT/opt/app/tool"
ln -s /opt/app/tool "$ROOT/bin/awk"
ln -s /../../bin/sh "$ROOT/bin/up"
mkdir "$ROOT-beside"
cp /bin/true "$ROOT-beside/tool"
ln -s "$ROOT-beside/tool" "$ROOT/bin/beside"
run 1 explain /bin/awk --root "$ROOT" --json
json 'd["files"][0]["path"] == "/opt/app/tool"'
run 0 explain /bin/up --root "$ROOT" --json
json 'd["files"][0]["path"] == "/bin/sh"'
run 2 explain /bin/beside --root "$ROOT"
printf '#!/bin/awk\n' >"$ROOT/opt/app/script"
run 1 explain /opt/app/script --root "$ROOT" --json
json '[f["path"] for f in d["files"]] == ["/opt/app/script", "/opt/app/tool"]'

# A process: its program and libraries.
sleep 60 &
until [ "$(cat "/proc/$!/comm")" = sleep ]; do sleep 0.1; done
run 1 explain "$!" --json
json 'd["pid"] > 0 and any(f["path"].endswith("/sleep") for f in d["files"])'
json 'any("libc" in f["path"] for f in d["files"]) or len(d["files"]) == 1'
kill "$!"

run 2 explain /nonexistent --root "$ROOT"
run 2 explain 999999999
run 2 explain "$ROOT"
run 2 explain
run 2 explain /bin/sh /bin/ls
run 2 explain /bin/sh --use exec,module
finish
