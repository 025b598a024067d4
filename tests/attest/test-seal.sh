#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The writer of the seal register: log before TPM, nothing else in the register, none that can be reset.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
RECORD=$DIGLIM_BUILD/tests/attest/seal-record
LOG=$WORK/measure.log
tpm_start

# record STATUS PCR LOG ARGUMENT...
record()
{
	local want=$1 status=0
	shift
	"$RECORD" "$TCTI" "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
	[ "$status" = "$want" ] || fail "seal-record $*: status $status: $(cat "$WORK/err")"
}

# agrees STATUS: log and TPM say the same, in both banks
agrees()
{
	run "$1" attest log --root "$ROOT" --json "$LOG"
	for bank in sha256 sha384; do json "d['logs'][0]['value']['$bank'] == '$(pcr 13 $bank)'"; done
}

[ -n "$(pcr 13 sha384)" ] || fail "swtpm without a bank sha384"
record 0 13 "$LOG" state mode enforce
agrees 0
first=$(pcr 13)
record 0 13 "$LOG" change -mode audit
agrees 1
out_has 'does not fit'
rm "$LOG"
tpm_restart
record 0 13 "$LOG" state mode enforce
[ "$(pcr 13)" = "$first" ] || fail "the same state gives another value"
record 0 13 "$LOG" unknown file /tmp/evil
agrees 1
[ "$(pcr 13)" != "$first" ] || fail "poison leaves the value as it was"

# Killed between log and TPM: who comes next catches up, once.
record 0 13 "$LOG" die file /tmp/second
run 1 attest log --root "$ROOT" --json "$LOG"
json "d['logs'][0]['value']['sha256'] != '$(pcr 13)'"
record 0 13 "$LOG"
agrees 1
record 0 13 "$LOG"
agrees 1
# Two records ahead are not what a writer leaves behind.
record 0 13 "$LOG" die file /tmp/third
"$RECORD" "$TCTI" 12 "$WORK/other" >/dev/null 2>&1 || fail "another register is not free"
tail -n 1 "$LOG" >"$WORK/last"
cat "$WORK/last" >>"$LOG"
record 1 13 "$LOG"
err_has 'not what the log leads to'

# Whatever else is in the register: refused, and it stays as it is.
tpm_restart
record 1 13 "$LOG"
err_has 'not what the log leads to'
tpm2_pcrextend "14:sha256=$(printf '%064d' 1)"
before=$(pcr 14)
record 1 14 "$WORK/new.log" state mode enforce
err_has 'another program uses it'
[ "$(pcr 14)" = "$before" ] || fail "the register was extended all the same"
# The banks must agree: one that was extended alone betrays somebody else.
record 0 13 "$WORK/two.log" state mode enforce
tpm2_pcrextend "13:sha384=$(printf '%096d' 1)"
record 1 13 "$WORK/two.log" unknown file /x
for n in 16 23 17 24 99; do
	record 1 $n "$WORK/$n.log" state mode enforce
	err_has 'can be reset while the machine runs'
	[ ! -e "$WORK/$n.log" ] || fail "a log for register $n"
done
# Without its TPM nothing is recorded.
tpm_stop
record 1 13 "$WORK/none.log" state mode enforce
finish
