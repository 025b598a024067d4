#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Kernel arguments come and go with each boot loader; after both, every file is as before.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

BOOTARG=$DIGLIM_SOURCE/integrations/bootloader/bootarg

# system NAME: an untouched machine
system()
{
	SYS=$WORK/$1
	mkdir -p "$SYS/etc/kernel" "$SYS/boot/loader/entries" "$SYS/usr/sbin" "$SYS/etc/default"
}
state() { (cd "$SYS" && find . -type f -exec sha256sum {} + | sort -k2; find . -type d | sort); }
bootarg() { "$BOOTARG" --root "$SYS" "$@"; }

# there_and_back: twice each way, the second time changes nothing
there_and_back()
{
	state >"$WORK/before"
	bootarg add lsm=landlock,bpf || fail "$1: add"
	bootarg add diglim=audit || fail "$1: add another"
	state >"$WORK/with"
	cmp -s "$WORK/before" "$WORK/with" && fail "$1: nothing was changed"
	bootarg add diglim=audit
	state | cmp -s - "$WORK/with" || fail "$1: the second time changes something"
	$2 'lsm=landlock,bpf diglim=audit' || fail "$1: not there"
	bootarg remove lsm=landlock,bpf
	$2 'diglim=audit' || fail "$1: the other one went, too"
	bootarg remove diglim=audit
	bootarg remove diglim=audit
	state | cmp -s - "$WORK/before" || fail "$1: not as before: $(state | diff - "$WORK/before")"
}

# shellcheck disable=SC2317 # there_and_back calls them
in_entries()
{
	[ "$(sed -n 's/^options //p' "$SYS/boot/loader/entries/a.conf")" = "root=UUID=1 ro quiet $1" ] &&
		[ "$(cat "$SYS/etc/kernel/cmdline")" = "root=UUID=1 ro $1" ] &&
		grep -qx 'title A "quoted" & title' "$SYS/boot/loader/entries/a.conf"
}
# shellcheck disable=SC2317
in_grub()
{
	[ "$(cat "$SYS/etc/default/grub" "$SYS/etc/default/grub.d/diglim.cfg" - <<<'echo "$GRUB_CMDLINE_LINUX"' | bash)" = "quiet $1" ]
}

system entries
printf 'title A "quoted" & title\nversion 6\noptions root=UUID=1 ro quiet\nlinux /vmlinuz\n' >"$SYS/boot/loader/entries/a.conf"
printf 'title no options\n' >"$SYS/boot/loader/entries/b.conf"
echo 'root=UUID=1 ro' >"$SYS/etc/kernel/cmdline"
[ "$(bootarg which)" = entries ] || fail "entries are not seen"
there_and_back entries in_entries
touch "$SYS/usr/sbin/grubby" && chmod +x "$SYS/usr/sbin/grubby"
[ "$(bootarg which)" = grubby ] || fail "grubby is not seen"
there_and_back grubby in_entries

system grub
printf 'GRUB_CMDLINE_LINUX="quiet"\n' >"$SYS/etc/default/grub"
mkdir "$SYS/etc/default/grub.d"
[ "$(bootarg which)" = grub ] || fail "grub is not seen"
there_and_back grub in_grub

system none
state >"$WORK/before"
bootarg add diglim=audit 2>"$WORK/err" && fail "no boot loader is no trouble"
err_has 'give the kernel the argument diglim=audit yourself'
SYS=$WORK/grub
# shellcheck disable=SC2016 # nothing is to be expanded
for bad in 'a b' 'a"b' 'a$(id)' 'a;b' ''; do
	bootarg add "$bad" 2>/dev/null && fail "'$bad' was taken"
done
[ ! -e "$SYS/etc/default/grub.d/diglim.cfg" ] || fail "something was written"
finish
