#!/bin/bash
# Modes, the window that the kernel's clock ends, loss of events, and partial kernels.
# vm: timeout=600
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

cp /usr/bin/true /tmp/unknown
printf 'x' >>/tmp/unknown

machine_start
expect_equal audit "$(diglim mode)" "audit comes first"
expect_probe allowed exec /tmp/unknown "audit: runs"
check "off" diglim mode off
mark=$(diglim_mark)
expect_probe allowed exec /tmp/unknown "off: runs"
expect_equal "" "$(diglim_event_since "$mark" | jq -r 'select(.path == "/tmp/unknown") | .event')" \
	"off: no event"
check "enforce" diglim mode enforce
expect_probe refused-by-diglim exec /tmp/unknown "enforce: refused"
check "audit for four seconds" diglim mode audit --for 4s
expect_probe allowed exec /tmp/unknown "in the window: runs"
sleep 5
expect_probe refused-by-diglim exec /tmp/unknown "after the window: refused, by the kernel's clock"
expect_status 2 "a mode that there is not" diglim mode relaxed
expect_equal enforce "$(diglim mode)" "and nothing changed"

# More refusals than the log holds, and nobody who reads it.
before=$(diglim status --json | jq .events)
for _ in $(seq 40); do
	for _ in $(seq 100); do /tmp/unknown; done 2>/dev/null
done
after=$(diglim status --json | jq .events)
if [ "$after" -ge $((before + 4000)) ]; then
	ok "every refusal has a number"
else
	fail "every refusal has a number" "$before to $after"
fi
kept=$(diglim status --json | jq .events_kept)
expect_equal $((4000 - kept)) "$(diglim log --json --since-seq "$before" |
	jq -s 'map(select(.event == "lost") | .count) | add')" "what was overwritten is counted"
expect_probe refused-by-diglim exec /tmp/unknown "an overwritten log refuses and allows as before"
check "a vouched program beside an overwritten log" /usr/bin/true
check "detach" diglim detach
# Not only the program that answered: with ftrace switched off below, the kernel gives up ftrace for
# good if a program of ours is still on its way out.
expect_equal "" "$(bpftool prog list | grep diglim_)" "and no program is left the moment it returns"

# As in a login or a service of systemd, from which our keyrings are not reached.
check "attach in a session keyring of its own" keyctl session - diglim attach
check "detach from there" keyctl session - diglim detach

# A kernel that would not call the hooks.
if [ -w /proc/sys/kernel/ftrace_enabled ] && echo 0 2>/dev/null >/proc/sys/kernel/ftrace_enabled &&
	[ "$(cat /proc/sys/kernel/ftrace_enabled)" = 0 ]; then
	expect_status 2 "ftrace off: attach refuses" diglim attach
	text=$(diglim attach 2>&1)
	case $text in *lost:*) ok "and names the lost guarantee" ;; *) fail "and names it" "$text" ;; esac
	echo 1 >/proc/sys/kernel/ftrace_enabled
	check "ftrace on: attach" diglim attach
	check "detach again" diglim detach
else
	skip "ftrace off" "this kernel does not let it be switched off"
fi
summary
