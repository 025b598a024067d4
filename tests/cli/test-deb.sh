#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian packages as files, and what dpkg has installed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
command -v dpkg-deb >/dev/null || skip "no dpkg-deb"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
sum() { sha256sum "$1" | cut -d' ' -f1; }
prog() { mkdir -p "$(dirname "$1")" && cat /bin/true - <<<"$2" >"$1" && chmod 755 "$1"; }

# package NAME VERSION: $WORK/NAME.deb with a program, a configuration script and maintainer scripts
package()
{
	local p=$WORK/pkg/$1
	mkdir -p "$p/DEBIAN" "$p/usr/share/doc/$1" "$p/etc/cron.daily"
	prog "$p/usr/bin/$1" "$1 $2"
	ln -f "$p/usr/bin/$1" "$p/usr/bin/$1-link"
	echo text >"$p/usr/share/doc/$1/readme"
	printf '#!/bin/sh\necho %s\n' "$1" >"$p/etc/cron.daily/$1"
	printf '/etc/cron.daily/%s\n' "$1" >"$p/DEBIAN/conffiles"
	printf '#!/bin/sh\n# postinst %s\n' "$1" >"$p/DEBIAN/postinst"
	chmod 755 "$p/DEBIAN/postinst" "$p/etc/cron.daily/$1"
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: test\n' \
		"$1" "$2" >"$p/DEBIAN/control"
	(cd "$p" && md5sum "usr/bin/$1" "usr/bin/$1-link" "usr/share/doc/$1/readme" >DEBIAN/md5sums)
	dpkg-deb --root-owner-group "${@:3}" -b "$p" "$WORK/$1.deb" >/dev/null
}

