#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What diglimd measures, without a kernel: the state as predicted, restarts, one record for each unknown file, what is not known.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
LOG=$ROOT/run/diglim/measure.log
mkdir -p "$ROOT/usr/sbin" "$ROOT/etc/diglim"
cp "$DIGLIM" "$ROOT/usr/sbin/diglim"
printf '[attest]\nregister = 13\n' >"$ROOT/etc/diglim/diglim.conf"
tpm_start
machine() { "$DIGLIM_BUILD/tests/attest/measure-machine" "$ROOT" "$TCTI" "$@" 2>"$WORK/err" || fail "machine $*: $(cat "$WORK/err")"; }
# The reason of the last poison
reason() { tr -d '\036' <"$LOG" | jq -r 'select(.content.eventType == "poison") | .content.string' | sed -n 's/^reason //p' | tail -n 1; }
count() { tr -d '\036' <"$LOG" | grep -c "\"eventType\":\"$1\""; }
agrees()
{
	run "$1" attest log --root "$ROOT" --json "$LOG"
	json "d['logs'][0]['value']['sha256'] == '$(pcr 13)'"
}
printf '[mode]\ndefault = off\n' >>"$ROOT/etc/diglim/diglim.conf"
"$DIGLIM_BUILD/tests/attest/measure-machine" "$ROOT" "$TCTI" turn . 2>"$WORK/err" && fail "a state before anything is judged"
grep -q 'the mode is off' "$WORK/err" || fail "refused with $(cat "$WORK/err")"
[ "$(pcr 13)" = "$(printf '%064d' 0)" ] || fail "the register has it"
sed -i '/mode\]/,$d' "$ROOT/etc/diglim/diglim.conf"
run 0 attest predict --root "$ROOT" --json
want=$(grep -o '[0-9a-f]\{64\}' "$WORK/out" | head -n 1)
machine another .
[ "$(pcr 13)" = "$want" ] || fail "not what predict says: $(pcr 13), $want"
machine turn . late .
[ "$(pcr 13)" = "$want" ] || fail "a restart changes the register"
agrees 0
machine unknown /a unknown /b unknown /a turn .
[ "$(count unknown)" = 2 ] || fail "$(count unknown) records for two files"
machine unknown /a unknown /b late .
[ "$(count unknown)" = 2 ] || fail "recorded again after a restart"
agrees 1
machine added x turn .
[ "$(count change)" = 0 ] || fail "a list whose file may follow"
machine added x late .
[ "$(count change)" = 1 ] || fail "a list without a file is not recorded"
machine added x late .
[ "$(count change)" = 1 ] || fail "it is recorded twice"
machine lost . unknown /a turn .
[ "$(count poison)" = 1 ] || fail "lost events are not recorded"
[ "$(reason)" = lost-events ] || fail "recorded as $(reason)"
machine mode 0 mode 1 turn .
[ "$(count poison)" = 2 ] || fail "a time without judgement is not recorded"
[ "$(reason)" = detached ] || fail "recorded as $(reason)"
machine unknown /c turn .
machine another . turn .
[ "$(count poison)" = 3 ] || fail "that the programs went and came is not recorded"
[ "$(reason)" = detached ] || fail "recorded as $(reason)"
machine another . turn .
[ "$(count poison)" = 3 ] || fail "what another has recorded is recorded again"
machine detached .
[ "$(count poison)" = 4 ] || fail "detaching is not recorded"
[ "$(reason)" = detached ] || fail "recorded as $(reason)"
agrees 1
finish
