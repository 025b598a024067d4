#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What fails is said, recorded, and answered as [boot] on-failure says, by the program itself.
# shellcheck source=/dev/null
command -v getarg >/dev/null || . /lib/dracut-lib.sh
# The words that dracut and systemd look for, in their order; nothing has been decided yet.
first=$(getarg real_init=) || first=$(getarg init=) || first=
set -- --root "${NEWROOT:?}" --init "${first:-/sbin/init}"
for program in systemctl switch_root; do
	path=$(command -v "$program") && set -- "$@" --check "$path"
done
/usr/sbin/diglim-init "$@" || :
