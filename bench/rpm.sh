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
	rpm --force-debian --nodeps "$@" -i /vm/packages/*.rpm >/dev/null 2>/tmp/said || { cat /tmp/said >&2; exit 2; }
	ended=$(date +%s%N)
	[ ! -s /tmp/said ] || { cat /tmp/said >&2; exit 2; }
	echo $(((ended - begun) / 1000))
	loaded=$(diglim status --json | jq .lists)
	# shellcheck disable=SC2046 # names without white space
	rpm_do -e $(rpm -qa 'bench*') >&2
	echo "$loaded" >/tmp/loaded
}

# compare NAME ARGUMENT...: rounds without and with the plugin in turns, and the ratio
compare()
{
	local name=$1 without=0 with=0 a b i
	shift
	for ((i = 0; i < ROUNDS; i++)); do
		a=$(time_install "$@" --noplugins) || exit 2
		[ "$(cat /tmp/loaded)" = 1 ] || { echo "lists without the plugin" >&2; exit 2; }
		b=$(time_install "$@") || exit 2
		[ "$(cat /tmp/loaded)" = $((n + 1)) ] || { echo "$(cat /tmp/loaded) lists" >&2; exit 2; }
		echo "$name, round $((i + 1)): without $a us, with $b us"
		without=$((without + a)) with=$((with + b))
	done
	jq -cn --arg name "$name" --argjson n "$n" --argjson without $((without / ROUNDS)) --argjson with $((with / ROUNDS)) \
		'{signatures: $name, packages: $n, without_us: $without, with_us: $with,
		  ratio: ($with / $without * 1000 | round / 1000)}' | sed 's/^/RESULT /'
}

ext4_on_loop /opt 512 || exit 2
# What udev loads on a real machine, for the kernel's hashing.
load_module sha256_ssse3 || exit 2
machine_start >&2
diglim key add --vendor --yes /vm/packages/vendor.asc >&2
diglim mode enforce >&2 || exit 2
n=$(find /vm/packages -name '*.rpm' | wc -l)
# Warm: the plugin's own libraries are hashed when they are used first.
time_install --noplugins --nosignature >/dev/null
time_install --nosignature >/dev/null
compare "not checked by rpm" --nosignature
rpmkeys --import /vm/packages/vendor.asc || exit 2
compare "checked by rpm, its default"
ok "measured"
summary
