#!/bin/bash
# The event log: any number of readers, none of which takes anything away; what was overwritten is
# a gap that is counted; every event is whole, whoever writes at the same time.
# vm: timeout=900
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

READ=/sys/fs/bpf/diglim/read

# unknown PATH: a program that nobody vouches for
unknown() { cp /usr/bin/true "$1" && printf 'x' >>"$1"; }

# paths FILE: how many refusals, and of how many files, among JSON lines
paths() { jq -r 'select(.event == "refused") | .path' "$1" | sort | uniq -c | wc -l; }

# shellcheck disable=SC2317 # called by check
wait_for_line()
{
	for _ in $(seq 150); do
		grep -q "$2" "$1" && return
		sleep 0.2
	done
	return 1
}

# Descriptors that a process has of BPF objects, which would have to go after a seal.
bpf_descriptors()
{
	find "/proc/$1/fd" -lname 'anon_inode:bpf*' 2>/dev/null | wc -l
}

mkdir -p /tmp/u
for i in $(seq 200); do unknown "/tmp/u/$i"; done

machine_start
check "enforce" diglim mode enforce

expect_equal "400 400 400" "$(stat -c %a $READ/state $READ/lists $READ/events | xargs)" \
	"only root reads, and nobody writes"
expect_equal "" "$(find /sys/fs/bpf/diglim -path '*maps*')" "no map has a pin"
check "another user's status is refused" \
	sh -c '! setpriv --reuid 1000 --clear-groups cat '$READ'/state'

# A log before any watch.
/tmp/u/1 2>/dev/null
expect_equal unknown "$(newest_reason /tmp/u/1)" "the log shows what nobody watched"
expect_equal unknown "$(newest_reason /tmp/u/1)" "and shows it again"

# Two at once.
mark=$(diglim_mark)
diglim watch --json --refused >/tmp/w1 2>/tmp/w1.err &
first=$!
diglim watch --json --refused >/tmp/w2 2>/tmp/w2.err &
second=$!
sleep 3
expect_equal "0 0" "$(bpf_descriptors $first) $(bpf_descriptors $second)" \
	"a watch holds no descriptor of a BPF object"
for i in $(seq 200); do "/tmp/u/$i"; done 2>/dev/null
unknown /tmp/last
/tmp/last 2>/dev/null
check "the first watch saw the end" wait_for_line /tmp/w1 /tmp/last
check "the second watch saw the end" wait_for_line /tmp/w2 /tmp/last
expect_equal 201 "$(paths /tmp/w1)" "the first watch saw all 200 refusals"
# The wall clock is added by each for itself.
for w in 1 2; do jq -c 'del(.time, .time_us)' /tmp/w$w >/tmp/same$w; done
check "the second the same, line by line" cmp /tmp/same1 /tmp/same2
diglim_event_since "$mark" | jq -c 'select(.event == "refused")' >/tmp/logged
expect_equal "$(jq -c .seq /tmp/w1 | sha256sum)" "$(jq -c .seq /tmp/logged | sha256sum)" \
	"the log has the same numbers in the same order"
kill $first $second
wait $first $second
expect_equal "" "$(jq -r 'select(.event == "lost")' /tmp/w1 /tmp/w2)" "nothing was lost"
diglim watch --json >/tmp/w3 2>&1 &
third=$!
sleep 3
expect_equal "" "$(cat /tmp/w3)" "a new watch shows what comes, not what was"
kill $third
wait $third
expect_equal 202 "$(jq -r 'select(.event == "refused") | .path' /run/diglim/events.jsonl |
	grep -c .)" "the spool has them once, and the one before the first watch"

# A path longer than a slot.
dir=/tmp/$(printf 'a%.0s' $(seq 200))
long=$dir/$(printf 'b%.0s' $(seq 200))/$(printf 'c%.0s' $(seq 200))
mkdir -p "$long"
expect_probe allowed exec /usr/bin/true "a vouched program"
unknown "$long/long"
expect_probe refused-by-diglim exec "$long/long" "a path of 600 characters is whole"
longest=/tmp/deep
for i in $(seq 19); do longest=$longest/$(printf 'd%.0s' $(seq 200)); done
mkdir -p "$longest"
unknown "$longest/x"
expect_equal "3800" "$((${#longest} / 100 * 100))" "(a path near the limit)"
expect_probe refused-by-diglim exec "$longest/x" "a path near the limit of 4096 is whole"

