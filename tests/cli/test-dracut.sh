#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# dracut's hook: diglim-init is asked about the first program that dracut and systemd will start, and what it
# answers keeps the machine from nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sed "s,/usr/sbin/diglim-init,$WORK/diglim-init," "$DIGLIM_SOURCE/integrations/dracut/diglim.sh" >"$WORK/hook"
printf '#!/bin/sh\necho "$*" >%s\nexit 1\n' "$WORK/asked" >"$WORK/diglim-init"
chmod 755 "$WORK/diglim-init"

# hook CMDLINE WANT: as dracut does it, with its getarg
hook()
{
	(
		# shellcheck disable=SC2317 # the hook calls it
		getarg()
		{
			local word value=''
			for word in $CMDLINE; do [[ $word != "$1"* ]] || value=${word#"$1"}; done
			[ -n "$value" ] && echo "$value"
		}
		# shellcheck disable=SC2034 # the hook reads it
		CMDLINE=$1 NEWROOT=/sysroot
		set -e
		# shellcheck source=/dev/null
		. "$WORK/hook"
	) || fail "with \"$1\" the hook ends with $?"
	case $(cat "$WORK/asked") in
	"--root /sysroot --init $2" | "--root /sysroot --init $2 --check "*) ;;
	*) fail "with \"$1\": $(cat "$WORK/asked")" ;;
	esac
}

hook "root=/dev/vda ro" /sbin/init
hook "init=/usr/lib/systemd/systemd ro" /usr/lib/systemd/systemd
hook "init=/bin/one init=/bin/two" /bin/two
hook "init=/bin/one real_init=/bin/three" /bin/three
hook "rdinit=/usr/sbin/diglim-init" /sbin/init
finish
