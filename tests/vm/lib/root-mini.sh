# shellcheck shell=bash
# shellcheck disable=SC2034 # tests/vm/run and its other parts read what is set here
# The mini root: an initramfs made of files that are installed on this machine,
# so that programs built here find the libraries they were linked with. It is
# read-only from the cache; a run appends its own cpio.
#   $CACHE/roots/mini-KEY.cpio, .list (what is in it)
#   $CACHE/kernels/VERSION/modules-KEY.cpio

# Commands of the guest. One that this machine lacks is left out.
MINI_COMMANDS="bash sh awk mawk sed grep egrep fgrep find xargs cmp diff gzip gunzip zcat tar xz
	xzcat zstd cpio file jq openssl rpm rpm2cpio rpmkeys keyctl strace busybox ip bpftool
	kmod lsmod modprobe insmod rmmod modinfo depmod ldd ldconfig setcap getcap
	mount umount findmnt losetup delpart mountpoint unshare nsenter setpriv dmesg switch_root
	pivot_root lsblk blkid flock getopt prlimit taskset chrt swapon swapoff hexdump
	setsid script runuser more mkfs.ext4 mke2fs tune2fs dumpe2fs e2fsck debugfs chattr lsattr
	mkfs.btrfs fsverity mkfs.erofs mksquashfs ps kill pgrep pkill free sysctl top uptime watch
	getfattr setfattr tpm2 tpm2_pcrread tpm2_pcrextend tpm2_getcap tpm2_createprimary tpm2_evictcontrol which getent iconv
	locale sync su id python3 veritysetup dmsetup socat curl"
# Files and folders taken as they are.
MINI_FILES="/usr/lib/rpm/macros /usr/lib/rpm/macros.d /usr/lib/rpm/platform /usr/lib/rpm/rpmrc
	/usr/lib/rpm/rpmpopt* /etc/ssl/openssl.cnf /usr/lib/ssl /etc/mke2fs.conf
	/usr/lib/x86_64-linux-gnu/ossl-modules /usr/lib/x86_64-linux-gnu/libgcc_s.so.1
	/usr/lib/x86_64-linux-gnu/libtss2-tcti-device.so* /usr/lib/locale/C.utf8
	/etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d /etc/protocols /etc/alternatives/awk"
# Modules of the guest, with what they depend on. Others are built in, or not there.
MINI_MODULES="loop overlay squashfs erofs fuse virtiofs 9p 9pnet_virtio virtio_pci virtio_blk
	virtio_net virtio_rng virtio_console dm_mod dm_verity dm_crypt xts sha256_ssse3 sha512_generic sha512_ssse3
	sha3_generic ecdsa_generic isofs vfat nls_ascii nls_cp437 dummy veth zram brd
	null_blk nbd ublk_drv btrfs binfmt_misc crc32c_generic libcrc32c pkcs8_key_parser tun"

