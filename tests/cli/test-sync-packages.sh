#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What diglim-sync.service runs: for each package manager that is there its own sync, whatever becomes of the other.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

script=$DIGLIM_SOURCE/integrations/systemd/sync-packages
unit=$DIGLIM_SOURCE/integrations/systemd/diglim-sync.service
printf '#!/bin/sh\necho "$*" >>"%s/calls"\ncase $1 in sync) exit %s ;; *) exit %s ;; esac\n' "$WORK" '${RPM:-0}' '${APT:-0}' >"$WORK/diglim"
chmod 755 "$WORK/diglim"

# follows WANT CALLS: exit status, and what was called
follows()
{
	local status=0
	rm -f "$WORK/calls"
	touch "$WORK/calls"
	DIGLIM=$WORK/diglim DIGLIM_ROOT=$ROOT "$script" || status=$?
	[ "$status" = "$1" ] || fail "status $status, not $1"
	[ "$(tr '\n' ',' <"$WORK/calls")" = "$2" ] || fail "called: $(cat "$WORK/calls"), not $2"
}

follows 0 ''
mkdir -p "$ROOT/var/lib/dpkg"
touch "$ROOT/var/lib/dpkg/status"
follows 0 'apt --sync --quiet,'
mkdir "$ROOT/var/lib/rpm"
follows 0 'sync --quiet,apt --sync --quiet,'
RPM=2 APT=1 follows 2 'sync --quiet,apt --sync --quiet,'
RPM=1 follows 1 'sync --quiet,apt --sync --quiet,'
APT=139 follows 2 'sync --quiet,apt --sync --quiet,'
rm -r "$ROOT/var/lib/dpkg"
follows 0 'sync --quiet,'
grep -qx 'ExecStart=/usr/lib/diglim/sync-packages' "$unit" || fail "the unit runs something else"
grep -qx 'ConditionPathExists=|/var/lib/dpkg/status' "$unit" || fail "the unit skips a Debian"
finish
