#!/bin/bash
# What the policy leaves open when it is sealed: with allow-bpf and allow-ptrace debuggers and other BPF
# programs work, and everything else of the seal is as without them.
# vm: timeout=600
# vm-files: @BUILD@/tests/vm/tools/tamper:/usr/bin/ @BUILD@/tests/vm/tools/request:/usr/bin/
# vm-files: @BUILD@/tests/vm/tools/uprobe:/usr/bin/ tests/vm/guest/uprobe.sh:/vm/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/uprobe.sh
. /vm/uprobe.sh
cd /tmp || exit 1
SEALED=2009

cp /usr/bin/true unknown
echo x >>unknown
printf '[guard]\nallow-bpf = yes\nallow-ptrace = yes\n' >/etc/diglim/diglim.conf
check "the machine's own files are vouched for" machine_vouch
check "attach" diglim attach
check "enforce" diglim mode enforce
map=$(bpftool map list --json | jq '.[] | select(.name == "control") | .id')
check "seal" diglim seal --yes

for allowed in "load lsm" "load modify-return" "attach $$" traceme vm-write "memory $$" "memory self"; do
	# shellcheck disable=SC2086
	expect_equal allowed "$(tamper $allowed)" "sealed: $allowed"
done
expect_equal allowed "$(uprobe perf $PROBED)" "sealed: a uprobe by perf_event_open"
check "sealed: a uprobe by tracefs" uprobe_event
multi=$(uprobe multi $PROBED)
case $multi in
not*) skip "sealed: a uprobe by bpf(2)" "this kernel does not have it" ;;
*) expect_equal allowed "$multi" "sealed: a uprobe by bpf(2)" ;;
esac

expect_equal "refused EPERM" "$(/vm/try exec unknown)" "an unknown program is refused"
expect_equal "refused ENOENT" "$(tamper map-id "$map")" "no descriptor of our maps"
expect_equal "refused EPERM" "$(tamper sysctl-program /sys/fs/cgroup)" "no sysctl program of one's own"
expect_equal $SEALED "$(request op 4)" "no other mode"
expect_status 2 "no detach" diglim detach
expect_equal "yes yes" "$(diglim status --json | jq -r '"\(.allow_bpf) \(.allow_ptrace)"' | sed s/true/yes/g)" "status shows both"
summary
