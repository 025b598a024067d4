#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What was recorded, from the spool: order, filters, form.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run 0 log --root "$ROOT"
err_has 'nothing was recorded'
mkdir -p "$ROOT/run/diglim"
now=$(date +%s)

# event SEQ AGE EVENT MORE
event()
{
	printf '{"seq":%d,"time":"x","time_us":%d000000,"session":7,"event":"%s",%s}\n' \
		"$1" $((now - $2)) "$3" "$4"
}

who='"program":"sh","pid":42,"uid":1000,"parent":"init"'
{
	event 1 7200 refused "\"path\":\"/old\",\"hook\":\"exec\",\"reason\":\"unknown\",$who"
	event 2 7100 list-added "\"list\":\"bash-5\",$who"
} >"$ROOT/run/diglim/events.jsonl.1"
{
	event 3 60 would-refuse "\"path\":\"/tmp/a b\",\"hook\":\"mmap\",\"reason\":\"wrong-use\",$who"
	event 4 50 lost '"count":12,"total":12'
	echo 'no line of ours'
	event 5 40 list-rejected "\"list\":\"evil\",\"reason\":\"bad signature\",\"offset\":9,$who"
} >"$ROOT/run/diglim/events.jsonl"

run 0 log --root "$ROOT"
out_has 'REFUSED .*execute /old  by sh \(pid 42, uid 1000, parent init\)'
out_has 'would refuse .*map executable /tmp/a b'
out_has "diglim explain '/tmp/a b'"
out_has 'why: no loaded list holds its digest'
out_has 'LOST .*12 events'
out_has 'REJECTED .*list evil'
out_has 'why: bad signature \(byte 9\)'
[ "$(grep -n REFUSED "$WORK/out" | cut -d: -f1)" = 1 ] || fail "the oldest event is not the first"

seqs() { sed 's/.*"seq":\([0-9]*\).*/\1/' "$WORK/out" | tr '\n' ' '; }
expect_seqs()
{
	local want=$1
	shift
	run 0 log --root "$ROOT" --json "$@"
	[ "$(seqs)" = "$want" ] || fail "log $*: events $(seqs), not $want"
}
expect_seqs '1 2 3 4 5 '
expect_seqs '4 5 ' --since-seq 3
expect_seqs '3 4 5 ' --since 1h
expect_seqs '1 3 4 ' --refused
expect_seqs '2 4 5 ' --list-events
expect_seqs '3 4 ' --refused --since 10m
run 2 log --root "$ROOT" --since yesterday
run 2 log --root "$ROOT" --since-seq x
run 2 log --root "$ROOT" extra
run 2 log --root "$ROOT" --since 200000000d
err_has 'longer ago than 1970'

# What cannot be read is not nothing.
rm "$ROOT/run/diglim/events.jsonl"
ln -s events.jsonl.1 "$ROOT/run/diglim/events.jsonl"
run 2 log --root "$ROOT"
err_has 'events.jsonl: '
finish
