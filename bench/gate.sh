#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Guest script of bench/run: instructions of reading, writing and commands to the TPM, without the kernel side, with it,
# and with the TPM gate.
# bench/gate.sh REPETITIONS
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

measured() { /vm/files/bench-gate "$1" /etc/passwd; }

machine_vouch >&2 || exit 2
for _ in 1 2; do
	rows+=("$(measured "$1")") || exit 2
	for gate in off on; do
		printf '[attest]\nregister = 13\ngate = %s\n' $gate >/etc/diglim/diglim.conf
		diglim attach >&2 || exit 2
		rows+=("$(measured "$1")") || exit 2
		diglim detach >&2
	done
done
printf '%s\n' "${rows[@]}" | jq -cs --argjson n "$1" \
	'{repetitions: $n, detached: [.[0], .[3]], attached: [.[1], .[4]], gate: [.[2], .[5]]}' | sed 's/^/RESULT /'
ok "measured"
summary
