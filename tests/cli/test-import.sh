#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Packages of real vendors: imported, refused with reason and way out.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

need_testdata
T=$DIGLIM_TESTDATA
alma=$T/signed/bash-5.1.8-9.el9.x86_64.rpm
name=bash-5.1.8-9.el9.x86_64

# No key yet: says which one is missing, and writes nothing.
run 1 import "$alma" --root "$ROOT"
out_has '^\[-\] bash-.*key d36cb86cb86b3716'
out_has 'diglim key add'
[ -z "$(ls "$LISTS")" ] || fail "a list was written: $(ls "$LISTS")"

run 0 key add --root "$ROOT" --yes "$T/keys/RPM-GPG-KEY-AlmaLinux-9.asc"
run 0 import "$alma" --root "$ROOT"
out_has "^\[\+\] $name: "
err_is_empty
run 0 import "$alma" --root "$ROOT" --json
json 'd["packages"][0]["outcome"] == "present" or d["packages"][0]["vouched"]'
json 'd["summary"]["imported"] == 0'
run 0 verify "$LISTS/rpm-$name" "$alma" --root "$ROOT"

# The same entries as rpm itself has: all regular files that are no ghosts.
if command -v rpm >/dev/null; then
	rpm -qp --nosignature --qf '[%{FILEDIGESTS} %{FILEFLAGS:fflags} %{FILENAMES}\n]' "$alma" \
		2>/dev/null | awk 'length($1) == 64 && $2 !~ /^[a-f]*g[a-z]*$/ { print $1, $NF }' |
		sort >"$WORK/rpm"
	run 0 inspect "$LISTS/rpm-$name" --root "$ROOT" --json
	python3 -c 'import json, sys
for e in json.load(open(sys.argv[1]))["files"][0]["entries"]:
    print(e["digest"], e["path"])' "$WORK/out" | sort >"$WORK/ours"
	[ -s "$WORK/rpm" ] || fail "rpm lists nothing"
	diff "$WORK/rpm" "$WORK/ours" >"$WORK/diff" || fail "not rpm's entries: $(head "$WORK/diff")"
fi

# Somewhere else, and other vendors.
run 0 import "$alma" --root "$ROOT" --output "$WORK/lists"
[ -f "$WORK/lists/rpm-$name" ] || fail "--output is not heeded"
run 1 import "$T/unsigned/libsbc-2.0-3.fc39.x86_64.rpm" --root "$ROOT"
out_has 'not signed'
out_has 'diglim sign'
run 1 import "$T/unknown-key/nvme-cli-2.6-163.3.x86_64.rpm" --root "$ROOT"
out_has '88eb5d66e2c0098c'
run 2 import "$T/malformed/broken.rpm" --root "$ROOT"
out_has '^\[-\] broken.rpm: .*offset'
run 1 import "$alma" "$T/unsigned/libsbc-2.0-3.fc39.x86_64.rpm" --quiet --root "$ROOT"
out_lacks "$name"

# A whole database.
if command -v xzcat >/dev/null; then
	mkdir -p "$WORK/amazon/var/lib/rpm"
	xzcat "$T/rpmdb/amazonlinux2023.sqlite.xz" >"$WORK/amazon/var/lib/rpm/rpmdb.sqlite"
	run 1 import --rpmdb --dbpath /var/lib/rpm --root "$WORK/amazon"
	run 0 key add --root "$WORK/amazon" --yes "$T/keys/RPM-GPG-KEY-amazon-linux-2023.asc"
	run 0 import --rpmdb --dbpath /var/lib/rpm --root "$WORK/amazon" --json
	json 'len(d["packages"]) == 102 and d["summary"]["imported"] == 98'
	run 0 verify "$WORK/amazon/var/lib/diglim/lists" --root "$WORK/amazon" --json
	json 'len(d["lists"]) == 98 and all(l["valid"] for l in d["lists"])'

	# After an import nothing is left to import, although nothing was new.
	stale='any(c["what"] == "lists and packages" for c in d["lists"])'
	find "$WORK/amazon/var/lib/diglim/lists" -exec touch -d '1 hour ago' {} +
	touch "$WORK/amazon/var/lib/rpm/rpmdb.sqlite" -d '1 minute ago'
	"$DIGLIM" doctor --root "$WORK/amazon" --json >"$WORK/out"
	json "$stale"
	run 0 import --rpmdb --dbpath /var/lib/rpm --root "$WORK/amazon" --quiet
	"$DIGLIM" doctor --root "$WORK/amazon" --json >"$WORK/out"
	json "not $stale"
fi

run 2 import --root "$ROOT"
run 2 import --rpmdb "$alma" --root "$ROOT"
run 2 import --dbpath /x "$alma" --root "$ROOT"
run 2 import /nonexistent --root "$ROOT"

# A name that is not there is said, before anything is done.
run 2 import --json "$alma" /opt/nosuch.rpm --root "$ROOT" --output "$WORK/none"
json '"/opt/nosuch.rpm" in d["error"] and "No such file" in d["error"]'
[ ! -e "$WORK/none" ] || fail "something was imported nevertheless"
finish
