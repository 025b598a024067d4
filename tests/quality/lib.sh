# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the scripts of this folder. Each check is counted; a script ends with "summary". One that
# ends before it, or that checked nothing, fails.

set -u
SOURCE=${DIGLIM_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck disable=SC2034 # some scripts use it
BUILD=${DIGLIM_BUILD:-$SOURCE/build}
cd "$SOURCE" || exit 1
T=$(mktemp -d) || exit 1
P=0 F=0 S=0 DONE=no

ok() { P=$((P + 1)); [ -z "${VERBOSE-}" ] || echo "ok - $1"; }
fail() { F=$((F + 1)); echo "FAIL - $1${2:+: $2}"; }
skip() { S=$((S + 1)); echo "SKIP: $1${2:+: $2}"; }

summary()
{
	DONE=yes
	echo "$P passed, $F failed, $S skipped"
	[ "$F" = 0 ] || exit 1
	[ "$P" = 0 ] || exit 0
	[ "$S" = 0 ] || exit 77
	echo "FAIL - checked nothing"
	exit 1
}

at_exit()
{
	local status=$?
	rm -rf "$T"
	[ "$DONE" = yes ] && exit "$status"
	echo "FAIL - the script ended before its summary, with status $status"
	exit 1
}
trap at_exit EXIT

# Files of the project: what git tracks, or all files where there is no repository (a tarball).
tracked()
{
	if git -C "$SOURCE" rev-parse >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do
			[ -f "$f" ] && echo "$f"
		done
	else
		find . -name '.*' -prune -o -name 'build*' -type d -prune -o -type f -print |
			sed 's,^\./,,' | while read -r f; do
			for pattern; do
				# shellcheck disable=SC2254 # a pattern is meant
				case $f in $pattern | */$pattern) echo "$f" ;; esac
			done
		done
	fi
}

# Shell scripts: by name or by their first line.
scripts()
{
	tracked '*' | grep -v '^tests/data/' | while read -r f; do
		case ${f##*/} in
		*.sh) echo "$f" ;;
		*.*) ;;
		*) head -c 64 "$f" | head -n 1 | tr -d '\0' | grep -qE '^#!.*[/ ](ba)?sh( |$)|^# shellcheck shell=' && echo "$f" ;;
		esac
	done
}
