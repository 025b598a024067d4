# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# The Debian root: systemd and the rest of a small Debian of this machine's own
# release, on ext4 on a virtio disk. The image is shared by all runs, which write
# to throw-away copies; a small initramfs adds the run's files and switches to it.
# A run that asks for more packages (PACKAGES=a,b) has an image of its own, built once.
#   $CACHE/roots/debian-KEY.ext4, .list (what is in its /usr)

DEBIAN_PACKAGES="systemd systemd-sysv udev kmod keyutils strace openssl rpm jq procps e2fsprogs
	iproute2 file attr libcap2-bin bpftool python3-minimal tpm2-tools zstd xz-utils cpio
	psmisc libarchive-tools libinih1 libcmocka0 fsverity less"
# Nothing of these is of use in a guest that lives for seconds.
DEBIAN_MASKED="serial-getty@ttyS0.service getty.target apt-daily.timer apt-daily-upgrade.timer
	dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
	systemd-random-seed.service systemd-update-utmp.service systemd-networkd.service
	systemd-pstore.service systemd-journal-flush.service ldconfig.service"

debian_sources()
{
	apt_source Debian "$(apt_release)" && echo &&
		{ apt_source Debian-Security "$(apt_release)-security" || :; }
}

# mmdebstrap DIR/root; what a failed try has left would stop the next one. Alternatives of some
# packages need the folder of the manual pages, which are left out.
debian_bootstrap()
{
	local dir=$1
	rm -rf "$dir/root"
	# shellcheck disable=SC2016,SC2086 # the hook's own variable; lists of words
	mmdebstrap --quiet --mode=root --variant=minbase --skip=check/empty \
		--aptopt='Acquire::Retries "4"' --dpkgopt=path-exclude=/usr/share/{doc,man,locale}/'*' \
		--essential-hook='mkdir -p "$1/usr/share/man/man1"' \
		--include="$(echo $DEBIAN_PACKAGES | tr ' ' ,)${PACKAGES:+,$PACKAGES}" \
		"$(apt_release)" "$dir/root" "$dir/debian.sources"
}

# debian_image ROOT FILE: makes a machine of a folder, and an image of that
debian_image()
{
	local root=$1 out=$2 name
	for name in $DEBIAN_MASKED; do ln -sf /dev/null "$root/etc/systemd/system/$name"; done
	# A known machine is not set up as new on each boot.
	echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
	echo vm >"$root/etc/hostname"
	echo '/dev/vda / ext4 rw,noatime 0 0' >"$root/etc/fstab"
	sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"
	rm -rf "$root/var/lib/apt/lists" "$root/var/cache/apt"
	find "$root/usr" -printf 'usr/%P\n' >"$out.list"
	truncate -s "${PACKAGES:+1}3G" "$out.new" &&
		mke2fs -q -t ext4 -F -d "$root" "$out.new" && mv "$out.new" "$out"
}

debian_build()
{
	local out=$1 dir status=0
	[ "$(id -u)" = 0 ] || { say "building ROOT=debian takes root"; return 1; }
	apt_known || return 1
	dir=$(mktemp -d) || return 1
	chmod 755 "$dir"
	debian_sources >"$dir/debian.sources" || return 1
	apt_retry debian_bootstrap "$dir" && debian_image "$dir/root" "$out" || status=1
	rm -rf "$dir"
	return $status
}

debian_key()
{
	{ cat "$VM/lib/root-debian.sh"; apt_release; echo "$PACKAGES"; } | sha256sum | cut -c 1-16
}

debian_ready()
{
	local out
	out="$CACHE/roots/debian-$(debian_key).ext4"
	mkdir -p "$CACHE/roots"
	if [ ! -f "$out" ]; then
		(
			flock 9
			[ -f "$out" ] && exit
			say "building the Debian root${PACKAGES:+ with $PACKAGES}"
			find "$CACHE/roots" -name 'debian-*' -mtime +2 -delete
			debian_build "$out"
		) 9>"$CACHE/debian.lock" >&2 || die "the Debian root could not be built"
	fi
	echo "$out"
}

# The initramfs around the run's files: busybox finds the disk and hands over.
debian_initramfs()
{
	local kernel=$1 root=$RUN/init-root name
	mkdir -p "$root"/{bin,dev,proc,sys,newroot}
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$VM/guest/init-debian" "$root/init"
	for name in virtio_pci virtio_blk; do
		modprobe -C /dev/null -d "$kernel" -S "$(cat "$kernel/version")" -D "$name" 2>/dev/null
	done | sed -n "s,^insmod $kernel/\([^ ]*\).*,/usr/\1,p" >"$root/disk-modules"
	cpio_tree "$root"
}

# root_debian KERNEL_DIR MODULES SCRIPT ARGS...: sets up a run with the Debian root
root_debian() { disk_root "$(debian_ready)" "$@"; }

# disk_root IMAGE KERNEL_DIR MODULES SCRIPT ARGS...: the same for any image with systemd
disk_root()
{
	local kernel=$2 modules=$3 wants
	RUN_DISK=$1
	[ -n "$RUN_DISK" ] || exit 125
	shift 3
	RUN_LIST=$RUN_DISK.list
	RUN_CMDLINE="$RUN_CMDLINE systemd.show_status=0"
	ADD=$RUN/stage/payload
	wants=$ADD/etc/systemd/system/multi-user.target.wants
	mkdir -p "$wants"
	cp "$VM/guest/vm-agent.service" "$ADD/etc/systemd/system/"
	ln -s ../vm-agent.service "$wants/"
	payload "$@"
	{ debian_initramfs "$kernel" && cat "$modules" "$RUN/add.cpio"; } >"$RUN/initrd" ||
		die "no room for the initramfs"
}
