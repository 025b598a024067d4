#!/bin/bash
# diglimd as the service that systemd starts: the unit as it is measures nothing, since it may not reach the TPM, and
# says so; with the drop-in for the gate it measures, opens the gate, and keeps it over restarts.
# vm: long=yes root=debian tpm=1 mem=1536 timeout=600
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

LOG=/run/diglim/measure.log DROPIN=/etc/systemd/system/diglimd.service.d
gate() { diglim status --json | jq -r ".tpm_gate.$1"; }
pcr() { tpm2_pcrread sha256:13 | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
# shellcheck disable=SC2317 # called by soon, as those below
is_kept() { [ "$(gate kept) $(gate open)" = "true true" ]; }
# shellcheck disable=SC2317
is() { [ "$(pcr)" = "$1" ]; }
# shellcheck disable=SC2317
journal_has() { journalctl -u diglimd -o cat --no-pager | grep -qE "$1"; }
# shellcheck disable=SC2317
recorded() { tr -d '\036' <"$LOG" | jq -r .content.string | grep -q " $1\$"; }
unknown() { mkdir -p /opt/u && cp /usr/bin/true "$1" && printf 'x%s' "$1" >>"$1"; }

mkdir -p /etc/diglim
printf '[attest]\nregister = 13\ngate = on\n' >/etc/diglim/diglim.conf
machine_start
want=$(diglim attest predict --json | jq -r '.pcrs.sha256."13"[0]')
zero=$(printf '%064d' 0)
check "the service starts" systemctl start diglimd
check "as it is, it says that nothing is measured" soon journal_has 'nothing is measured: .*diglimd-gate.conf'
expect_equal 0 "$(systemctl show -P NRestarts diglimd)" "and does not die of it"
expect_equal "$zero" "$(pcr)" "and the register is untouched"
expect_equal false "$(gate kept)" "nobody keeps the gate"

mkdir -p $DROPIN
check "the drop-in is where its manual says" ln -s /usr/lib/diglim/diglimd-gate.conf $DROPIN/
check "systemd takes it" systemctl daemon-reload
check "the service starts anew" systemctl restart diglimd
check "it measures" soon is "$want"
check "and keeps the gate" soon is_kept

unknown /opt/u/one
check "an unknown program runs" /opt/u/one
check "and is recorded" soon recorded /opt/u/one
check "then the gate is open" soon is_kept
check "killed, it comes back" systemctl kill -s KILL diglimd
unknown /opt/u/two
/opt/u/two
check "and records what ran meanwhile" soon recorded /opt/u/two
check "the gate is kept again" soon is_kept
expect_equal "$(pcr)" "$(diglim attest log --json $LOG | jq -r '.logs[0].value.sha256')" "log and register agree"
expect_equal active "$(systemctl is-active diglimd)" "the service is well"
systemd-analyze security diglimd 2>/dev/null | tail -n 1
journalctl -u diglimd -o cat --no-pager | tail -n 15
summary
