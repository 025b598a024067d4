# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# A piece of Debian's archive for a guest of ROOT=debian: the indexes of this machine's release as they
# were signed, and of the pool what installing a few packages takes, in every version that the indexes
# have. Made again after a day, since some indexes are valid for a week.
#   $CACHE/archive/KEY/{debian,debian-security}/{dists,pool}, sources (for a guest that has it in /srv/archive)
#   in it: two archives that are not Debian's, foreign and expired, with their keys

# Beside security updates and backports that replace programs (unzip, antiword, iotop-c): alternatives
# (iotop-c), a service with conffiles (bootlogd), diversions (molly-guard), compiled Python (python3-six).
ARCHIVE_PACKAGES="unzip antiword iotop-c bootlogd molly-guard python3-six"
ARCHIVE_OPTIONS=(-o Acquire::GzipIndexes=true -o Acquire::Languages=none
	-o Acquire::IndexTargets::deb::Packages::KeepCompressedAs=xz
	-o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin)

archive_sources()
{
	apt_source Debian "$1 $1-backports" && echo && apt_source Debian-Security "$1-security"
}

archive_apt() { kernel_apt "$1" "$2" "${ARCHIVE_OPTIONS[@]}" "${@:3}"; }

# archive_indexes DIR OUT: InRelease and Packages, and the guest's sources
archive_indexes()
{
	local dir=$1 out=$2 uri release key file to name
	# shellcheck disable=SC2016 # apt expands these
	archive_apt "$dir" apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(METAKEY)|$(FILENAME)' \
		'Created-By: Packages' >"$dir/indexes" || return 1
	while IFS='|' read -r uri release key file; do
		name=$(basename "$uri")
		to=$out/$name/dists/$release
		mkdir -p "$to/${key%/*}" && cp "${file%.xz}.xz" "$to/$key.xz" &&
			cp "${file%"_${key//\//_}"*}_InRelease" "$to/InRelease" || return 1
		printf 'Types: deb\nURIs: file:/srv/archive/%s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
			"$name" "$release" /usr/share/keyrings/debian-archive-keyring.gpg >>"$out/sources"
	done <"$dir/indexes"
	[ -s "$out/sources" ]
}

# archive_uris DIR: "URI FILE SIZE HASH" of all that a guest could install
archive_uris()
{
	local dir=$1 name version
	for name in $ARCHIVE_PACKAGES; do
		archive_apt "$dir" apt-cache madison "$name" | while IFS='| ' read -r _ version _; do
			archive_apt "$dir" apt-get -qq --print-uris --no-install-recommends install "$name=$version"
		done
	done | tr -d "'" | sort -u
}

# Escapes of the address are none of the path: "%2b" is "+" there.
archive_pool()
{
	local dir=$1 out=$2 uri hash base path wanted=()
	archive_uris "$dir" >"$dir/uris"
	while read -r uri _ _ hash; do
		base=$(cut -d'|' -f1 "$dir/indexes" | while read -r base; do
			[ "$uri" = "${uri#"$base"}" ] || { echo "$base"; break; }
		done)
		[ -n "$base" ] || return 1
		printf -v path '%b' "${uri//%/\\x}"
		path=$out/$(basename "$base")/${path#"$base"}
		mkdir -p "$(dirname "$path")"
		wanted+=("$uri" "$path" "$hash")
	done <"$dir/uris"
	[ ${#wanted[@]} -gt 0 ] && apt_retry archive_apt "$dir" /usr/lib/apt/apt-helper -qq download-file "${wanted[@]}"
}

# archive_foreign OUT NAME PACKAGE DATE EXPIRY: an archive of somebody else in OUT/NAME, with one package and
# a key of its own, OUT/NAME.asc; made at DATE, for which the key was good
archive_foreign()
{
	local out=$1 name=$2 package=$3 date=$4 dir=$1/$2/dists/test tree=$1/$2/tree index=main/binary-amd64/Packages
	export GNUPGHOME=$out/gpg
	mkdir -p "$dir/main/binary-amd64" "$out/$name/pool" "$tree/DEBIAN" "$tree/usr/bin" "$out/gpg" && chmod 700 "$out/gpg" || return 1
	printf 'Package: %s\nVersion: 99\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: test\n' "$package" \
		>"$tree/DEBIAN/control"
	printf '#!/bin/sh\necho foreign %s\n' "$package" >"$tree/usr/bin/foreign-$package"
	chmod 755 "$tree/usr/bin/foreign-$package"
	dpkg-deb --root-owner-group -b "$tree" "$out/$name/pool/$package.deb" >/dev/null || return 1
	(cd "$out/$name" && cat tree/DEBIAN/control && printf 'Filename: pool/%s\nSize: %d\nSHA256: %s\n\n' "$package.deb" \
		"$(stat -c %s "pool/$package.deb")" "$(sha256sum <"pool/$package.deb" | cut -d' ' -f1)") >"$dir/$index"
	printf 'Origin: %s\nCodename: test\nDate: %s\nArchitectures: amd64\nComponents: main\nSHA256:\n %s %d %s\n' "$name" \
		"$(LC_ALL=C date -u -d "$date" '+%a, %d %b %Y %H:%M:%S UTC')" \
		"$(sha256sum <"$dir/$index" | cut -d' ' -f1)" "$(stat -c %s "$dir/$index")" "$index" >"$out/Release"
	date=$(date -u -d "$date" +%Y%m%dT%H%M%S)
	gpg --batch --quiet --faked-system-time "$date" --passphrase '' \
		--quick-generate-key "$name <$name@example.org>" rsa2048 sign "$5" &&
		gpg --batch --armor --export "$name@example.org" >"$out/$name.asc" &&
		gpg --batch --quiet --faked-system-time "$date" --digest-algo SHA256 -u "$name@example.org" --clearsign \
			-o "$dir/InRelease" "$out/Release" && rm -rf "$tree" "$out/Release"
}

# archive_build DIR OUT IMAGE: of IMAGE only what it has installed counts
archive_build()
{
	local dir=$1 out=$2
	rm -rf "$out"
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" "$out"
	debugfs -R "cat /var/lib/dpkg/status" "$3" >"$dir/status" 2>/dev/null && [ -s "$dir/status" ] &&
		apt_known && archive_sources "$(apt_release)" >"$dir/kernel.sources" &&
		apt_retry archive_apt "$dir" apt-get -qq update &&
		archive_indexes "$dir" "$out" && archive_pool "$dir" "$out" &&
		archive_foreign "$out" foreign foreign now never && archive_foreign "$out" expired expired "2 years ago" 1y &&
		gpgconf --homedir "$out/gpg" --kill all && rm -rf "$out/gpg"
}

# archive_ready IMAGE: the folder on stdout
archive_ready()
{
	local out dir=$CACHE/apt/archive
	out="$CACHE/archive/$({ cat "$VM/lib/archive.sh"; basename "$1"; } | sha256sum | cut -c 1-16)"
	mkdir -p "$CACHE/archive"
	(
		flock 9
		[ -z "$(find "$out/sources" -mtime -1 2>/dev/null)" ] || exit 0
		say "fetching a piece of the archive"
		find "$CACHE/archive" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} +
		if archive_build "$dir" "$out.new" "$1"; then
			rm -rf "$out" && mv "$out.new" "$out"
		else
			rm -rf "$out.new"
			[ -f "$out/sources" ] # yesterday's is better than nothing
		fi
	) 9>"$CACHE/archive.lock" >&2 || die "the piece of the archive could not be fetched"
	echo "$out"
}