# Real paths of a file and of every symbolic link on the way to it, below /.
mini_chain()
{
	local path=$1 dir
	while :; do
		dir=$(cd -P "${path%/*}/" && pwd) || return 0
		path=${dir%/}/${path##*/}
		echo "$path"
		[ -L "$path" ] || return 0
		case $(readlink "$path") in
		/*) path=$(readlink "$path") ;;
		*) path=$dir/$(readlink "$path") ;;
		esac
	done
}

# Shared libraries and loaders that the given files need.
libraries_of()
{
	ldd "$@" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' | sort -u
}

mini_contents()
{
	local name path
	for name in $MINI_COMMANDS; do
		path=$(command -v "$name" 2>/dev/null) || continue
		case $path in /*) echo "$path" ;; esac
	done
	dpkg -L coreutils | grep -E '^(/usr)?/bin/.'
	# shellcheck disable=SC2086 # patterns on purpose
	find $MINI_FILES \( -type f -o -type l \) 2>/dev/null
	! command -v python3 >/dev/null || mini_python
}

# Enough of Python to make a system call from a script.
mini_python()
{
	local lib
	lib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
	find "$lib" -maxdepth 1 -name '*.py' ! -name 'pydoc*' ! -name 'turtle*'
	find "$lib"/{collections,ctypes,encodings,importlib,json,re} -maxdepth 1 -name '*.py'
	find "$lib/lib-dynload" -name '_ctypes.*' -o -name '_posixsubprocess*'
}

mini_build()
{
	local out=$1 dir path
	dir=$(mktemp -d) || return 1
	mini_contents | sort -u >"$dir/asked"
	# shellcheck disable=SC2046 # no white space in system paths
	libraries_of $(cat "$dir/asked") >"$dir/libs"
	cat "$dir/asked" "$dir/libs" | while read -r path; do mini_chain "$path"; done >"$dir/files"
	# A folder has to be named before what is in it. Links from / to /usr come along.
	{ printf '/%s\n' bin sbin lib lib64; cat "$dir/files"; } | with_parents >"$out.list"
	(cd / && cpio --quiet -o -H newc -R 0:0 <"$out.list") >"$out.new" || return 1
	mini_skeleton "$dir/root"
	cpio_tree "$dir/root" >>"$out.new" || return 1
	rm -rf "$dir"
	mv "$out.new" "$out"
}

# Relative names for cpio, each after the folders it lies in.
with_parents()
{
	sed 's,^/,,' | awk '{
		n = split($0, part, "/"); path = ""
		for (i = 1; i <= n; i++) { path = path (i > 1 ? "/" : "") part[i]; print path }
	}' | LC_ALL=C sort -u
}

mini_skeleton()
{
	local root=$1
	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,mnt,var/tmp,var/lib,etc,vm}
	ln -s ../run "$root/var/run"
	printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' 'user:x:1000:1000:user:/tmp:/bin/bash' \
		'nobody:x:65534:65534:nobody:/:/bin/false' >"$root/etc/passwd"
	printf '%s\n' 'root:x:0:' 'tty:x:5:' 'user:x:1000:' 'nogroup:x:65534:' >"$root/etc/group"
	printf 'passwd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
	echo vm >"$root/etc/hostname"
	cp "$VM/guest/init" "$root/init"
}

cpio_tree()
{
	(cd "$1" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
		cpio --quiet -o -H newc -R 0:0)
}

# What the root depends on: this bench, and the packages its files come from.
mini_key()
{
	cat "$VM/lib/root-mini.sh" "$VM/guest/init" /var/lib/dpkg/status |
		sha256sum | cut -c 1-16
}

mini_ready()
{
	local out
	out="$CACHE/roots/mini-$(mini_key).cpio"
	mkdir -p "$CACHE/roots"
	if [ ! -f "$out" ]; then
		(
			flock 9
			[ -f "$out" ] && exit
			say "building the mini root"
			find "$CACHE/roots" -name 'mini-*' -mtime +2 -delete
			mini_build "$out"
		) 9>"$CACHE/mini.lock" >&2 || die "the mini root could not be built"
	fi
	echo "$out"
}

# modules_ready KERNEL_DIR: the cpio of the guest's modules
modules_ready()
{
	local kernel=$1 version out name
	version=$(cat "$kernel/version")
	out="$kernel/modules-$(echo "$MINI_MODULES" | sha256sum | cut -c 1-8).cpio"
	if [ ! -f "$out" ]; then
		{
			for name in $MINI_MODULES; do
				modprobe -C /dev/null -d "$kernel" -S "$version" -D "$name" 2>/dev/null
			done | sed -n "s,^insmod $kernel/\([^ ]*\).*,usr/\1,p"
			(cd "$kernel" && find usr/lib -maxdepth 3 -name 'modules.*')
		} | with_parents | (cd "$kernel" && cpio --quiet -o -H newc -R 0:0) >"$out.$$" || return 1
		mv "$out.$$" "$out"
	fi
	echo "$out"
}

# root_mini KERNEL_DIR MODULES SCRIPT ARGS...: sets up a run with the mini root
root_mini()
{
	local base modules=$2
	shift 2
	base=$(mini_ready) || exit 125
	RUN_LIST=$base.list
	ADD=$RUN/stage
	payload "$@"
	cat "$base" "$modules" "$RUN/add.cpio" >"$RUN/initrd" || die "no room for the initramfs"
}
