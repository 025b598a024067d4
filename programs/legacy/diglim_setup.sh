#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The earlier set-up command, in terms of diglim.
#
# usage: diglim_setup.sh install|uninstall [--default]
#   install     trust rpm's keys, make lists of all packages, attach in audit mode
#   uninstall   detach, remove the lists that were made
#   --default   do not ask
#
# Environment: DIGLIM (program, /usr/sbin/diglim), DIGLIM_ROOT (the system below it; nothing is attached then)

set -u
DIGLIM=${DIGLIM:-/usr/sbin/diglim}
ROOT=${DIGLIM_ROOT-}
STATUS=0

usage()
{
	sed -n '5,8s/^# //p' "$0" >&2
	exit 2
}

ACTION=${1-} ASK=yes
[ $# -le 2 ] || usage
case ${2-} in
'') ;;
--default) ASK=no ;;
*) usage ;;
esac

# ask QUESTION DEFAULT: the default without a terminal, too
ask()
{
	answer=$2
	if [ "$ASK" = no ] || [ ! -t 0 ]; then
		[ "$answer" = y ]
		return
	fi
	printf '%s [%s] ' "$1" "$2"
	read -r answer || answer=
	[ "${answer:-$2}" = y ]
}

# step COMMAND...: goes on after a no, with that as the exit status in the end
step()
{
	status=0
	"$@" || status=$?
	[ "$status" -le "$STATUS" ] || STATUS=$status
	[ "$status" -lt 2 ]
}

install_all()
{
	set -- "$ROOT"/etc/pki/rpm-gpg/*
	if [ -e "$1" ] && ask "Trust the keys in /etc/pki/rpm-gpg?" y; then
		step "$DIGLIM" key add --root "$ROOT/" --vendor --yes "$@"
	fi
	if ask "Make lists of all installed packages?" y; then
		if [ -e "$ROOT/var/lib/dpkg/status" ] && [ ! -e "$ROOT/var/lib/rpm/rpmdb.sqlite" ]; then
			step "$DIGLIM" import --root "$ROOT/" --dpkg --quiet
		else
			step "$DIGLIM" import --root "$ROOT/" --rpmdb --quiet
		fi
	fi
	if ask "Sign a list of /lib/modules with your key?" n; then
		step "$DIGLIM" sign --root "$ROOT/" --name modules /lib/modules
	fi
	[ -z "$ROOT" ] || return 0
	if ask "Attach now, in audit mode?" y; then
		step "$DIGLIM" attach
	fi
}

uninstall_all()
{
	if [ -z "$ROOT" ] && [ -e /sys/fs/bpf/diglim ]; then
		step "$DIGLIM" detach
	fi
	if [ -d "$ROOT/var/lib/diglim/lists" ] && ask "Remove the lists in /var/lib/diglim/lists?" y; then
		step rm -r "$ROOT/var/lib/diglim/lists"
	fi
}

case $ACTION in
install) install_all ;;
uninstall) uninstall_all ;;
*) usage ;;
esac
exit "$STATUS"
