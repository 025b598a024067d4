#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A tree laid out as an ostree deployment: the rpm database is below /usr, /var is empty, links lead into it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_testdata
T=$DIGLIM_TESTDATA
command -v xzcat >/dev/null || skip "no xzcat"

S=$WORK/sysroot
D=$S/ostree/deploy/os/deploy/0123456789abcdef.0
mkdir -p "$D"/{usr/share/rpm,usr/etc,usr/bin,usr/lib/diglim/lists.d,etc,var,sysroot} "$S/ostree/deploy/os/var/home"
ln -s var/home "$D/home"
ln -s ../var/usrlocal "$D/usr/local"
ln -s usr/bin "$D/bin"
ln -s sysroot/ostree "$D/ostree"
xzcat "$T/rpmdb/amazonlinux2023.sqlite.xz" >"$D/usr/share/rpm/rpmdb.sqlite"
run 0 key add --root "$D" --yes --vendor "$T/keys/RPM-GPG-KEY-amazon-linux-2023.asc"

# Built into the image.
run 0 import --rpmdb --root "$D" --output "$D/usr/lib/diglim/lists.d" --json
json 'len(d["packages"]) == 102 and all(p["vouched"] for p in d["packages"])'
n=$(find "$D/usr/lib/diglim/lists.d" -name 'rpm-*' | wc -l)
json "d['summary']['imported'] == $n and $n > 60"
[ -z "$(ls -A "$D/var")" ] || fail "something was written to /var: $(ls -A "$D/var")"
[ ! -e "$D/usr/share/rpm/rpmdb.sqlite-journal" ] || fail "the database was opened for writing"
run 0 verify --root "$D" "$D"/usr/lib/diglim/lists.d/rpm-bash-*

# The lists below /usr are those that count: what is not in them is found, links out of the tree are not followed.
mkdir -p "$S/ostree/deploy/os/var/home/user"
cp /bin/true "$S/ostree/deploy/os/var/home/user/tool"
cp /bin/true "$D/usr/bin/stray"
run 1 scan --root "$D" --json
json '[f["path"] for g in d["groups"] for f in g["files"]] == ["/usr/bin/stray"]'
run 1 check --root "$D" --json
json '[f["path"] for f in d["refused"]["path"]] in (["/usr/bin/stray"], ["/bin/stray"])'
rm "$D/usr/bin/stray"
run 0 check --root "$D"
run 0 scan --root "$D"

# Onto the machine's own directory, from outside; the other place of the database goes first.
mkdir "$WORK/lists"
run 0 import --rpmdb --root "$D" --output "$WORK/lists" --quiet
[ "$(find "$WORK/lists" -name 'rpm-*' | wc -l)" = "$n" ] || fail "another number of lists from outside"
mkdir -p "$D/usr/lib/sysimage"
mv "$D/usr/share/rpm" "$D/usr/lib/sysimage/rpm"
run 0 import --rpmdb --root "$D" --output "$WORK/lists" --json
json "d['summary']['imported'] == 0 and len(d['packages']) == 102"
rm "$D/usr/lib/sysimage/rpm/rpmdb.sqlite"
run 2 import --rpmdb --root "$D" --output "$WORK/lists"
finish
