#!/bin/bash
# The TPM gate: between the use of an unknown file and its record nobody sends a command to the TPM, in whatever
# way; while a command is on its way no unknown file is used; nobody but diglimd opens it.
# vm: root=mini tpm=1 smoke=yes timeout=1500
# vm: root=mini tpm=1 long=yes timeout=7200 cmdline=race_rounds=1000
# vm-files: @BUILD@/tests/vm/tools/tpm-gate:/usr/bin/ @BUILD@/tests/vm/tools/tpm-race:/usr/bin/ @BUILD@/tests/vm/tools/fusefs:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
cd /tmp || exit 1

LOG=/run/diglim/measure.log
ROUNDS=30
! [[ $(</proc/cmdline) =~ race_rounds=([0-9]+) ]] || ROUNDS=${BASH_REMATCH[1]}
WAYS="write nonblock held passed uring writev"
pcr() { tpm2_pcrread sha256:13 | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
records() { tr -d '\036' <$LOG | jq -r "select(.content.eventType == \"$1\") | .content.string"; }
# poisons [SAID]: their reasons, without those that were SAID before
poisons()
{
	local now
	now=$(records poison | sed -n 's/^reason //p' | xargs)
	xargs <<<"${now#"${1-}"}"
}
gate() { diglim status --json | jq -r ".tpm_gate.$1"; }
# shellcheck disable=SC2317 # called by soon
is_open() { [ "$(gate open)" = true ]; }
# shellcheck disable=SC2317
is_kept() { [ "$(gate kept) $(gate open)" = "true true" ]; }
# shellcheck disable=SC2317
recorded() { records unknown | grep -q " $1\$"; }
# shellcheck disable=SC2317
lost() { [[ $(poisons) = *lost-events ]]; }
# shellcheck disable=SC2317
runs() { "$1" 2>/dev/null; }
DAEMON=
daemon_start() { diglimd >>/tmp/diglimd.log 2>&1 & DAEMON=$!; }
daemon_kill() { kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null; }
# shellcheck disable=SC2317
signing_key()
{
	tpm2_createprimary -Q -C o -G ecc256:ecdsa-sha256:null -c /tmp/ak.ctx \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign' &&
		tpm2_evictcontrol -Q -C o -c /tmp/ak.ctx 0x81000100
}
# shellcheck disable=SC2317
race() { tpm-race "$1" >/tmp/race 2>&1; }
unknown() { cp /usr/bin/true "$1" && printf 'x%s' "$1" >>"$1"; }
# One process makes all attempts, so that its descriptor is older than what happens meanwhile.
coproc WRITER { tpm-gate; }
SEND=${WRITER[1]} HEAR=${WRITER[0]}
ask() { echo "$1" >&"$SEND"; read -r -t 90 -u "$HEAR" ANSWER || ANSWER="no answer"; }
# reasons MARK HOOK: reasons of refusals since
reasons()
{
	diglim_event_since "$1" | jq -r "select(.event == \"refused\" and .hook == \"$2\") | .reason" | sort -u | xargs
}
# ways WANT WHEN [REASON]: REASON is DIGLIM's for each refusal
ways()
{
	local way mark
	for way in $WAYS; do
		[ $# -lt 3 ] || mark=$(diglim_mark)
		ask "$way"
		expect_equal "$1" "$ANSWER" "$2: $way"
		[ $# -lt 3 ] || expect_equal "$3" "$(reasons "$mark" tpm)" "$2: $way: by DIGLIM, for this reason"
	done
}

ways "answered 0" "without DIGLIM"
ask splice
expect_equal "refused 22 EINVAL" "$ANSWER" "without DIGLIM: a TPM takes nothing out of a pipe"
mkdir -p /etc/diglim /opt/u
printf '[attest]\ngate = on\n' >/etc/diglim/diglim.conf
check "the machine's own files are vouched for" machine_vouch
expect_status 2 "a gate without a register is refused" diglim attach
printf '[attest]\nregister = 13\ngate = on\n[events]\nring = 256K\n' >/etc/diglim/diglim.conf
check "attach" diglim attach
expect_equal "true true false" "$(gate on) $(gate open) $(gate kept)" "the gate stands, open"
ways "answered 0" "nothing unknown ran"
daemon_start
check "diglimd keeps it" soon is_kept
ways "answered 0" "with diglimd"
clean=$(pcr)

# Somebody runs something, and diglimd is dead.
daemon_kill
unknown /opt/u/one
check "an unknown program runs" /opt/u/one
expect_equal false "$(gate open)" "the gate is shut"
ways "refused 11 EAGAIN" "before its record" gate-closed
WAYS="splice park" ways "refused 11 EAGAIN" "before its record" gate-closed
check "other files are written" eval 'echo x >/tmp/x && echo x >/dev/null'
for request in 1 2 3; do
	ask "pose $request"
	expect_equal "answered 2015" "$ANSWER" "root does not open it: request $request"
done
cp /usr/sbin/diglimd /opt/u/diglimd && echo >>/opt/u/diglimd
timeout 5 /opt/u/diglimd >/tmp/posing.log 2>&1
check "nor does another program of that name" grep -q 'only diglimd opens' /tmp/posing.log
timeout 5 unshare -m diglimd >/tmp/posing.log 2>&1
check "nor diglimd where it sees something else" grep -q 'only diglimd opens' /tmp/posing.log
expect_equal false "$(gate open)" "it is still shut"
daemon_start
check "diglimd comes back, and records it" soon recorded /opt/u/one
check "then it opens" soon is_open
ways "answered 0" "after the record"
expect_equal no "$([ "$(pcr)" = "$clean" ] || echo no)" "which the register has"
expect_equal "" "$(poisons)" "and nothing else"

# The other way round: what is on its way is waited for.
unknown /opt/u/slow
mark=$(diglim_mark)
ask "slow /opt/u/slow"
expect_equal refused "$ANSWER" "while commands take long an unknown program must wait"
expect_equal gate-busy "$(reasons "$mark" exec)" "for this reason alone"
ask wait
expect_equal "answered 0" "$ANSWER" "the answers come"
ask "slow /usr/bin/true"
expect_equal ran "$ANSWER" "one that is vouched for need not wait"
ask wait
expect_equal "answered 0" "$ANSWER" "the answers come again"
check "then it runs" soon runs /opt/u/slow
check "and opens again" soon is_open

# Somebody parks a command. What was said is asked before: on a slow machine a second passes soon.
# waits_for HOW: what is parked keeps an unknown program back, and then the register is poisoned first
waits_for()
{
	local program=/opt/u/parked$((++PARKED)) mark before said
	unknown "$program"
	mark=$(diglim_mark) before=$(pcr) said=$(poisons)
	ask "park $1"
	expect_equal parked "$ANSWER" "$1: a command whose bytes are not there"
	expect_status 126 "$1: an unknown program must wait" bash -c "exec $program"
	expect_equal gate-busy "$(reasons "$mark" exec)" "$1: for this reason"
	check "$1: but not for ever" soon runs "$program"
	expect_equal "gate-timeout" "$(poisons "$said")" "$1: the register says why"
	check "$1: and has the program" soon recorded "$program"
	expect_equal "poison unknown" "$(tr -d '\036' <$LOG | jq -r .content.eventType | tail -n 2 | xargs)" "$1: in this order"
	expect_equal no "$([ "$(pcr)" = "$before" ] || echo no)" "$1: before the program ran"
}
# goes_through HOW [WANT]: what was parked finds that register
goes_through()
{
	ask unpark
	expect_equal "${2-answered 0}" "$ANSWER" "$1: what was parked goes through now"
	check "$1: it is open" soon is_open
}
PARKED=0
check "a key that signs" signing_key
for how in "write quote" "nonblock quote" "writev read" "uring read"; do
	waits_for "$how"
	quoted=
	[ "${how#* }" = read ] || quoted=" $(printf %b "$(pcr | sed 's/../\\x&/g')" | sha256sum | cut -d' ' -f1)"
	goes_through "$how" "answered 0$quoted"
done
# A page of a file system that answers late
check "the module" load_module fuse
ask "page /tmp/page"
mkdir /tmp/late && { fusefs /tmp/late /tmp/page >/tmp/fusefs.log & }
check "a file system" soon mountpoint -q /tmp/late
waits_for "write read /tmp/late/victim"
check "which has not answered" grep -q kept /tmp/fusefs.log
kill -USR1 $!
goes_through "write read /tmp/late/victim"
umount -l /tmp/late

# More than the kernel keeps.
daemon_kill
unknown /opt/u/flood
/opt/u/flood
ask "flood 2000"
expect_equal "refused 2000" "$ANSWER" "an unknown program, and then many events"
expect_equal 0 "$(diglim log --json | grep -c /opt/u/flood)" "of which the kernel has forgotten the first"
ways "refused 11 EAGAIN" "a flooded log"
daemon_start
check "diglimd says that it lost some" soon lost
check "then it opens" soon is_open
ways "answered 0" "after that record"

# What changes what is in force waits for its record, too.
daemon_kill
unknown /opt/u/own
list=$(owner_sign own /opt/u/own)
check "a new list" diglim load "$list"
ways "refused 11 EAGAIN" "before it is recorded"
daemon_start
check "diglimd records it" soon eval 'records change | grep -q "^+list "'
check "then it opens" soon is_open
ways "answered 0" "after its record"
said=$(poisons)
daemon_kill
daemon_start
check "a new diglimd that missed nothing" soon is_kept
expect_equal "" "$(poisons "$said")" "has nothing to say"

# Both at once, over and over: the use of an unknown program, and signatures of what the register holds.
check "$ROUNDS races" race "$ROUNDS"
cat /tmp/race
check "some commands were refused, no signature was late" grep -q ' [1-9][0-9]* refused, .* 0 violations' /tmp/race

daemon_kill
unknown /opt/u/last
/opt/u/last
ways "refused 11 EAGAIN" "shut at the end"
check "detach" diglim detach
ways "answered 0" "without DIGLIM again"

# The same without the gate: the races can be lost.
printf '[attest]\nregister = 13\n' >/etc/diglim/diglim.conf
check "attach without the gate" diglim attach
expect_equal false "$(gate on)" "there is none"
daemon_start
unknown /opt/u/open
/opt/u/open
check "diglimd measures" soon recorded /opt/u/open
expect_status 1 "without the gate signatures are late" race 30
cat /tmp/race
check "of which none was refused" grep -q ' 0 refused, 0 kept back, [1-9]' /tmp/race
cat /tmp/diglimd.log
summary
