#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists follow rpm's database: a vendor's, copied, changed by rpm, damaged. No kernel here.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

need_testdata
command -v xzcat >/dev/null || skip "no xz"
command -v rpm >/dev/null || skip "no rpm"
DB=$ROOT/var/lib/rpm
lists() { find "$LISTS" -mindepth 1 -printf '%f\n' | sort | sha256sum; }
count() { find "$LISTS" -name 'rpm-*' | wc -l; }

# No rpm here: nothing to do, and nothing done to what is there.
mkdir -p "$LISTS"
echo kept >"$LISTS/rpm-elsewhere"
run 1 sync --root "$ROOT"
out_has 'No rpm database'
err_has 'rpm-elsewhere: .*'
[ -f "$LISTS/rpm-elsewhere" ] || fail "without a database something was deleted"
rm "$LISTS/rpm-elsewhere"

mkdir -p "$DB"
xzcat "$DIGLIM_TESTDATA/rpmdb/amazonlinux2023.sqlite.xz" >"$DB/rpmdb.sqlite"
cp "$DB/rpmdb.sqlite" "$WORK/whole"

# Without the vendor's key nothing can be vouched for: each package is named.
run 0 sync --root "$ROOT" --json
json 'd["packages"] == 102 and d["summary"]["unvouched"] == 102 and d["summary"]["written"] == 0'
json 'all(c["outcome"] == "unknown-key" and c["way_out"] for c in d["changes"])'
run 0 key add --root "$ROOT" --yes "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-amazon-linux-2023.asc"

run 1 sync --root "$ROOT" --dry-run
out_has '^\[\+\] .*: would be written'
[ "$(count)" = 0 ] || fail "--dry-run wrote lists"
run 0 sync --root "$ROOT" --json
json 'd["summary"]["written"] == 98 and d["summary"]["unvouched"] == 0 and not d["kernel"]'
err_is_empty
[ "$(count)" = 98 ] || fail "not 98 lists: $(count)"
whole=$(lists)
run 0 verify "$LISTS" --root "$ROOT" --json
json 'len(d["lists"]) == 98 and all(l["valid"] for l in d["lists"])'

# The same digests as rpm has: of regular files that are no ghosts, of packages with a list.
rpm --root "$ROOT" --dbpath /var/lib/rpm -qa --nosignature --nodigest \
	--qf '[%{FILEDIGESTS} %{FILEFLAGS}\n]' 2>/dev/null |
	awk 'length($1) == 64 && int($2 / 64) % 2 == 0 { print $1 }' | sort >"$WORK/rpm"
