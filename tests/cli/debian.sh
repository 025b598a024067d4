# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An archive of Debian packages, signed by a key made here. For tests, after lib.sh.

for program in gpg dpkg-deb; do
	command -v "$program" >/dev/null || skip "no $program"
done
export GNUPGHOME=$WORK/gnupg
mkdir -m 700 "$GNUPGHOME"
trap 'gpgconf --kill all 2>/dev/null; rm -rf "$WORK"' EXIT

# archive_key NAME [EXPIRY]: its public half in $WORK/NAME.asc
archive_key()
{
	gpg --batch --quiet --passphrase '' --faked-system-time "${3:-$(date +%s)}" \
		--quick-generate-key "$1 <$1@example.org>" rsa2048 sign "${2:-never}" 2>/dev/null &&
		gpg --batch --armor --export "$1@example.org" >"$WORK/$1.asc"
}

# make_deb FILE NAME VERSION: a package with a program of its own
make_deb()
{
	local p=$WORK/build
	rm -rf "$p" && mkdir -p "$p/DEBIAN" "$p/usr/bin"
	cat /bin/true - <<<"$2 $3" >"$p/usr/bin/$2"
	printf '#!/bin/sh\n# %s\n' "$2 $3" >"$p/DEBIAN/postrm"
	chmod 755 "$p/usr/bin/$2" "$p/DEBIAN/postrm"
	(cd "$p" && md5sum "usr/bin/$2" >DEBIAN/md5sums)
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: test\n' \
		"$2" "$3" >"$p/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$p" "$1" >/dev/null
}

# packages DIR: the Packages file of what is in DIR/pool
packages()
{
	local f
	(cd "$1" && for f in pool/*.deb; do
		dpkg-deb -f "$f"
		printf 'Filename: %s\nSize: %d\nSHA256: %s\n\n' "$f" "$(stat -c %s "$f")" "$(sha256sum "$f" | cut -d' ' -f1)"
	done)
}

# release DIR KEY [FIELD...]: DIR/dists/test with Packages and an InRelease signed by KEY
release()
{
	local d=$1/dists/test key=$2 p=main/binary-all/Packages
	shift 2
	mkdir -p "$d/main/binary-all"
	packages "${d%/dists/test}" >"$d/$p"
	{
		printf 'Codename: test\nDate: %s\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"
		[ $# = 0 ] || printf '%s\n' "$@"
		printf 'SHA256:\n %s %d %s\n' "$(sha256sum "$d/$p" | cut -d' ' -f1)" "$(stat -c %s "$d/$p")" "$p"
	} >"$WORK/Release"
	gpg --batch --quiet --yes --digest-algo SHA256 -u "$key@example.org" --clearsign \
		-o "$d/InRelease" "$WORK/Release"
}
