#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hooks of apt and dpkg: what is to be unpacked is traced to a signed InRelease, listed, and forgotten again.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/debian.sh
. "$(dirname "$0")/debian.sh"

owner_key
archive_key archive || skip "gpg makes no key"
conf=$ROOT/etc/diglim/diglim.conf
settings() { printf '[sign]\nkey = %s\ncert = %s\n[apt]\nuntraced = %s\n' "$WORK/key.pem" "$WORK/cert.pem" "$1" >"$conf"; }
settings warn

# The archive as apt has fetched it, and the packages in its cache.
A=$WORK/archive L=$ROOT/var/lib/apt/lists C=$WORK/cache
mkdir -p "$A/pool" "$L" "$C" "$ROOT/etc/apt/sources.list.d" "$ROOT/usr/share/keyrings" "$ROOT/var/lib/dpkg/info"
make_deb "$A/pool/one.deb" one 1.0
make_deb "$A/pool/two.deb" two 2.0
release "$A" archive
cp "$A/pool"/*.deb "$C"
fetched()
{
	cp "$A/dists/test/InRelease" "$L/example.org_repo_dists_test_InRelease"
	cp "$A/dists/test/main/binary-all/Packages" "$L/example.org_repo_dists_test_main_binary-all_Packages"
}
fetched
cp "$WORK/archive.asc" "$ROOT/usr/share/keyrings/archive.asc"
# what apt says, one action a line
input()
{
	printf 'VERSION 3\nAPT::Architecture=amd64\nDir::Cache=/x%%20y\n\n'
	printf '%s - - none < %s all none %s\n' "$@"
}
prepare()
{
	local want=$1 status=0
	shift
	"$DIGLIM" apt --prepare --root "$ROOT" "$@" >"$WORK/out" 2>"$WORK/err" <"$WORK/in" || status=$?
	[ "$status" = "$want" ] || fail "apt --prepare $*: $status, not $want: $(cat "$WORK/out" "$WORK/err")"
}
lists() { [ ! -d "$LISTS" ] || find "$LISTS" -type f -printf '%f ' | tr ' ' '\n' | sort | tr '\n' ' ' | sed 's/^ //'; }

# Without a key that apt trusts nothing is traced; with one, however it is named, all is.
input one 1.0 "$C/one.deb" >"$WORK/in"
prepare 0
err_has 'apt trusts none'
out_has 'no signed InRelease'
[ -z "$(lists)" ] || fail "lists without a key: $(lists)"
printf 'Types: deb\nURIs: https://example.org/repo\nSuites: test\nComponents: main\nSigned-By: /usr/share/keyrings/archive.asc\n' \
	>"$ROOT/etc/apt/sources.list.d/a.sources"
input one 1.0 "$C/one.deb" two 2.0 '**CONFIGURE**' three 3.0 '**REMOVE**' >"$WORK/in"
prepare 0 --json
json 'd["packages"][0]["name"] == "one_1.0_all (apt)" and d["lists"] == 1 and d["untraced"] == 0'
[ "$(lists)" = "tlv-one_1.0_all " ] || fail "lists: $(lists)"
run 0 inspect --root "$ROOT" "$LISTS/tlv-one_1.0_all"
out_has 'which a signed InRelease listed when it was installed'
out_has '/var/lib/dpkg/info/one.postrm'
rm "$LISTS"/* "$ROOT/etc/apt/sources.list.d/a.sources"
printf '%s [arch=amd64 signed-by=/usr/share/keyrings/archive.asc] http://example.org/repo/ test main\n' deb \
	>"$ROOT/etc/apt/sources.list"
xz -q "$L"/*_Packages
input one 1.0 "$C/one.deb" two 2.0 "$C/two.deb" >"$WORK/in"
prepare 0 --json
json 'd["lists"] == 2'
rm "$LISTS"/*

# Older versions of the protocol.
printf '%s\n' "$C/one.deb" >"$WORK/in"
prepare 0 --json
json 'd["lists"] == 1'
printf 'VERSION 2\nx=y\n\none - < 1.0 %s\ntwo 1 > - **REMOVE**\n' "$C/one.deb" >"$WORK/in"
prepare 0 --json
json 'd["lists"] == 1'
rm "$LISTS"/*

# A tampered .deb: the index has another of this name and version.
mkdir "$WORK/evil"
make_deb "$WORK/evil/one.deb" one 1.0
printf '!' | dd of="$WORK/build/usr/bin/one" bs=1 seek=100 conv=notrunc status=none
dpkg-deb --root-owner-group -b "$WORK/build" "$WORK/evil/one.deb" >/dev/null
for policy in warn sign refuse; do
	settings "$policy"
	input one 1.0 "$WORK/evil/one.deb" >"$WORK/in"
	prepare 1
	out_has 'tampered with'
	[ -z "$(lists)" ] || fail "lists of a tampered package: $(lists)"
done

# One that no archive has: by policy.
make_deb "$WORK/local.deb" local 0.1
input local 0.1 "$WORK/local.deb" >"$WORK/in"
prepare 1
out_has 'no signed InRelease'
settings sign
prepare 0 --json
json 'd["packages"][0]["name"] == "local_0.1_all (dpkg)"'
settings warn
prepare 0
rm "$LISTS"/*

# One that is refused: nothing is left of the others, which were good.
settings refuse
input one 1.0 "$C/one.deb" local 0.1 "$WORK/local.deb" >"$WORK/in"
prepare 1
[ -z "$(lists)" ] || fail "lists of a refused transaction: $(lists)"
input one 1.0 "$C/one.deb" two 2.0 "$C/two.deb" >"$WORK/in"
for i in '' '~'{2..99}; do echo x >"$LISTS/tlv-two_2.0_all$i"; done
prepare 2
err_has "two_2.0_all: there are 99 lists of it"
[ ! -e "$LISTS/tlv-one_1.0_all" ] || fail "a list of a transaction that failed"
rm "$LISTS"/*

# A tampered Packages, a bad InRelease, an unknown key, an expired index: nothing leads to the package.
input one 1.0 "$C/one.deb" >"$WORK/in"
settings refuse
fetched
sed -i 's/^Version: 1.0/Version: 1.1/' "$L"/*_Packages
rm -f "$L"/*.xz
prepare 1
err_has 'another file than the signed InRelease lists'
fetched
echo x >>"$L/example.org_repo_dists_test_InRelease"
prepare 1
err_has 'something behind the signature'
archive_key other
release "$A" other
fetched
prepare 1
err_has 'key that is not known'
release "$A" archive 'Valid-Until: Sat, 01 Jan 2022 00:00:00 UTC'
fetched
prepare 1
err_has 'expired on'
release "$A" archive
fetched
prepare 0
rm "$LISTS"/*

# A key is good for the source that names it: elsewhere it is not, nor is that source's key here.
sources=$ROOT/etc/apt/sources.list
keys=$ROOT/usr/share/keyrings
cp "$WORK/other.asc" "$keys/other.asc"
source_line() { printf 'deb [signed-by=%s] http://example.org/repo test main\n' "$1" >"$sources"; }
one=/usr/share/keyrings/archive.asc
printf 'deb [signed-by=%s] http://example.org/other test main\n' "$one" >"$sources"
prepare 1
err_has 'of no source that apt has'
printf 'deb [signed-by=/usr/share/keyrings/other.asc] http://example.org/repo test main\ndeb [signed-by=%s] http://example.org/other test main\n' \
	"$one" >"$sources"
prepare 1
err_has 'key that is not known'
mkdir -p "$ROOT/etc/apt/trusted.gpg.d"
cp "$WORK/archive.asc" "$ROOT/etc/apt/trusted.gpg.d/all.asc"
prepare 1
err_has 'key that is not known'
echo 'deb http://example.org/repo test main' >"$sources"
prepare 0
rm "$LISTS"/*
# By fingerprint, which only keys that are trusted anyway have; and as a key in the source itself.
fpr() { gpg --batch --with-colons --show-keys "$WORK/$1.asc" | sed -n 's/^fpr:*\([0-9A-F]*\):/\1/p' | head -n 1; }
source_line "$(fpr other)"
prepare 1
source_line "$(fpr archive)"
prepare 0
rm "$LISTS"/* "$ROOT/etc/apt/trusted.gpg.d/all.asc" "$sources"
{
	printf 'Types: deb\nURIs: http://example.org/none http://user:word@example.org/repo\nSuites:\n other\n test\nComponents: main\nSigned-By:\n'
	sed -e 's/^$/./' -e 's/^/ /' "$WORK/archive.asc"
} >"$ROOT/etc/apt/sources.list.d/b.sources"
prepare 0
rm "$LISTS"/*
sed -i '1iEnabled: no' "$ROOT/etc/apt/sources.list.d/b.sources"
prepare 1
err_has 'apt trusts none'
rm "$ROOT/etc/apt/sources.list.d/b.sources"
source_line "$one"

# An archive without dists: its InRelease lists Packages beside it, and only there that counts.
flat()
{
	(cd "$WORK/flat" && { dpkg-deb -f one.deb; printf 'Filename: ./one.deb\nSize: %d\nSHA256: %s\n' "$(stat -c %s one.deb)" "$(sha256sum one.deb | cut -d' ' -f1)"; }) \
		>"$L/$1Packages"
	{
		printf 'Suite: flat\nDate: %s\nSHA256:\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"
		printf ' %s %d %s\n' "$(sha256sum "$L/$1Packages" | cut -d' ' -f1)" "$(stat -c %s "$L/$1Packages")" Packages
	} >"$WORK/Flat"
	gpg --batch --quiet --yes --digest-algo SHA256 -u archive@example.org --clearsign -o "$L/$1InRelease" "$WORK/Flat"
	printf 'deb [signed-by=%s] http://example.org/flat %s\n' "$one" "$2" >"$sources"
}
mkdir "$WORK/flat"
cp "$C/one.deb" "$WORK/flat"
rm "$L"/*
for suite in / ./; do
	flat "example.org_flat_$([ $suite = / ] || echo ._)" "$suite"
	prepare 0
	[ "$(lists)" = "tlv-one_1.0_all " ] || fail "lists of a flat archive, suite $suite: $(lists)"
	rm "$LISTS"/* "$L"/*
done
flat example.org_flat_dists_test_ 'test main'
prepare 1
out_has 'no signed InRelease'
rm "$L"/*
fetched
source_line "$one"

# Damaged packages and nonsense instead of apt's words: trouble, and nothing is made.
echo nonsense >"$WORK/bad.deb"
input bad 1 "$WORK/bad.deb" one 1.0 "$C/one.deb" >"$WORK/in"
prepare 2
input absent 1 "$C/absent.deb" >"$WORK/in"
prepare 2
for text in 'VERSION 4\n\n' 'VERSION 3\nx=y\n' 'VERSION 3\n\none 1\n' 'relative.deb\n'; do
	# shellcheck disable=SC2059
	printf "$text" >"$WORK/in"
	prepare 2
	err_has 'standard input: line [0-9]'
done
: >"$WORK/in"
prepare 0
[ -z "$(lists)" ] || fail "lists after trouble: $(lists)"

# Afterwards: what dpkg has stays, what it is changing stays in every version, the rest goes; scripts are listed.
status() { printf 'Package: %s\nStatus: %s\nArchitecture: all\nVersion: %s\n\n' "$@"; }
script() { dpkg-deb --ctrl-tarfile "$2" | tar -xO ./postrm >"$ROOT/var/lib/dpkg/info/$1.postrm"; }
input one 1.0 "$C/one.deb" two 2.0 "$C/two.deb" >"$WORK/in"
prepare 0
run 0 sign "$WORK/key.pem" --name mine --key "$WORK/key.pem" --cert "$WORK/cert.pem" --output "$LISTS/tlv-mine"
script one "$C/one.deb"
status one 'install ok installed' 1.0 two 'install ok installed' 2.0 >"$ROOT/var/lib/dpkg/status"
run 0 apt --sync --root "$ROOT"
[ "$(lists)" = "tlv-dpkg-scripts tlv-mine tlv-one_1.0_all tlv-two_2.0_all " ] || fail "lists: $(lists)"
before=$(stat -c %i "$LISTS/tlv-dpkg-scripts")
run 0 apt --sync --root "$ROOT"
[ "$before" = "$(stat -c %i "$LISTS/tlv-dpkg-scripts")" ] || fail "the same scripts are signed again"
# A database that a crash left empty does not take everything away.
mv "$ROOT/var/lib/dpkg/status" "$WORK/status"
: >"$ROOT/var/lib/dpkg/status"
run 2 apt --sync --root "$ROOT"
err_has 'has no package, and yet there are lists'
run 2 import --dpkg --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem"
err_has 'has no installed package'
[ "$(lists)" = "tlv-dpkg-scripts tlv-mine tlv-one_1.0_all tlv-two_2.0_all " ] || fail "lists: $(lists)"
mv "$WORK/status" "$ROOT/var/lib/dpkg/status"

# A script that no list has is not signed because it is there; it is named, and the others stay. Nor is one that was changed.
printf '#!/bin/sh\n# hostile\n' >"$ROOT/var/lib/dpkg/info/hostile.postinst"
for i in 1 2; do
	run 0 apt --sync --root "$ROOT" --quiet
	out_has '/var/lib/dpkg/info/hostile.postinst: no list that is here has this script'
	out_lacks 'one.postrm'
done
run 1 explain --root "$ROOT" /var/lib/dpkg/info/hostile.postinst
run 0 explain --root "$ROOT" /var/lib/dpkg/info/one.postrm
[ "$before" = "$(stat -c %i "$LISTS/tlv-dpkg-scripts")" ] || fail "the same scripts are signed again"
cp "$ROOT/var/lib/dpkg/info/hostile.postinst" "$ROOT/var/lib/dpkg/info/one.postrm"
run 0 apt --sync --root "$ROOT" --json
json '{p["name"] for p in d["packages"] if p["outcome"] == "unvouched"} == {
	"/var/lib/dpkg/info/hostile.postinst", "/var/lib/dpkg/info/one.postrm"}'
run 1 explain --root "$ROOT" /var/lib/dpkg/info/one.postrm
[ "$(lists)" = "tlv-mine tlv-one_1.0_all tlv-two_2.0_all " ] || fail "lists: $(lists)"
rm "$ROOT/var/lib/dpkg/info/hostile.postinst"
script one "$C/one.deb"
run 0 apt --sync --root "$ROOT"

status one 'install ok half-configured' 1.1 two 'deinstall ok config-files' 2.0 >"$ROOT/var/lib/dpkg/status"
script two "$C/two.deb"
run 0 apt --sync --root "$ROOT"
out_has 'two_2.0_all \(apt\): removed'
[ "$(lists)" = "tlv-dpkg-scripts tlv-mine tlv-one_1.0_all " ] || fail "lists: $(lists)"
# that of a removed package stays vouched for until it is purged
run 0 explain --root "$ROOT" /var/lib/dpkg/info/two.postrm
rm "$ROOT/var/lib/dpkg/info/two.postrm"
settings sign
make_deb "$WORK/one11.deb" one 1.1
input one 1.1 "$WORK/one11.deb" >"$WORK/in"
prepare 0
settings warn
status one 'install ok installed' 1.1 >"$ROOT/var/lib/dpkg/status"
script one "$WORK/one11.deb"
run 0 apt --sync --root "$ROOT"
[ "$(lists)" = "tlv-dpkg-scripts tlv-mine tlv-one_1.1_all " ] || fail "lists: $(lists)"
run 0 explain --root "$ROOT" /var/lib/dpkg/info/one.postrm

# Another build of the same name and version: both lists are there until the installed files tell which it is.
rm "$LISTS"/* "$ROOT/var/lib/dpkg/info"/*
settings sign
install() { dpkg-deb --fsys-tarfile "$1" | tar -xC "$ROOT" ./usr/bin/local; }
make_deb "$WORK/rebuilt.deb" local 0.1
printf 'rebuilt' >>"$WORK/build/usr/bin/local"
dpkg-deb --root-owner-group -b "$WORK/build" "$WORK/rebuilt.deb" >/dev/null
rebuild()
{
	input local 0.1 "$WORK/local.deb" >"$WORK/in"
	prepare 0
	install "$WORK/local.deb"
	input local 0.1 "$WORK/rebuilt.deb" >"$WORK/in"
	prepare 0
	[ "$(lists)" = "tlv-local_0.1_all tlv-local_0.1_all~2 " ] || fail "lists of two builds: $(lists)"
	status local 'install ok half-installed' 0.1 >"$ROOT/var/lib/dpkg/status"
	run 0 apt --sync --root "$ROOT"
	[ "$(lists)" = "tlv-local_0.1_all tlv-local_0.1_all~2 " ] || fail "while dpkg is not done: $(lists)"
	run 0 explain --root "$ROOT" /usr/bin/local
	status local 'install ok installed' 0.1 >"$ROOT/var/lib/dpkg/status"
}
# what dpkg took back
rebuild
run 0 apt --sync --root "$ROOT"
[ "$(lists)" = "tlv-local_0.1_all " ] || fail "after the rebuild failed: $(lists)"
run 0 explain --root "$ROOT" /usr/bin/local
rm "$LISTS"/*
# and what it did not
rebuild
install "$WORK/rebuilt.deb"
run 0 explain --root "$ROOT" /usr/bin/local
run 0 apt --sync --root "$ROOT"
[ "$(lists)" = "tlv-local_0.1_all " ] || fail "after the rebuild: $(lists)"
run 0 explain --root "$ROOT" /usr/bin/local
# the same twice
prepare 0
run 0 apt --sync --root "$ROOT"
[ "$(lists)" = "tlv-local_0.1_all " ] || fail "after it was installed again: $(lists)"
rm "$ROOT/usr/bin/local" "$LISTS"/*
run 0 sign "$WORK/key.pem" --name mine --key "$WORK/key.pem" --cert "$WORK/cert.pem" --output "$LISTS/tlv-mine"
input one 1.1 "$WORK/one11.deb" >"$WORK/in"
prepare 0
settings warn
script one "$WORK/one11.deb"
status one 'install ok installed' 1.1 >"$ROOT/var/lib/dpkg/status"
run 0 apt --sync --root "$ROOT"

# When the key is not at hand, lists of what is gone go all the same; only the list of scripts waits.
mv "$WORK/key.pem" "$WORK/away.pem"
status one 'deinstall ok config-files' 1.1 >"$ROOT/var/lib/dpkg/status"
run 0 apt --sync --root "$ROOT"
[ "$(lists)" = "tlv-dpkg-scripts tlv-mine " ] || fail "without the key, nothing to sign: $(lists)"
mv "$WORK/away.pem" "$WORK/key.pem"
settings sign
make_deb "$WORK/one12.deb" one 1.2
input one 1.2 "$WORK/one12.deb" >"$WORK/in"
prepare 0
mv "$WORK/key.pem" "$WORK/away.pem"
settings warn
script one "$WORK/one12.deb"
run 1 apt --sync --root "$ROOT"
err_has 'tlv-dpkg-scripts: .*key.pem'
[ "$(lists)" = "tlv-dpkg-scripts tlv-mine " ] || fail "without the key: $(lists)"
mv "$WORK/away.pem" "$WORK/key.pem"
echo nonsense >"$ROOT/var/lib/dpkg/status"
run 2 apt --sync --root "$ROOT"
run 2 apt --sync x --root "$ROOT"
run 2 apt --root "$ROOT"

# Lists that an organisation has made and ships: no key here, nothing is signed.
shipped=$ROOT/usr/lib/diglim/lists.d
rm -f "$LISTS"/* "$ROOT/var/lib/dpkg/info"/*
: >"$ROOT/var/lib/dpkg/status"
mkdir -p "$shipped"
run 0 import --archive "$A" --archive-key "$WORK/archive.asc" --key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT" --output "$shipped"
printf '[apt]\nuntraced = refuse\n' >"$conf"
input one 1.0 "$C/one.deb" two 2.0 "$C/two.deb" >"$WORK/in"
prepare 0 --json
json '[p["outcome"] for p in d["packages"]] == ["installed-lists", "installed-lists"] and d["lists"] == 0'
script one "$C/one.deb"
status one 'install ok installed' 1.0 >"$ROOT/var/lib/dpkg/status"
run 0 apt --sync --root "$ROOT"
[ -z "$(lists)" ] || fail "lists without a key: $(lists)"
# also of a package that is traced to no archive; but not of one that was altered
mv "$L" "$WORK/lists"
prepare 0
mv "$WORK/lists" "$L"
input one 1.0 "$WORK/evil/one.deb" >"$WORK/in"
prepare 1
out_has 'tampered with'
# what they do not have needs the key, and a package without programs does not
rm "$shipped/tlv-two_2.0_all"
input one 1.0 "$C/one.deb" two 2.0 "$C/two.deb" >"$WORK/in"
prepare 2
err_has 'no key to sign with'
printf 'x' >>"$shipped/tlv-one_1.0_all"
prepare 2
err_has 'tlv-one_1.0_all vouches for nothing'
rm -r "$shipped"
make_deb "$WORK/none.deb" data 1.0
rm -r "$WORK/build/usr" "$WORK/build/DEBIAN/postrm" "$WORK/build/DEBIAN/md5sums"
mkdir -p "$WORK/build/usr/share"
echo text >"$WORK/build/usr/share/data"
dpkg-deb --root-owner-group -b "$WORK/build" "$A/pool/data.deb" >/dev/null
release "$A" archive
fetched
input data 1.0 "$A/pool/data.deb" >"$WORK/in"
prepare 0 --json
json '[p["outcome"] for p in d["packages"]] == ["no-files"]'
settings warn

# What came with a transaction and in no package is reported, once; what was there before is not.
settings sign
status one 'install ok installed' 1.0 >"$ROOT/var/lib/dpkg/status"
input one 1.0 "$C/one.deb" two 2.0 "$C/two.deb" >"$WORK/in"
mkdir -p "$ROOT/usr/lib/python3/__pycache__" "$ROOT/usr/lib/modules/6.1" "$ROOT/boot" "$ROOT/usr/bin" "$ROOT/opt"
made() { printf '#!/bin/sh\n# %s\n' "$1" >"$ROOT$1"; }
made /opt/before.sh
sleep 0.1
prepare 0
made /usr/bin/generated.sh
made /usr/lib/python3/__pycache__/a.pyc
made /usr/lib/python3/__pycache__/b.pyc
made /usr/lib/modules/6.1/modules.dep
made /boot/initrd.img-6.1
printf 'data' >"$ROOT/usr/lib/data"
dpkg-deb --fsys-tarfile "$C/one.deb" | tar -xC "$ROOT" ./usr/bin/one
touch "$ROOT/usr/bin/one"
run 0 apt --sync --root "$ROOT"
out_has '^\[-\] /usr/bin/generated.sh: no package brought it'
out_has '2 files such as .*\.pyc: compiled Python'
out_has '1 files such as .*modules.dep: module dependencies'
out_has '1 files such as .*initrd.img-6.1: initramfs'
out_lacks 'before|usr/bin/one|lib/data'
run 0 apt --sync --quiet --root "$ROOT"
out_lacks 'generated'
touch "$ROOT/usr/bin/generated.sh"
run 0 apt --sync --json --root "$ROOT"
json '[(f["path"], f["rule"]) for f in d["generated"]] == [("/usr/bin/generated.sh", "other")]'
rm -rf "${ROOT:?}"/{boot,opt,run/diglim,usr/bin/{generated.sh,one},usr/lib/{modules,python3}}

# Plain dpkg, with its own hooks, below a root of its own.
if [ "$(id -u)" = 0 ]; then
	settings warn
	rm -f "$LISTS"/*
	status stays "install ok installed" 1 >"$ROOT/var/lib/dpkg/status" # an empty database is not believed
	rm -f "$ROOT"/var/lib/dpkg/info/*
	sed "s,/usr/lib/diglim/apt-hook,$DIGLIM_SOURCE/integrations/apt/apt-hook,g" \
		"$DIGLIM_SOURCE/integrations/apt/dpkg.cfg" >"$WORK/dpkg.cfg"
	printf '#!/bin/sh\nexec "%s" "$@" --root "%s"\n' "$DIGLIM" "$ROOT" >"$WORK/diglim"
	chmod 755 "$WORK/diglim"
	# dpkg reads its configuration from /etc only: the same lines as options
	mapfile -t hooks < <(sed -n 's/^\(p[a-z]*-invoke\)="\(.*\)"$/--\1=\2/p' "$WORK/dpkg.cfg")
	pkg() { (cd "$C" && DIGLIM=$WORK/diglim dpkg --root="$ROOT" --force-script-chrootless "${hooks[@]}" "$@" >"$WORK/out" 2>"$WORK/err"); }
	[ "${#hooks[@]}" = 2 ] || fail "dpkg.cfg has ${#hooks[@]} hooks"
	pkg -i one.deb || fail "dpkg -i: $(cat "$WORK/err")"
	[ "$(lists)" = "tlv-dpkg-scripts tlv-one_1.0_all " ] || fail "after dpkg -i: $(lists), $(cat "$WORK/err")"
	run 0 explain --root "$ROOT" /usr/bin/one
	run 0 explain --root "$ROOT" /var/lib/dpkg/info/one.postrm
	if pkg -i "$WORK/evil/one.deb"; then fail "dpkg installs a tampered package"; fi
	grep -q 'tampered with' "$WORK/err" || fail "no word of tampering: $(cat "$WORK/err")"
	pkg -r one || fail "dpkg -r: $(cat "$WORK/err")"
	[ "$(lists)" = "tlv-dpkg-scripts " ] || fail "after dpkg -r: $(lists)"
	pkg -P one || fail "dpkg -P: $(cat "$WORK/err")"
	[ -z "$(lists)" ] || fail "after dpkg -P: $(lists)"
fi

# The owner of a .deb writes to it meanwhile, through a mapping that leaves no trace in its times: what was hashed is what is listed.
settings warn
rm -f "$LISTS"/*
make_deb "$WORK/none.deb" flip 1.0
mkdir "$WORK/build/usr/share"
head -c 24M /dev/zero >"$WORK/build/usr/share/large"
dpkg-deb --root-owner-group -Znone -b "$WORK/build" "$A/pool/flip.deb" >/dev/null
true_one=$(sha256sum "$WORK/build/usr/bin/flip" | cut -d' ' -f1)
release "$A" archive
fetched
cp "$A/pool/flip.deb" "$C"
python3 - "$C/flip.deb" <<'END' &
import mmap, sys, time
f = open(sys.argv[1], "r+b")
m = mmap.mmap(f.fileno(), 0)
at = m.find(b"\x7fELF") + 9
while True:
    m[at] ^= 255
    time.sleep(0.02)
END
flipper=$!
input flip 1.0 "$C/flip.deb" >"$WORK/in"
for i in 1 2 3 4 5 6 7 8; do
	"$DIGLIM" apt --prepare --root "$ROOT" >"$WORK/out" 2>"$WORK/err" <"$WORK/in"
	[ $? -le 1 ] || fail "a package that changes: $(cat "$WORK/err")"
	[ -e "$LISTS/tlv-flip_1.0_all" ] || continue
	run 0 inspect --root "$ROOT" "$LISTS/tlv-flip_1.0_all"
	out_has "$true_one exec +/usr/bin/flip"
	rm "$LISTS"/*
done
kill "$flipper"
wait "$flipper" 2>/dev/null
finish
