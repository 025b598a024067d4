#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The packages of tools/packages, installed into a root of their own and removed again: installing adds their files
# and nothing else, and after setup, removing brings back what was there. Without packages there is nothing to test.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

PACKAGES=${DIGLIM_PACKAGES:-$DIGLIM_BUILD/packages}
[ "$(id -u)" = 0 ] || skip "running scripts of packages below another root takes root"
compgen -G "$PACKAGES/*.[dr][ep][bm]" >/dev/null || skip "no packages in $PACKAGES (make packages)"
! ldd /bin/busybox 2>/dev/null | grep -q / || skip "busybox is not static"

# What the package managers write about themselves is left out.
state()
{
	(cd "$ROOT" && find . \( -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./var/log -o -path ./var/cache \) -prune -o \
		-type f -printf '%m ' -exec sha256sum {} \; | sort -k3
	find . \( -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./var/log -o -path ./var/cache \) -prune -o \
		! -type f -printf '%m %y %p %l\n' | sort)
}

# A system with a shell, what the packaged programs link with, and a tool that makes an initramfs.
untouched()
{
	local program=$1
	rm -rf "$ROOT"
	mkdir -p "$ROOT"/{bin,usr/sbin,usr/bin,usr/share,etc,var/lib,var/log,var/cache,boot,tmp,run,dev,proc,lib64}
	# Folders that belong to others, too.
	echo other | tee "$ROOT"/etc/other "$ROOT"/usr/share/other >/dev/null
	cp /bin/busybox "$ROOT/bin/busybox"
	for name in sh rm mkdir mv ls cat test; do ln -s busybox "$ROOT/bin/$name"; done
	ldd "$DIGLIM" | grep -o '/[^ ]*' | while read -r lib; do
		mkdir -p "$ROOT/${lib%/*}" && cp -L "$lib" "$ROOT/$lib"
	done
	# As its hook does, it asks for what goes into the initramfs; 1: nothing is wanted.
	cat >"$ROOT/$program" <<-'TOOL'
		#!/bin/sh
		echo "made $*" >/boot/initrd
		[ ! -e /usr/sbin/diglim ] || /usr/sbin/diglim prepare --hook --output /boot/files >/dev/null || [ $? = 1 ] || exit 1
		rm -rf /boot/files
	TOOL
	mkdir -p "$ROOT/sbin"
	printf '#!/bin/sh\nexit 0\n' >"$ROOT/sbin/ldconfig"
	chmod 755 "$ROOT/$program" "$ROOT/sbin/ldconfig"
	mknod -m 666 "$ROOT/dev/null" c 1 3 2>/dev/null || skip "no devices can be made here"
}

# installed NAME: packages in $WORK/owned have just been installed over $WORK/before
installed()
{
	state >"$WORK/installed"
	diff "$WORK/before" "$WORK/installed" | grep '^<' >"$WORK/diff" && fail "$1: installing changes $(cat "$WORK/diff")"
	diff "$WORK/before" "$WORK/installed" | sed -n 's/^> .* \(\.\/[^ ]*\).*/\1/p' | sed 's/^\.//' | sort -u >"$WORK/new"
	[ -s "$WORK/new" ] || fail "$1: nothing was installed"
	comm -23 "$WORK/new" "$WORK/owned" >"$WORK/diff"
	[ ! -s "$WORK/diff" ] || fail "$1: in no package: $(cat "$WORK/diff")"
	[ ! -e "$ROOT/boot/initrd" ] || fail "$1: installing makes an initramfs"
}

removed()
{
	state | diff "$WORK/before" - >"$WORK/diff" || fail "$1: not as before: $(cat "$WORK/diff")"
}

test_deb()
{
	untouched usr/sbin/update-initramfs
	mkdir -p "$ROOT/var/lib/dpkg"/{info,updates,triggers}
	: >"$ROOT/var/lib/dpkg/status"
	ln -s /bin/busybox "$ROOT/usr/bin/test"
	state >"$WORK/before"
	set -- dpkg --root="$ROOT" --force-depends --force-unsafe-io --no-triggers
	DIGLIM_HOOK=off "$@" -i "$PACKAGES"/*.deb >"$WORK/log" 2>&1 || fail "dpkg -i: $(tail -n 5 "$WORK/log")"
	for deb in "$PACKAGES"/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -t; done |
		sed -e 's/^\.//' -e 's,/$,,' | sort -u >"$WORK/owned"
	installed deb
	run 0 setup --root "$ROOT" --yes --create-key
	[ -e "$ROOT/etc/diglim/diglim.conf" ] && [ -e "$ROOT/boot/initrd" ] || fail "setup does nothing"
	rm -f "$ROOT/boot/initrd"
	for deb in "$PACKAGES"/*.deb; do set -- "$@" "$(dpkg-deb -f "$deb" Package)"; done
	set -- "${@:1:5}" -P "${@:6}"
	DIGLIM_HOOK=off "$@" >"$WORK/log" 2>&1 || fail "dpkg -P: $(tail -n 5 "$WORK/log")"
	[ "$(cat "$ROOT/boot/initrd" 2>/dev/null)" = "made -u -k all" ] || fail "removing makes no initramfs anew"
	rm -f "$ROOT/boot/initrd"
	removed deb
}

test_rpm()
{
	untouched usr/bin/dracut
	mkdir -p "$ROOT/var/lib/rpm"
	rpm --root "$ROOT" --dbpath /var/lib/rpm --initdb
	state >"$WORK/before"
	set -- rpm --root "$ROOT" --dbpath /var/lib/rpm --nodeps --noplugins
	"$@" -i --nosignature "$PACKAGES"/*.rpm >"$WORK/log" 2>&1 || fail "rpm -i: $(tail -n 5 "$WORK/log")"
	rpm -qlp --nosignature "$PACKAGES"/*.rpm 2>/dev/null >"$WORK/listed"
	# Folders on the way to its files belong to other packages.
	while read -r path; do
		echo "$path"
		while path=${path%/*} && [ -n "$path" ]; do echo "$path"; done
	done <"$WORK/listed" | sort -u >"$WORK/owned"
	installed rpm
	"$DIGLIM" setup --root "$ROOT" --yes >"$WORK/log" 2>&1
	[ -e "$ROOT/etc/diglim/diglim.conf" ] || fail "setup does nothing: $(cat "$WORK/log")"
	rm -f "$ROOT/boot/initrd"
	"$@" -e diglim diglim-dracut diglim-legacy rpm-plugin-diglim tss2-tcti-diglim \
		>"$WORK/log" 2>&1 || fail "rpm -e: $(tail -n 5 "$WORK/log")"
	[ "$(cat "$ROOT/boot/initrd" 2>/dev/null)" = "made --force --regenerate-all" ] || fail "removing makes no initramfs anew: $(cat "$WORK/log")"
	rm -f "$ROOT/boot/initrd"
	# rpm leaves folders that it made on the way and that belong to packages which are not here.
	state | diff "$WORK/before" - | grep -v '^[<>] .* d ' | grep '^[<>]' >"$WORK/diff" &&
		fail "rpm: not as before: $(cat "$WORK/diff")"
}

if compgen -G "$PACKAGES/*.deb" >/dev/null; then test_deb; fi
if compgen -G "$PACKAGES/*.rpm" >/dev/null; then test_rpm; fi
finish
