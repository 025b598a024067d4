#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What fails is said, recorded, and answered as [boot] on-failure says, by the program itself.
set -- --root "${NEWROOT:?}" --init "${INIT:-/sbin/init}"
for program in systemctl switch_root; do
	path=$(command -v "$program") && set -- "$@" --check "$path"
done
/usr/sbin/diglim-init "$@" || :
