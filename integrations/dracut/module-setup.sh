#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Takes diglim-init, the prepared keys and the configuration into the initramfs, if [boot] start in
# diglim.conf says so.

check()
{
	local dir status=0
	dir=$(mktemp -d) || return 1
	/usr/sbin/diglim prepare --hook --output "$dir" >/dev/null || status=$?
	rm -rf "$dir"
	# 1: not wanted. Trouble is for install() to report.
	[ "$status" != 1 ]
}

depends() { return 0; }

# What signatures of lists may need.
installkernel() { instmods sha512_generic sha512_ssse3 ecdsa_generic; }

install()
{
	/usr/sbin/diglim prepare --hook --output "${initdir:?}/var/lib/diglim/boot" >/dev/null || {
		derror "diglim: the initramfs would not protect this machine"
		return 1
	}
	inst_binary /usr/sbin/diglim-init
	# Of all hooks before the change to the root, the last.
	inst_hook pre-pivot 99 "${moddir:?}/diglim.sh"
}
