# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# The rpm root: systemd and the rest of a small system in which rpm installed every file. The
# contents are those of this machine's own release of Debian, each package made into a signed RPM
# of the same name and version and installed with rpm --root; what belongs to no package (links of
# the merged /usr, alternatives, users) is the RPM "filesystem".
#   $CACHE/roots/rpm-KEY.ext4, .list (what is in its /usr)
#   in it: /usr/share/rpm-root/vendor.asc, the key of its packages

RPM_ROOT_PACKAGES="dnf createrepo-c"

# A stanza of dpkg's status a line: NAME VERSION FILE-LIST
rpm_root_packages()
{
	local root=$1 name version arch list
	dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Package} ${Version} ${Architecture}\n' |
		while read -r name version arch; do
			list=$root/var/lib/dpkg/info/$name.list
			[ -f "$list" ] || list=$root/var/lib/dpkg/info/$name:$arch.list
			[ ! -f "$list" ] || echo "$name $version $list"
		done
}

# rpm_root_files TREE <NAMES: lines for %files, of what is in TREE (a type and a path a line), below
# the merged /usr. What dpkg diverted or left out is not there; a file that two packages name belongs
# to both. No name is a pattern to rpm.
rpm_root_files()
{
	sed -E -e '\,^/(dev|proc|sys|run|tmp|var/lib/dpkg|var/lib/apt)(/|$),d' -e '\,^/\.$,d' \
		-e 's,^/(bin|sbin|lib|lib32|lib64)(/|$),/usr/\1\2,' | sort -u | awk -v tree="$1" '
		BEGIN { while ((getline line <tree) > 0) type[substr(line, 3)] = substr(line, 1, 1) }
		$0 in type { printf "%s\"%s\"\n", type[$0] == "d" ? "%dir " : "", $0 }'
}

# rpm_root_spec ROOT DIR: DIR/spec, one for all packages, and DIR/files/NAME
rpm_root_spec()
{
	local root=$1 dir=$2 name version list
	rm -rf "$dir/files"
	mkdir -p "$dir/files"
	(cd "$root" && find . -mindepth 1 -printf '%y /%P\n') >"$dir/tree"
	{
		printf '%s\n' 'Name: filesystem' 'Version: 1' 'Release: 1' 'Summary: What is in no package' \
			'License: none' 'AutoReqProv: no' 'Provides: /bin/sh /bin/bash' \
			'%description' 'None.' '%install' \
			"cp -al $root/. %{buildroot}/" "%files -f $dir/files/filesystem"
		rpm_root_packages "$root" | while read -r name version list; do
			rpm_root_files "$dir/tree" <"$list" >"$dir/files/$name"
			printf '%s\n' "%package -n $name" "Version: $(echo "${version#*:}" | tr -c 'A-Za-z0-9._+~\n' .)" \
				'Summary: As in Debian' 'Requires: filesystem' 'AutoReqProv: no' \
				"%description -n $name" None. "%files -n $name -f $dir/files/$name"
		done
	} >"$dir/spec"
	cat "$dir"/files/* | sort -u >"$dir/owned"
	cut -c3- "$dir/tree" | rpm_root_files "$dir/tree" | sort |
		comm -23 - "$dir/owned" >"$dir/files/filesystem"
	(cd "$root" && find . -maxdepth 1 -type l -printf '"/%P"\n') >>"$dir/files/filesystem"
}

# Libraries have an execute bit in every distribution of RPMs, but not in Debian.
# rpm_root_rpms ROOT DIR: builds and signs DIR/rpms/*.rpm; the key is in DIR/vendor.asc
rpm_root_rpms()
{
	local root=$1 dir=$2
	find "$root/usr" -name '*.so*' -type f -exec chmod a+x {} +
	rpm_root_spec "$root" "$dir" || return 1
	rpmbuild -bb --quiet --define "_topdir $dir/top" --define "_rpmdir $dir/rpms" \
		--define '__os_install_post %{nil}' --define 'debug_package %{nil}' \
		--define '_build_id_links none' --define '_binary_payload w.ufdio' \
		--define '_unpackaged_files_terminate_build 0' \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}.rpm' "$dir/spec" >"$dir/build.log" 2>&1 ||
		{ tail -n 20 "$dir/build.log" >&2; return 1; }
	rm -rf "$dir/top"
	mkdir -m 700 "$dir/gpg"
	export GNUPGHOME=$dir/gpg
	gpg --batch --quiet --passphrase '' --quick-generate-key "rpm root" rsa2048 sign never || return 1
	gpg --armor --export >"$dir/vendor.asc"
	rpmsign --define "__gpg $(type -P gpg)" --define '_gpg_digest_algo sha256' \
		--define '_gpg_name rpm root' --addsign "$dir"/rpms/*.rpm >"$dir/sign.log" 2>&1 ||
		{ tail -n 20 "$dir/sign.log" >&2; return 1; }
	gpgconf --homedir "$dir/gpg" --kill all
}

# rpm_root_install DIR ROOT: all packages, by rpm itself
rpm_root_install()
{
	local dir=$1 root=$2
	mkdir -p "$root/etc/rpm" "$root/usr/lib/sysimage/rpm" "$root/usr/share/rpm-root"
	rpm --force-debian --root "$root" --dbpath /usr/lib/sysimage/rpm --nodeps --noscripts --nosignature \
		--noplugins -i "$dir"/rpms/*.rpm || return 1
	printf '%s\n' '%_dbpath /usr/lib/sysimage/rpm' '%_db_backend sqlite' >"$root/etc/rpm/macros"
	cp "$dir/vendor.asc" "$root/usr/share/rpm-root/"
}

rpm_build()
{
	local out=$1 dir status=0
	[ "$(id -u)" = 0 ] || { say "building ROOT=rpm takes root"; return 1; }
	for program in rpmbuild rpmsign gpg; do
		command -v $program >/dev/null || { say "building ROOT=rpm takes $program"; return 1; }
	done
	apt_known || return 1
	dir=$(mktemp -d) || return 1
	chmod 755 "$dir"
	debian_sources >"$dir/debian.sources" || return 1
	PACKAGES=${RPM_ROOT_PACKAGES// /,}${PACKAGES:+,$PACKAGES}
	apt_retry debian_bootstrap "$dir" && rm -rf "$dir"/root/var/{cache,log} &&
		rpm_root_rpms "$dir/root" "$dir" && rpm_root_install "$dir" "$dir/new" &&
		mkdir -p "$dir"/new/{dev,proc,sys,run,tmp,var/cache,var/log} && chmod 1777 "$dir/new/tmp" &&
		debian_image "$dir/new" "$out" || status=1
	rm -rf "$dir"
	return $status
}

rpm_ready()
{
	local out
	out="$CACHE/roots/rpm-$({ cat "$VM/lib/root-debian.sh" "$VM/lib/root-rpm.sh"; apt_release; echo "$PACKAGES"; } | sha256sum | cut -c 1-16).ext4"
	mkdir -p "$CACHE/roots"
	if [ ! -f "$out" ]; then
		(
			flock 9
			[ -f "$out" ] && exit
			say "building the rpm root${PACKAGES:+ with $PACKAGES}"
			find "$CACHE/roots" -name 'rpm-*' -mtime +2 -delete
			rpm_build "$out"
		) 9>"$CACHE/rpm.lock" >&2 || die "the rpm root could not be built"
	fi
	echo "$out"
}

# root_rpm KERNEL_DIR MODULES SCRIPT ARGS...: sets up a run with the rpm root
root_rpm() { disk_root "$(rpm_ready)" "$@"; }
