#!/bin/bash
# The seal register of a running machine: what predict says, whoever starts when; one record for each unknown
# file that ran; changes of lists as predicted; restarts of diglimd lose nothing; what it cannot know breaks
# every policy.
# vm: root=mini tpm=1 timeout=600
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

LOG=/run/diglim/measure.log
pcr() { tpm2_pcrread "${2-sha256}:${1-13}" | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
predicted() { diglim attest predict --json | jq -r '.pcrs.sha256."13"[0]'; }
replayed() { diglim attest log --json $LOG | jq -r '.logs[0].value.sha256'; }
records() { tr -d '\036' <$LOG | jq -r "select(.content.eventType == \"$1\") | .content.string"; }
# shellcheck disable=SC2317 # called by soon
is() { [ "$(pcr)" = "$1" ]; }
# shellcheck disable=SC2317
not() { [ "$(pcr)" != "$1" ]; }
# shellcheck disable=SC2317
recorded() { records unknown | grep -qx "file $(sha256sum "$1" | cut -d' ' -f1) $1"; }
# shellcheck disable=SC2317
said() { grep -q "$1" /tmp/diglimd.log; }
DAEMON=
daemon_start() { diglimd >>/tmp/diglimd.log 2>&1 & DAEMON=$!; }
daemon_stop() { kill "${1--TERM}" "$DAEMON"; wait "$DAEMON" 2>/dev/null; }
unknown() { cp /usr/bin/true "$1" && printf 'x%s' "$1" >>"$1"; }

mkdir -p /etc/diglim /opt/u
zero=$(printf '%064d' 0)
for n in 16 23 99 -1; do
	printf '[attest]\nregister = %s\n' $n >/etc/diglim/diglim.conf
	expect_status 1 "register $n is refused" diglimd --once
done
printf '[attest]\nregister = 13\n[events]\nring = 256K\n' >/etc/diglim/diglim.conf
machine_start
expect_equal audit "$(diglim mode)" "audit mode"
unknown /opt/u/early
expect_equal "$zero" "$(pcr)" "nothing is measured without diglimd"
want=$(predicted)
daemon_start
check "the register is what predict says" soon is "$want"
check "in the other bank, too" [ "$(pcr 13 sha384)" = "$(diglim attest predict --json | jq -r '.pcrs.sha384."13"[0]')" ]
daemon_stop -KILL
daemon_start
sleep 3
daemon_stop
expect_equal "$want" "$(pcr)" "killed, started and stopped it is the same"
daemon_start
/usr/bin/true
sleep 2
expect_equal "$want" "$(pcr)" "and after a program that is vouched for"

# A list comes, as predicted; its file goes, and so does it.
unknown /opt/u/own
list=$(owner_sign own /opt/u/own)
after=$(diglim attest predict --after $LOG --json | jq -r '.after.sha256."13"[0]')
check "load it" diglim load "$list"
check "a new list is the change that predict says" soon is "$after"
check "and its program changes nothing" /opt/u/own
sleep 2
expect_equal "$after" "$(pcr)" "vouched for"
expect_equal "$after" "$(replayed)" "log and register agree"
expect_equal 1 "$(records change | grep -c '^+list ')" "one line in one change"

# Unknown programs: one record each, also of those that ran while diglimd did not.
before=$(tr -d '\036' <$LOG | wc -l)
check "an unknown program runs in audit mode" /opt/u/early
check "and is in the log" soon recorded /opt/u/early
check "the register is another" not "$after"
/opt/u/early; /opt/u/early
sleep 2
expect_equal $((before + 1)) "$(tr -d '\036' <$LOG | wc -l)" "in one record, however often it runs"
diglim attest log $LOG | tail -n 3
expect_equal "$(pcr)" "$(replayed)" "which leads to the register"
expect_equal yes "$(diglim attest log $LOG | grep -q /opt/u/early && echo yes)" "attest log names it"
expect_status 2 "nothing can be predicted any more" diglim attest predict --after $LOG
daemon_stop -KILL
unknown /opt/u/between
/opt/u/between
daemon_start
check "what ran while diglimd was dead is recorded later" soon recorded /opt/u/between
expect_equal 1 "$(records unknown | grep -c /opt/u/early)" "and nothing twice"

# More than the kernel keeps while diglimd is dead.
# shellcheck disable=SC2317
lost() { records poison | grep -qx 'reason lost-events'; }
daemon_stop -KILL
expect_equal "" "$(records poison)" "nothing is lost yet"
unknown /opt/u/forgotten
/opt/u/forgotten
for _ in $(seq 1500); do /opt/u/between; done
expect_equal 0 "$(diglim log --json | grep -c /opt/u/forgotten)" "a program of which the kernel knows nothing any more"
daemon_start
check "the register has that something was lost" soon lost
expect_equal 0 "$(records unknown | grep -c /opt/u/forgotten)" "nobody can tell what"
expect_equal "$(pcr)" "$(replayed)" "log and register agree"

# A list of which there is no file.
unknown /opt/u/gone
list=$(owner_sign gone /opt/u/gone)
mv "$list" /tmp/gone
diglim load /tmp/gone >/dev/null
rm /tmp/gone
# shellcheck disable=SC2317
no_file() { records change | grep -q '^+list - '; }
check "a list without a file is recorded by its identity" soon no_file

check "detach" diglim detach
# shellcheck disable=SC2317
detached() { records poison | grep -qx 'reason detached'; }
check "which is recorded" soon detached
expect_equal "$(pcr)" "$(replayed)" "log and register agree at the end"
daemon_stop

# It comes while an attach goes on: nothing is judged yet, which is no state of this machine.
printf '[attest]\nregister = 15\n' >/etc/diglim/diglim.conf
rm $LOG
want=$(predicted)
diglim attach >/tmp/attach.log 2>&1 & attach=$!
until [ -e /sys/fs/bpf/diglim/read/state ]; do :; done
kill -STOP $attach
expect_equal off "$(diglim mode)" "an attach is under way"
daemon_start
check "which diglimd says" soon said 'nothing is measured: the mode is off'
kill -CONT $attach
wait $attach
expect_equal 0 $? "attach"
# shellcheck disable=SC2317
is_15() { [ "$(pcr 15)" = "$1" ]; }
check "the register has the state that the attach led to" soon is_15 "$want"
expect_equal "state" "$(tr -d '\036' <$LOG | jq -r .content.eventType)" "in one record"

# The programs go and come while diglimd is dead.
daemon_stop -KILL
check "detach" diglim detach
check "attach" diglim attach
expect_equal "$want" "$(pcr 15)" "nobody has told the register"
daemon_start
check "the next diglimd does" soon detached
expect_equal 1 "$(records poison | grep -c '^reason ')" "once"
check "detach" diglim detach
daemon_stop

# A register that somebody else uses.
tpm2_pcrextend "14:sha256=$(printf '%064d' 1)"
printf '[attest]\nregister = 14\n' >/etc/diglim/diglim.conf
rm $LOG
held=$(pcr 14)
check "attach" diglim attach
daemon_start
check "diglimd says so" soon said 'nothing is measured: .*register 14 holds'
expect_equal "$held" "$(pcr 14)" "and leaves it as it is"
cat /tmp/diglimd.log
summary