# Written by both CPUs at once: every one whole, none missing.
mark=$(diglim_mark)
for w in 1 2 3 4; do
	(for i in $(seq 100); do "/tmp/u/$((w * 50 - i % 50))"; done) 2>/dev/null &
done
wait
diglim_event_since "$mark" >/tmp/parallel
expect_equal 400 "$(jq -r 'select(.event == "refused" and .reason == "unknown"
	and (.path | test("^/tmp/u/[0-9]+$")) and .size == '"$(stat -c %s /tmp/u/1)"'
	and (.digest | length) == 64) | .seq' /tmp/parallel | sort -un | grep -c .)" \
	"400 refusals of four processes are whole"
expect_equal "$(jq -r .seq /tmp/parallel | sort -n)" "$(jq -r .seq /tmp/parallel)" "and in order"
expect_equal "" "$(jq -r 'select(.event == "lost")' /tmp/parallel)" "and none is missing"
# Each digest is the one of its own path: nothing of two events was mixed.
jq -r 'select(.event == "refused") | .digest + " " + .path' /tmp/parallel | sort -u >/tmp/pairs
check "every digest belongs to its path" sha256sum --quiet -c <(sed 's/ /  /' /tmp/pairs)
check "detach" diglim detach
expect_equal "" "$(ls /sys/fs/bpf)" "nothing of it stays"
expect_probe allowed exec /tmp/last "detached: it runs"

# The smallest log.
rm -rf /run/diglim
printf '[events]\nring = 4K\n' >/etc/diglim/diglim.conf
check "attach with a log of 4K" diglim attach
check "enforce again" diglim mode enforce
kept=$(diglim status --json | jq .events_kept)
if [ "$kept" -ge 4 ] && [ "$kept" -le 16 ]; then
	ok "it keeps $kept events"
else
	fail "a log of 4K keeps some events" "$kept"
fi
mark=$(diglim status --json | jq .events)
for i in $(seq 100); do "/tmp/u/$i"; done 2>/dev/null
expect_equal $((mark + 100)) "$(diglim status --json | jq .events)" "every refusal has its number"
diglim_event_since "$mark" >/tmp/overflow
expect_equal "$kept" "$(jq -r 'select(.event == "refused") | .seq' /tmp/overflow | grep -c .)" \
	"the newest are there"
expect_equal "lost $((100 - kept))" "$(jq -r '.event + " " + (.count | tostring)' /tmp/overflow |
	head -n 1)" "and the others counted as lost"
diglim log >/tmp/text
check "people are told, too" grep -q 'LOST .* events up to number' /tmp/text
expect_probe refused-by-diglim exec /tmp/last "an overwritten log refuses and allows as before"
expect_probe refused-by-diglim exec "$longest/x" "with the longest path, too"
check "a vouched program" /usr/bin/true

# A reader beside writers that overwrite it all the time: only whole events, in order.
(for i in $(seq 200); do "/tmp/u/$i"; done) 2>/dev/null &
a=$!
(for i in $(seq 200 -1 1); do "/tmp/u/$i"; done) 2>/dev/null &
b=$!
mark=$(diglim status --json | jq .events)
while kill -0 $a 2>/dev/null || kill -0 $b 2>/dev/null; do
	diglim_event_since "$mark" 2>/dev/null
done >/tmp/storm
wait
expect_equal 0 "$(jq -r 'select(.event == "refused") | .digest + "  " + .path' /tmp/storm | sort -u |
	sha256sum --quiet -c 2>&1 | grep -c .)" "read while it is overwritten: no event is mixed"
if [ "$(jq -r 'select(.event == "refused") | .seq' /tmp/storm | sort -u | grep -c .)" -gt "$kept" ]; then
	ok "and the reads saw several states of the log"
else
	fail "the reads saw several states of the log"
fi

# What is read needs nobody but the kernel.
check "explain of a digest by the kernel's word" \
	sh -c 'diglim explain --json /usr/bin/true | jq -e ".files[0].vouched and .attached"'
expect_status 1 "explain of an unknown one" diglim explain /tmp/last
expect_equal 1 "$(diglim status --json --lists | jq '.loaded_lists | length')" "the lists are read"
check "detach at the end" diglim detach
expect_probe allowed exec /tmp/last "and it runs again"
summary
