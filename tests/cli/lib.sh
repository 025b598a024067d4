# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# For the tests of the command line that need no kernel: a system of its own below $ROOT.

set -u
export LC_ALL=C.UTF-8
DIGLIM=$DIGLIM_BUILD/programs/diglim/diglim
WORK=$(mktemp -d) || exit 99
ROOT=$WORK/root
# shellcheck disable=SC2034 # used by the tests
LISTS=$ROOT/var/lib/diglim/lists
FAILED=0
mkdir -p "$ROOT"
# Not for a child that is killed before it has become another program; should [ itself be cut short there, nothing goes.
trap '[ "$BASHPID" = $$ ] && rm -rf "$WORK"' EXIT

fail()
{
	echo "not ok: $*"
	FAILED=$((FAILED + 1))
}

# skip WHY: nothing of this test can be done here
skip()
{
	echo "SKIP: $*"
	exit 77
}

need_testdata()
{
	[ -d "$DIGLIM_TESTDATA" ] || skip "no real packages and keys in $DIGLIM_TESTDATA"
}

# run WANT ARGUMENT...: runs diglim, which must end with status WANT; what it printed is then in
# $WORK/out and $WORK/err
run()
{
	local want=$1 status=0
	shift
	timeout 60 "$DIGLIM" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || status=$?
	[ "$status" = "$want" ] && return
	fail "diglim $*: status $status, not $want"
	sed 's/^/    /' "$WORK/out" "$WORK/err"
}

# The last command printed it: an extended regular expression on one line.
out_has() { grep -qE -- "$1" "$WORK/out" || fail "no '$1' in the answer: $(cat "$WORK/out")"; }
out_lacks() { ! grep -qE -- "$1" "$WORK/out" || fail "'$1' in the answer"; }
err_has() { grep -qE -- "$1" "$WORK/err" || fail "no '$1' on standard error: $(cat "$WORK/err")"; }
err_is_empty() { [ ! -s "$WORK/err" ] || fail "standard error: $(cat "$WORK/err")"; }

# json EXPRESSION: a Python expression about the document d, which must be true
json()
{
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$WORK/out" "$1" ||
		fail "not so: $1 in $(head -c 2000 "$WORK/out")"
}

# An owner's key in $WORK/key.pem, its certificate in $WORK/cert.pem, trusted below $ROOT.
owner_key()
{
	run 0 key create --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name "Test owner"
	run 0 key add --root "$ROOT" --yes "$WORK/cert.pem"
}

finish()
{
	[ "$FAILED" = 0 ] || exit 1
	exit 0
}

# flip FILE OFFSET: every bit of a byte, so that it is never the same
flip()
{
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf '%b' "\\x$(printf '%02x' $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
