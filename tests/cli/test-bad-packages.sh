#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Databases and packages that are damaged, of the wrong kind or not there: a reason with the file, no list of them,
# nothing written where it is only read.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_testdata
T=$DIGLIM_TESTDATA

# refused WHY ROOT ARGUMENT...: status 2, a reason, no list, and nothing new in the directory of the database
refused()
{
	local why=$1 root=$2 before
	shift 2
	before=$(find "$root/usr/share/rpm" ! -name '*-shm' ! -name '*-wal' 2>/dev/null | sort)
	run 2 import "$@" --root "$root" --output "$WORK/lists"
	cat "$WORK/out" "$WORK/err" >"$WORK/said"
	grep -qE -- "$why" "$WORK/said" || fail "$*: no '$why' in: $(cat "$WORK/said")"
	[ -z "$(ls -A "$WORK/lists" 2>/dev/null)" ] || fail "$*: left behind: $(ls -A "$WORK/lists")"
	rm -rf "$WORK/lists"
	[ "$before" = "$(find "$root/usr/share/rpm" ! -name '*-shm' ! -name '*-wal' 2>/dev/null | sort)" ] ||
		fail "$why: files were made: $(ls -l "$root/usr/share/rpm")"
}

# An ostree or bootc tree: a deployment has its database below /usr.
D=$WORK/sysroot/ostree/deploy/os/deploy/0.0
DB=$D/usr/share/rpm
mkdir -p "$DB" "$D/var" "$WORK/sysroot/boot"
xzcat "$T/rpmdb/amazonlinux2023.sqlite.xz" >"$WORK/db" || skip "no xzcat"
size=$(stat -c %s "$WORK/db")
refused 'sysroot: no rpm database below it' "$WORK/sysroot" --rpmdb
refused '0.0: no rpm database below it' "$D" --rpmdb
refused 'root directory .*absent: No such file' "$WORK/absent" --rpmdb
refused 'root directory .*/db: not a directory' "$WORK/db" --rpmdb
refused 'var/none: no rpm database there' "$D" --rpmdb --dbpath /var/none
f=$DB/rpmdb.sqlite
: >"$f"
refused 'rpmdb.sqlite: offset 0: damaged' "$D" --rpmdb
echo nonsense >"$f"
refused 'rpmdb.sqlite: offset 0: damaged' "$D" --rpmdb
head -c 8192 /dev/zero >"$f"
refused 'rpmdb.sqlite: offset 0: damaged' "$D" --rpmdb
for n in 100 5000 $((size / 2)) $((size - 4096)); do
	head -c "$n" "$WORK/db" >"$f"
	refused 'rpm database /usr/share/rpm: cannot be (opened|read to its end)' "$D" --rpmdb
done
cp "$WORK/db" "$f"
dd if=/dev/urandom of="$f" bs=4096 seek=40 count=30 conv=notrunc status=none
refused '/usr/share/rpm: cannot be read to its end, [0-9]+ of 102 packages' "$D" --rpmdb
rm "$f"*
mkdir "$f"
refused 'rpmdb.sqlite: is a directory' "$D" --rpmdb
rmdir "$f"
mkfifo "$f"
refused 'rpmdb.sqlite: is a FIFO' "$D" --rpmdb
rm "$f"
ln -s rpmdb.sqlite "$f"
refused 'no rpm database below it' "$D" --rpmdb
rm "$f"

# Of another kind than this machine's librpm reads, or damaged: no new database is made beside it.
echo junk >"$DB/Packages.db"
refused 'Packages.db: offset 0: damaged' "$D" --rpmdb
if ! rpm --eval '%_db_backend' 2>/dev/null | grep -q ndb; then
	{ printf RpmP; head -c 8000 /dev/zero; } >"$DB/Packages.db"
	refused 'Packages.db: this machine.s librpm cannot read that kind' "$D" --rpmdb
fi
rm "$DB/Packages.db"
head -c 8000 /dev/zero >"$DB/Packages"
refused '/usr/share/rpm' "$D" --rpmdb
rm "$DB/Packages"

# One without a package says so; sync deletes nothing because of a database that it cannot read.
if command -v rpm >/dev/null && [ "$(id -u)" = 0 ]; then
	rpm --root "$D" --dbpath /usr/share/rpm --initdb
	refused 'no installed package' "$D" --rpmdb
	rm -r "$DB"
	mkdir "$DB"
fi
cp "$WORK/db" "$f"
run 0 key add --root "$D" --yes --vendor "$T/keys/RPM-GPG-KEY-amazon-linux-2023.asc"
run 0 import --rpmdb --root "$D" --quiet
n=$(find "$D/var/lib/diglim/lists" -type f | wc -l)
rm "$f"*
echo junk >"$DB/Packages.db"
run 2 sync --root "$D"
err_has 'Packages.db: offset 0'
[ "$(find "$D/var/lib/diglim/lists" -type f | wc -l)" = "$n" ] || fail "sync took lists away"

# A package that is refused is named as it lies there, whatever it calls itself.
cp "$T/signed/lua-5.4.2-1.fc33.x86_64.rpm" "$WORK/other.rpm"
run 1 import "$WORK/other.rpm" --root "$D" --output "$WORK/lists"
out_has '^\[-\] other.rpm \(lua-5.4.2-1.fc33.x86_64\): signed by key'

# dpkg: what one package has in info/ is damaged: it is named, its earlier list stays, the others get theirs.
owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
I=$ROOT/var/lib/dpkg/info
mkdir -p "$I" "$ROOT/usr/bin"
for p in one two; do
	printf 'Package: %s\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n' $p
	cat /bin/true - <<<$p >"$ROOT/usr/bin/$p"
	(cd "$ROOT" && chmod 755 usr/bin/$p && md5sum usr/bin/$p >"$I/$p.md5sums")
done >"$ROOT/var/lib/dpkg/status"
run 0 import --dpkg "${sign[@]}" --quiet
cp "$I/one.md5sums" "$WORK/md5sums"
for bad in nonsense cut fifo loop outside; do
	rm "$I/one.md5sums"
	case $bad in
	nonsense) echo nonsense >"$I/one.md5sums" ;;
	cut) head -c 20 "$WORK/md5sums" >"$I/one.md5sums" ;;
	fifo) mkfifo "$I/one.md5sums" ;;
	loop) ln -s one.md5sums "$I/one.md5sums" ;;
	outside) sed 's,usr/bin,../../usr/bin,' "$WORK/md5sums" >"$I/one.md5sums" ;;
	esac
	run 2 import --dpkg "${sign[@]}"
	out_has '^\[-\] (one_1_all: )?/var/lib/dpkg/info/one.md5sums: '
	out_has '^\[\+\] two_1_all'
	[ -f "$LISTS/tlv-one_1_all" ] || fail "$bad: its earlier list is gone"
done
cp --remove-destination "$WORK/md5sums" "$I/one.md5sums"
# A status file that is cut does not take the lists of the rest away.
cp "$ROOT/var/lib/dpkg/status" "$WORK/status"
head -c $(($(stat -c %s "$WORK/status") - 4)) "$WORK/status" >"$ROOT/var/lib/dpkg/status"
run 2 import --dpkg "${sign[@]}"
err_has 'status: offset [0-9]+: cut inside a line'
[ "$(find "$LISTS" -type f | wc -l)" = 2 ] || fail "lists are gone: $(ls "$LISTS")"
finish
