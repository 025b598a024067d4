#!/bin/bash
# diglimd: events from before its start, fields, restarts without losses, what was lost is said, terminals, and
# that nothing is decided by it.
# vm: long=yes root=debian mem=1536 timeout=900
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

unknown() { cp /usr/bin/true "$1" && printf 'x%s' "$1" >>"$1"; }
# refusals FIELD=VALUE...: how many entries the journal has
refusals() { journalctl -t diglim DIGLIM_EVENT=refused "$@" -o cat --no-pager | grep -c .; }
# shellcheck disable=SC2317 # called by check
logged() { [ "$(refusals "DIGLIM_PATH=$1")" -ge 1 ]; }
# shellcheck disable=SC2317 # called by check
idle() { systemctl show -p ActiveState --value diglimd | grep -qx active; }

mkdir -p /etc/diglim /opt/u
printf '[events]\nring = 64K\ntell-user = yes\n' >/etc/diglim/diglim.conf
for i in before running stopped killed again terminal; do unknown /opt/u/$i; done
for i in $(seq 200); do unknown /opt/u/"$i"; done
systemctl stop diglimd 2>/dev/null
check "it waits for an attachment" systemctl start diglimd
check "and runs" soon idle
systemctl stop diglimd
machine_start
check "enforce" diglim mode enforce

expect_probe refused-by-diglim exec /opt/u/before "refused while it does not run"
check "start" systemctl start diglimd
check "what was before is in the journal" soon logged /opt/u/before
expect_probe refused-by-diglim exec /opt/u/running "refused while it runs"
check "what is now, too" soon logged /opt/u/running
expect_equal 1 "$(refusals DIGLIM_PATH=/opt/u/running)" "once"
entry=$(journalctl -t diglim DIGLIM_PATH=/opt/u/running -o json --no-pager)
expect_equal "4 exec unknown 0" "$(jq -r '[.PRIORITY, .DIGLIM_HOOK, .DIGLIM_REASON, .DIGLIM_UID] | join(" ")' <<<"$entry")" \
	"fields"
expect_equal "$(sha256sum /opt/u/running | cut -d' ' -f1)" "$(jq -r .DIGLIM_DIGEST <<<"$entry")" "digest"
journalctl -t diglim DIGLIM_PATH=/opt/u/running -o cat --no-pager
check "sandboxed" sh -c '[ "$(grep CapEff /proc/$(systemctl show -p MainPID --value diglimd)/status | cut -f2)" = 0000000020000000 ]'
expect_equal yes "$(diglim log --json | jq -r 'select(.path == "/opt/u/running") | "yes"' | head -n 1)" "the log shows it"
expect_equal yes "$(grep -q /opt/u/running /run/diglim/events.jsonl && echo yes)" "from the spool"

systemctl stop diglimd
expect_probe refused-by-diglim exec /opt/u/stopped "refused between two runs"
systemctl start diglimd
check "nothing is lost by a restart" soon logged /opt/u/stopped
kill -9 "$(systemctl show -p MainPID --value diglimd)"
expect_probe refused-by-diglim exec /opt/u/killed "killed it refuses all the same"
check "nor by a kill" soon logged /opt/u/killed
expect_equal 1 "$(refusals DIGLIM_PATH=/opt/u/stopped)" "and nothing is logged twice"
expect_equal 0 "$(journalctl -t diglim DIGLIM_EVENT=lost -o cat --no-pager | grep -c .)" "no loss so far"

systemctl stop diglimd
for i in $(seq 200); do /opt/u/"$i" 2>/dev/null; done
systemctl start diglimd
check "the newest after more than the kernel keeps" soon logged /opt/u/200
lost=$(journalctl -t diglim DIGLIM_EVENT=lost -o json --no-pager | jq -s 'map(.DIGLIM_COUNT | tonumber) | add')
there=$(for i in $(seq 200); do refusals "DIGLIM_PATH=/opt/u/$i"; done | grep -vc '^0$')
expect_equal 200 $((lost + there)) "what is lost ($lost) and what is there ($there) are all"

# A terminal of a user of his own.
useradd -m someone 2>/dev/null
cat >/vm/session <<'S'
chown someone "$(tty)"; chmod 620 "$(tty)"
setpriv --reuid someone --clear-groups sh -c '/opt/u/terminal; sleep 4'
S
script -qec "bash /vm/session" /dev/null >/vm/typescript 2>&1 </dev/null
expect_equal yes "$(grep -aq 'diglim: refused to execute /opt/u/terminal' /vm/typescript && echo yes)" "on the terminal"
sed -i 's/4$/4\nmesg n/' /vm/session
sed -i '1s/620/600/' /vm/session
script -qec "bash /vm/session" /dev/null >/vm/typescript 2>&1 </dev/null
expect_equal no "$(grep -aq 'diglim: refused' /vm/typescript && echo yes || echo no)" "not on one that takes no messages"

check "detach" diglim detach
check "attach" diglim attach
check "enforce" diglim mode enforce
expect_probe refused-by-diglim exec /opt/u/again "after another attach"
check "it goes on with the new one" soon logged /opt/u/again
systemctl --failed --no-legend | cat
summary