run 0 inspect "$LISTS"/* --root "$ROOT" --json
python3 -c 'import json, sys
for f in json.load(open(sys.argv[1]))["files"]:
    for e in f["entries"]: print(e["digest"])' "$WORK/out" | sort >"$WORK/ours"
[ "$(wc -l <"$WORK/rpm")" -gt 1000 ] || fail "rpm knows $(wc -l <"$WORK/rpm") digests"
cmp "$WORK/rpm" "$WORK/ours" || fail "not rpm's digests"

# Twice changes nothing.
run 0 sync --root "$ROOT" --json
json 'd["changes"] == [] and d["summary"]["written"] == 0'
run 0 sync --root "$ROOT" --dry-run
[ "$(lists)" = "$whole" ] || fail "the second sync changed something"

# What a killed rpm and a full disk leave behind; and what is nobody's business.
victim=$(find "$LISTS" -name 'rpm-bash-*')
other=$(find "$LISTS" -name 'rpm-zlib-*')
: >"$victim"
rm "$other"
cp "$LISTS"/rpm-glibc-[0-9]* "$LISTS/rpm-gone-1-1.x86_64"
touch "$LISTS/.rpm-half.AbCdEf" -d '2 minutes ago'
touch "$LISTS/.rpm-young.AbCdEf" "$LISTS/.rpm-note"
cp "$LISTS"/rpm-glibc-[0-9]* "$LISTS/tlv-mine"
run 0 sync --root "$ROOT" --json
json 'sorted((c["what"], c["name"].split("-")[0]) for c in d["changes"]) == [("deleted", "rpm"), ("written", "bash"), ("written", "zlib")]'
json 'd["summary"]["deleted"] == 2'
[ -f "$LISTS/tlv-mine" ] || fail "a list of the owner was deleted"
ls "$LISTS/.rpm-young.AbCdEf" "$LISTS/.rpm-note" >/dev/null || fail "somebody's file was deleted"
rm "$LISTS/tlv-mine" "$LISTS/.rpm-young.AbCdEf" "$LISTS/.rpm-note"
[ "$(lists)" = "$whole" ] || fail "not as before: $(ls -A "$LISTS")"

# rpm takes a package away.
if rpm --root "$ROOT" --dbpath /var/lib/rpm -e --justdb --nodeps --noscripts zlib >/dev/null 2>&1; then
	run 0 sync --root "$ROOT" --json
	json '[c["what"] for c in d["changes"]] == ["deleted"] and d["packages"] == 101'
	[ ! -e "$other" ] || fail "the list of a package that is gone is still there"
else
	fail "rpm -e did not work"
fi

# A key that is gone takes its lists along.
run 0 key remove --root "$ROOT" --yes "$(basename "$(ls "$ROOT"/etc/diglim/keys.d/vendor/*)")"
cp -a "$LISTS" "$WORK/lists"
run 0 sync --root "$ROOT" --json --quiet
json 'd["summary"]["deleted"] == 97 and d["changes"][0]["what"] == "deleted"'
run 0 key add --root "$ROOT" --yes "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-amazon-linux-2023.asc"
run 0 sync --root "$ROOT" --quiet

# A damaged or empty database is not taken for the truth.
before=$(lists)
truncate -s 300000 "$DB/rpmdb.sqlite"
rm -f "$DB"/rpmdb.sqlite-*
run 2 sync --root "$ROOT"
err_has 'rpm database'
[ "$(lists)" = "$before" ] || fail "a damaged database deleted lists"
rm -f "$DB"/rpmdb.sqlite*
mkfifo "$DB/rpmdb.sqlite"
for verb in sync "import --rpmdb" "key sync --yes"; do
	# shellcheck disable=SC2086 # words
	run 2 $verb --root "$ROOT"
	err_has 'not a regular file'
done
[ "$(lists)" = "$before" ] || fail "no database at all deleted lists"
rm -f "$DB"/rpmdb.sqlite*
rpm --root "$ROOT" --dbpath /var/lib/rpm --initdb
run 2 sync --root "$ROOT"
err_has 'no package'
[ "$(lists)" = "$before" ] || fail "an empty database deleted lists"

# Somebody else is at work.
cp "$WORK/whole" "$DB/rpmdb.sqlite"
exec 9<"$LISTS"
flock 9
"$DIGLIM" sync --root "$ROOT" >"$WORK/out" 2>"$WORK/err" 9<&- &
sleep 1
kill -0 $! 2>/dev/null || fail "sync does not wait for the lock"
exec 9<&-
wait $! || fail "sync after the lock: $(cat "$WORK/err")"
[ "$(lists)" = "$whole" ] || fail "not as in the beginning"

# No room for a list: said, and the rest is done.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	rm -rf "$WORK/kept" && cp -a "$LISTS" "$WORK/kept"
	# shellcheck disable=SC2016 # for the shell inside
	unshare -m bash -c 'mount -t tmpfs -o size=96k none "$1" || exit 1
		"$2" sync --root "$3" --json >"$4/out" 2>"$4/err"; echo $? >"$4/status"
		find "$1" -name ".rpm-*" >"$4/left"' - "$LISTS" "$DIGLIM" "$ROOT" "$WORK"
	if [ ! -s "$WORK/status" ]; then
		fail "the small file system could not be made"
	else
		[ "$(cat "$WORK/status")" = 1 ] || fail "a full disk: status $(cat "$WORK/status")"
		json 'd["summary"]["refused"] > 0 and d["summary"]["refused"] + d["summary"]["written"] == 98'
		json 'any("No space left" in c.get("reason", "") for c in d["changes"])'
		[ ! -s "$WORK/left" ] || fail "half a list is left: $(cat "$WORK/left")"
	fi
else
	echo "SKIP: a full disk: needs root and a mount namespace"
fi
run 2 sync nonsense --root "$ROOT"
run 2 sync --dbpath /nowhere --root "$ROOT"
finish
