#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No script gives shellcheck anything to say. Three of its hints are left out: "A && B || die" is meant
# so where die ends the script, a format may be put together, and $ in single quotes is for jq or awk.
#
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

command -v shellcheck >/dev/null || { skip "scripts" "shellcheck is not installed"; summary; }
for f in $(scripts); do
	if text=$(shellcheck -x -e SC2015,SC2016,SC2059 "$f" 2>&1); then ok "$f"; else fail "$f" "$text"; fi
	case $f in
	tools/lib/* | tests/vm/lib/* | */lib.sh | *.in) ;;
	*)
		if head -n 1 "$f" | grep -q '^#!' && [ ! -x "$f" ]; then
			case $f in *.sh) ;; *) fail "$f" "begins with #! but cannot be executed" ;; esac
		fi
		;;
	esac
done
printf '#!/bin/bash\nrm $1\n' >"$T/bad.sh"
if shellcheck "$T/bad.sh" >/dev/null; then fail "a bad script is found"; else ok "a bad script is found"; fi
for known in tools/check tests/quality/lib.sh .ci/run tools/lib/count.sh; do
	if scripts | grep -qxF "$known"; then ok "$known is among them"; else fail "$known is among them"; fi
done
summary
