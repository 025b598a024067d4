# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# Debian's stock cloud kernels, unpacked in the cache and never installed.
#   $CACHE/kernels/VERSION/{version,vmlinuz,config,usr/lib/modules/VERSION}
#   $CACHE/kernels/{6.1,6.12,7} -> the newest VERSION seen by --prepare

KERNELS="6.1 6.12 7"

# The sources of one kernel line, as a deb822 file on stdout.
kernel_sources()
{
	case $1 in
	6.1)
		apt_source Debian bookworm || return 1
		echo
		# Security updates are often in an archive of their own; the point release
		# is good enough where this machine does not use it.
		apt_source Debian-Security bookworm-security || :
		;;
	6.12) apt_source Debian bookworm-backports ;;
	7) apt_source Debian trixie-backports ;;
	*) return 1 ;;
	esac
}

# apt with state of its own, so that the machine's apt never hears of the
# suites that kernels come from: kernel_apt DIR COMMAND ARGS...
kernel_apt()
{
	local dir=$1 command=$2
	shift 2
	"$command" "${APT_RETRY[@]}" -o "Dir::State=$dir/state" -o "Dir::Cache=$dir/cache" \
		-o "Dir::State::status=$dir/status" -o "Dir::Etc::sourcelist=$dir/kernel.sources" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User="$(id -un)" "$@"
}

# Newest version of a line, e.g. 6.1.0-48-cloud-amd64, asked of the metapackage.
kernel_newest()
{
	kernel_apt "$1" apt-cache depends linux-image-cloud-amd64 |
		sed -n 's/.*Depends: linux-image-\([0-9][^ ]*-cloud-amd64\)$/\1/p' | head -n 1
}

# The packages that hold image and modules of a version. From 7.x they are three.
kernel_packages()
{
	local dir=$1 version=$2 set name
	for set in "linux-binary-$version linux-modules-$version linux-base-$version" "linux-image-$version-unsigned"; do
		for name in $set; do
			kernel_apt "$dir" apt-cache show "$name" 2>/dev/null | grep -q '^Package:' || continue 2
		done
		echo "$set"
		return 0
	done
	return 1
}

kernel_unpack()
{
	local dir=$1 version=$2 out=$3 deb image
	rm -rf "$out"
	mkdir -p "$out/root"
	for deb in "$dir"/*.deb; do
		dpkg-deb -x "$deb" "$out/root" || return 1
	done
	mkdir -p "$out/usr/lib"
	ln -s usr/lib "$out/lib"
	mv "$out"/root/usr/lib/modules "$out/usr/lib/" 2>/dev/null ||
		mv "$out/root/lib/modules" "$out/usr/lib/" || return 1
	for image in "$out/root/boot/vmlinuz-$version" "$out/lib/modules/$version/vmlinuz"; do
		[ ! -f "$image" ] || cp "$image" "$out/vmlinuz"
	done
	cp "$out/root/boot/config-$version" "$out/config" 2>/dev/null ||
		cp "$out/lib/modules/$version/config" "$out/config" 2>/dev/null || :
	rm -rf "$out/root"
	depmod -b "$out" "$version" || return 1
	echo "$version" >"$out/version"
	[ -s "$out/vmlinuz" ]
}

# Fetches the newest kernel of a line unless the cache has it.
kernel_fetch()
{
	local line=$1 dir="$CACHE/apt/$1" home="$CACHE/kernels" version packages
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" "$home"
	: >"$dir/status"
	apt_known && kernel_sources "$line" >"$dir/kernel.sources" || return 1
	apt_retry kernel_apt "$dir" apt-get -qq update || return 1
	version=$(kernel_newest "$dir")
	[ -n "$version" ] || { say "apt has no cloud kernel for $line"; return 1; }
	if [ ! -f "$home/$version/version" ]; then
		packages=$(kernel_packages "$dir" "$version") || return 1
		say "fetching kernel $line: $packages"
		rm -f "$dir"/*.deb
		# shellcheck disable=SC2086 # a list of packages
		(cd "$dir" && apt_retry kernel_apt "$dir" apt-get -qq download $packages) || return 1
		kernel_unpack "$dir" "$version" "$home/$version.new" || return 1
		rm -rf "${home:?}/$version" "$dir"/*.deb
		mv "$home/$version.new" "$home/$version"
	fi
	ln -sfn "$version" "$home/$line"
}

# Fetches the newest of every line, and drops those that no line needs any more. Without a
# way to the archive a kernel that the cache has is good enough.
kernels_refresh()
{
	local line dir used=" "
	for line in $KERNELS; do
		(flock 9 && kernel_fetch "$line" >&2) 9>"$CACHE/kernel-$line.lock" ||
			say "kernel $line could not be refreshed"
		[ -f "$CACHE/kernels/$line/version" ] || die "there is no kernel $line"
		used="$used$(cat "$CACHE/kernels/$line/version") "
	done
	for dir in "$CACHE"/kernels/*-amd64; do
		case $used in *" ${dir##*/} "*) ;; *) rm -rf "$dir" ;; esac
	done
}

# kernel_ready LINE: the directory of a kernel on stdout, fetched if need be.
kernel_ready()
{
	local line=$1
	if [ ! -f "$CACHE/kernels/$line/version" ]; then
		(
			flock 9
			[ -f "$CACHE/kernels/$line/version" ] || kernel_fetch "$line" >&2
		) 9>"$CACHE/kernel-$line.lock" || die "kernel $line could not be fetched"
	fi
	(cd -P "$CACHE/kernels/$line" && pwd)
}
