#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Guest script of bench/run-rpm: what the rpm plugin costs. Installs and erases the same packages with
# and without it, in turns, under enforce, and prints the instructions of each installation and
# the ratio. Started with ICOUNT=1 the clock counts instructions.
# usage: bench/rpm.sh ROUNDS
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rpm.sh
. /vm/rpm.sh
ROUNDS=${1:-3}

# time_install ARGUMENT...: microseconds of the guest's clock
time_install()
{
	local begun ended
	begun=$(date +%s%N)
	rpm_do "$@" -i /vm/packages/*.rpm >/dev/null 2>/tmp/said || { cat /tmp/said >&2; exit 2; }
	ended=$(date +%s%N)
	[ ! -s /tmp/said ] || { cat /tmp/said >&2; exit 2; }
	echo $(((ended - begun) / 1000))
	# shellcheck disable=SC2046 # names without white space
	rpm_do "$@" -e $(rpm -qa) >&2
}

ext4_on_loop /opt 512 || exit 2
machine_start >&2
diglim key add --vendor --yes /vm/packages/vendor.asc >&2
diglim mode enforce >&2 || exit 2
n=$(find /vm/packages -name '*.rpm' | wc -l)
time_install --noplugins >/dev/null # warm
without=0 with=0
for ((i = 0; i < ROUNDS; i++)); do
	a=$(time_install --noplugins) && b=$(time_install) || exit 2
	echo "round $((i + 1)): without $a us, with $b us"
	without=$((without + a)) with=$((with + b))
done
loaded=$(diglim status --json | jq .lists)
echo "RESULT $n packages: without $((without / ROUNDS)) us, with $((with / ROUNDS)) us, ratio $(awk "BEGIN { print $with / $without }"), lists left $loaded"
ok "measured"
summary
