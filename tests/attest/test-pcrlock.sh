#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd's own reader of what is in its shapes: the event log, which it reads as it is, and the exported component. Takes
# systemd-pcrlock (systemd 255), in PCRLOCK if it is not where systemd has it. No TPM.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

PCRLOCK=${PCRLOCK:-/usr/lib/systemd/systemd-pcrlock}
[ -x "$PCRLOCK" ] || skip "no systemd-pcrlock here"
LOG=$WORK/log
cp "$DIGLIM_SOURCE/tests/fuzz/attest/corpus/measurelog/all" "$LOG"

# It wants a firmware's log, too: the header and no event (TCG PC Client Platform Firmware Profile 10.4.5).
Z4='\0\0\0\0'
printf "$Z4\\3\\0\\0\\0$Z4$Z4$Z4$Z4$Z4\\x25\\0\\0\\0Spec ID Event03\\0$Z4\\0\\2\\0\\2\\2\\0\\0\\0\\x0b\\0\\x20\\0\\x0c\\0\\x30\\0\\0" >"$WORK/firmware"

run 0 attest export --cel --log "$LOG"
jq -S '[.[] | [.pcr, (.digests | map([.hashAlg, .digest]) | sort)]]' "$WORK/out" >"$WORK/ours"
SYSTEMD_MEASURE_LOG_USERSPACE=$LOG SYSTEMD_MEASURE_LOG_FIRMWARE=$WORK/firmware "$PCRLOCK" --no-pager --components="$WORK" \
	--json=short cel >"$WORK/cel" 2>"$WORK/err" || fail "systemd-pcrlock cel: $(cat "$WORK/err")"
jq -S '[.[] | [.pcr, (.digests | map([.hashAlg, .digest]) | sort)]]' "$WORK/cel" >"$WORK/theirs"
[ "$(jq length "$WORK/theirs")" -gt 2 ] || fail "systemd-pcrlock has no records: $(cat "$WORK/cel" "$WORK/err")"
cmp -s "$WORK/ours" "$WORK/theirs" || fail "another event log than ours: $(diff "$WORK/ours" "$WORK/theirs")"

mkdir "$WORK/components"
run 0 attest export --pcrlock --log "$LOG"
cp "$WORK/out" "$WORK/components/600-diglim.pcrlock"
"$PCRLOCK" --no-pager --components="$WORK/components" list-components >"$WORK/list" 2>&1
grep -q '^600-diglim ' "$WORK/list" || fail "systemd-pcrlock list-components: $(cat "$WORK/list")"
# It says so of what it cannot read.
sed -i 's/"digest"/"none"/' "$WORK/components/600-diglim.pcrlock"
"$PCRLOCK" --no-pager --components="$WORK/components" list-components >"$WORK/list" 2>&1 && fail "takes whatever it finds"
finish