for z in xz zstd gzip none; do
	package one 1:1.0-1 "-Z$z" || continue
	run 0 import "$WORK/one.deb" "${sign[@]}"
	run 0 inspect --root "$ROOT" "$LISTS/tlv-one_1:1.0-1_all" --json
	json "{e['path']: e['digest'] for e in d['files'][0]['entries']} == {
		'/usr/bin/one': '$(sum "$WORK/pkg/one/usr/bin/one")',
		'/usr/bin/one-link': '$(sum "$WORK/pkg/one/usr/bin/one")',
		'/etc/cron.daily/one': '$(sum "$WORK/pkg/one/etc/cron.daily/one")',
		'/var/lib/dpkg/info/one.postinst': '$(sum "$WORK/pkg/one/DEBIAN/postinst")'}"
	json '"on the owner" in d["files"][0]["provenance"]'
	rm "$LISTS"/*
done

# Damaged, cut, no package, a package without its parts: said, and no list.
head -c 900 "$WORK/one.deb" >"$WORK/cut.deb"
echo nonsense >"$WORK/none.deb"
mkdir "$WORK/ar"
(cd "$WORK/ar" && ar x "$WORK/one.deb" && ar rc "$WORK/no-data.deb" debian-binary control.tar* &&
	ar rc "$WORK/no-control.deb" debian-binary data.tar* &&
	ar rc "$WORK/late.deb" control.tar* debian-binary data.tar* && echo x >extra &&
	ar rc "$WORK/extra.deb" debian-binary control.tar* extra data.tar* &&
	printf 'Package: ../x\nVersion: 1\nArchitecture: all\n' >control && tar cf control.tar ./control &&
	ar rc "$WORK/name.deb" debian-binary control.tar data.tar* &&
	printf 'nonsense\n' >control && tar cf control.tar ./control &&
	ar rc "$WORK/control.deb" debian-binary control.tar data.tar*)
for bad in cut none no-data no-control late extra name control; do
	run 2 import "$WORK/$bad.deb" "${sign[@]}"
	out_has "$bad.deb"
done
[ -z "$(ls "$LISTS")" ] || fail "lists were made of damaged packages: $(ls "$LISTS")"
run 2 import "$WORK/cut.deb" "$WORK/one.deb" "${sign[@]}" --json
json '[p["outcome"] for p in d["packages"]] == ["malformed", "imported"]'
rm "$LISTS"/*

# dpkg's database: unpacked by hand, so that no privilege is needed.
install_deb()
{
	local p=$WORK/pkg/$1 i=$ROOT/var/lib/dpkg/info
	mkdir -p "$i"
	dpkg-deb -x "$WORK/$1.deb" "$ROOT"
	cp "$p/DEBIAN/md5sums" "$i/$1.md5sums"
	cp "$p/DEBIAN/postinst" "$i/$1.postinst"
	(cd "$p" && find . -path ./DEBIAN -prune -o -printf '/%P\n' >"$i/$1.list")
	{
		cat "$p/DEBIAN/control"
		echo "Status: install ok ${3:-installed}"
		printf 'Conffiles:\n /etc/cron.daily/%s %s\n\n' "$1" "$(md5sum <"$p/etc/cron.daily/$1" | cut -d' ' -f1)"
	} >>"$ROOT/var/lib/dpkg/status"
}
run 2 import --dpkg "${sign[@]}"
err_has 'dpkg has no database'
package one 1.0
package two 2.0
package half 3.0
install_deb one
install_deb two
install_deb half x half-installed
run 0 import --dpkg "${sign[@]}" --json
json '[p["name"] for p in d["packages"]] == ["one_1.0_all (dpkg-md5)", "two_2.0_all (dpkg-md5)",
	"maintainer scripts (dpkg-scripts)"]'
json '[p["digests"] for p in d["packages"]] == [3, 3, 3]'
run 0 explain --root "$ROOT" /usr/bin/one
out_has "hashed on this machine on $(date -u +%Y-%m-%d), matched dpkg's md5sums"
run 0 explain --root "$ROOT" /var/lib/dpkg/info/one.postinst --json
json '"dpkg has nothing to compare" in d["files"][0]["lists"][0]["provenance"]'
run 1 scan --root "$ROOT" --json
json '{f["path"] for g in d["groups"] for f in g["files"]} == {"/usr/bin/half", "/usr/bin/half-link", "/etc/cron.daily/half"}'

# A changed program is named and left out; a changed configuration file is said, and no failure.
echo >>"$ROOT/etc/cron.daily/two"
run 0 import --dpkg "${sign[@]}"
out_has '\[\?\] /etc/cron.daily/two \(two\): configuration file, changed here'
echo >>"$ROOT/usr/bin/one"
run 1 import --dpkg "${sign[@]}" --quiet
out_has '\[-\] /usr/bin/one \(one\): differs from dpkg'
run 1 explain --root "$ROOT" /usr/bin/one
run 1 explain --root "$ROOT" /etc/cron.daily/two
run 0 explain --root "$ROOT" /usr/bin/two
cp "$WORK/pkg/one/usr/bin/one" "$ROOT/usr/bin/one"

# A file of a package without an MD5 digest, and a diverted one.
prog "$ROOT/usr/bin/extra" extra
echo /usr/bin/extra >>"$ROOT/var/lib/dpkg/info/two.list"
mv "$ROOT/usr/bin/two" "$ROOT/usr/bin/two.distrib"
prog "$ROOT/usr/bin/two" other
printf '/usr/bin/two\n/usr/bin/two.distrib\nother\n' >"$ROOT/var/lib/dpkg/diversions"
run 1 import --dpkg "${sign[@]}"
out_has '/usr/bin/extra \(two\): dpkg has no MD5'
run 0 explain --root "$ROOT" /usr/bin/two.distrib
run 1 explain --root "$ROOT" /usr/bin/two

# The list of a package that is gone goes, others stay.
touch "$LISTS/other"
python3 - "$ROOT/var/lib/dpkg/status" <<'END'
import sys
paras = open(sys.argv[1]).read().split("\n\n")
open(sys.argv[1], "w").write("\n\n".join(p for p in paras if "Package: one\n" not in p + "\n"))
END
run 1 import --dpkg "${sign[@]}"
out_has 'tlv-one_1.0_all: removed'
if [ -e "$LISTS/tlv-one_1.0_all" ] || [ ! -e "$LISTS/other" ]; then fail "lists: $(ls "$LISTS")"; fi

# A damaged file of a package: said with its line, and no list of that package; a damaged status: none at all.
rm "$LISTS"/*
echo nonsense >>"$ROOT/var/lib/dpkg/info/two.md5sums"
run 2 import --dpkg "${sign[@]}"
out_has 'two.md5sums: line 4'
[ -z "$(find "$LISTS" -name 'tlv-two*')" ] || fail "a list of damaged digests"
rm -f "$LISTS"/*
sed -i '$d' "$ROOT/var/lib/dpkg/info/two.md5sums"
echo nonsense >>"$ROOT/var/lib/dpkg/status"
run 2 import --dpkg "${sign[@]}"
err_has 'status: line [0-9]+: no field'
[ -z "$(ls "$LISTS")" ] || fail "lists of a damaged database: $(ls "$LISTS")"

# The real one of this machine, if there is one.
if [ -s /var/lib/dpkg/status ] && [ "${DIGLIM_TEST_DPKG:-}" = yes ]; then
	want=$(dpkg-query -W -f '${db:Status-Status}\n' | grep -c '^installed$')
	mkdir "$WORK/made"
	timeout 600 "$DIGLIM" import --dpkg "${sign[@]:0:4}" --output "$WORK/made" --json >"$WORK/out"
	json "len([p for p in d['packages'] if p.get('name', '').endswith('(dpkg-md5)')]) == $want"
fi
finish
