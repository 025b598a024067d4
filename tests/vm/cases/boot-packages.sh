#!/bin/bash
# A Debian with the packages built here, from their installation to their removal: setup, audit, check, enforce on
# trial over a reboot with programs planted before it, confirm, an upgrade under enforce, an unknown program in
# init's place, and setup --undo, after which the file system is as before. With initramfs-tools and with dracut.
# vm: long=yes root=debian reboot=1 archive=1 diglim=no mem=1536 timeout=1800 packages=initramfs-tools,busybox
# vm: long=yes root=debian reboot=1 archive=1 diglim=no mem=1536 timeout=1800 packages=dracut
# vm-files: tests/vm/guest/installed.sh:/vm/ tests/vm/guest/initramfs.sh:/vm/ @BUILD@/packages:/vm/packages
# shellcheck disable=SC2317 # functions that installed.sh calls
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/installed.sh
. /vm/installed.sh

OWN="/usr/bin/unzip -v"
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -qy --no-install-recommends install "$@"; }
versions() { apt-cache madison unzip | cut -d'|' -f2 | tr -d ' ' | sort -uV; }

# The kernel as a package; kmod here unpacks compressed modules itself, for which there is no digest.
kernel_package()
{
	local dir=/vm/kernel version
	version=$(uname -r)
	mkdir -p "$dir/DEBIAN" "$dir/boot" "$dir/usr/lib/modules"
	cp -a "/usr/lib/modules/$version" "$dir/usr/lib/modules/"
	find "$dir" -name '*.ko.xz' -exec xz -d {} +
	# depmod makes the others.
	find "$dir" -name "modules.*" ! -name modules.order ! -name "modules.builtin*" -delete
	find "$dir" -name "modules.builtin*.bin" -delete
	rm -rf "/usr/lib/modules/$version"
	: >"$dir/boot/vmlinuz-$version"
	echo CONFIG_RD_ZSTD=y >"$dir/boot/config-$version"
	(cd "$dir" && find boot usr -type f -exec md5sum {} +) >"$dir/DEBIAN/md5sums"
	printf 'Package: linux-image-test\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: test\n' \
		>"$dir/DEBIAN/control"
	dpkg-deb --root-owner-group -Znone -b "$dir" /vm/kernel.deb >/dev/null && dpkg -i /vm/kernel.deb >/dev/null &&
		depmod -a
	rm -rf "$dir"
}

machine_prepare()
{
	rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
	cp /srv/archive/sources /etc/apt/sources.list.d/archive.sources
	echo 'Acquire::Languages "none";' >/etc/apt/apt.conf.d/99languages
	check "a kernel's package" kernel_package
	check "an initramfs without DIGLIM, by $TOOL" make_initramfs
	check "apt-get update" apt-get -q update
	expect_equal 2 "$(versions | wc -l)" "the archive has two versions of unzip"
	check "the older one is installed" install "unzip=$(versions | head -n 1)"
}

machine_install()
{
	dpkg -i /vm/packages/diglim_*.deb /vm/packages/diglim-apt_*.deb /vm/packages/diglim-"${TOOL}"_*.deb
}

machine_setup()
{
	local status=0
	diglim setup --yes --create-key >/vm/said 2>&1 || status=$?
	sed -n '/^\[+\] \//p; /^\[+\] [a-z-]* [a-z-]/p' /vm/said | grep -v ' files, ' | sed 's/^/# /'
	tail -n 3 /vm/said | sed 's/^/# /'
	expect_equal 0 "$status" "setup"
	took "set up"
	diglim scan / --propose /vm/rest >/vm/scan 2>&1
	echo "# in no package: $(wc -l </vm/rest) files"
	sed -n 's/^[0-9a-f]\{64\}  //p' /vm/rest | sed 's,/[^/]*$,,' | sort | uniq -c | sort -rn | head -n 8 | sed 's/^/# /'
	check "an owner's list of what is in no package" diglim sign --from /vm/rest --name rest
	took "the rest signed"
}

machine_upgrade() { install "unzip=$(versions | tail -n 1)"; }
machine_upgraded()
{
	dpkg -L unzip | while read -r path; do
		[ -d "$path" ] || printf ' \\.%s$|' "$path"
	done
	echo ' \./var/lib/(dpkg/(status|available|lock|triggers|info/(unzip|format))|apt/)'
}
machine_remove() { dpkg -P diglim-apt "diglim-$TOOL" diglim; }

installed_boots
