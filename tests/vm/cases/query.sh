#!/bin/bash
# A BPF program of somebody else asks DIGLIM about programs and gets no map (abi/query.h).
# vm: timeout=300
# vm-files: @BUILD@/examples/sandbox.bpf.o @BUILD@/examples/sandbox:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

PIN=/sys/fs/bpf/sandbox
# shellcheck disable=SC2317 # reached through check
connect() { bash -c 'exec 3<>/dev/udp/127.0.0.1/9'; }

mkdir -p /mnt/own
cp /usr/bin/bash /mnt/own/bash && printf 'x' >>/mnt/own/bash
ip link set lo up
check "before: a connection" connect
machine_start
check "the example is loaded" sandbox /vm/files/sandbox.bpf.o $PIN
expect_status 1 "nobody answers: refused" connect
check "it may ask" diglim query $PIN/program
check "a vouched program connects" connect
diglim mode audit
expect_status 1 "an altered copy of it does not" /mnt/own/bash -c 'exec 3<>/dev/udp/127.0.0.1/9'
expect_status 1 "asking for it twice" diglim query $PIN/program
check "it is listed" sh -c "diglim query --json | jq -e '.programs | length == 1'"
check "no longer" diglim query --remove $PIN/program
expect_status 1 "nobody answers again" connect
rm -r $PIN
check "after: a connection" connect
check "detach" diglim detach
summary
