#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Guest script of bench/run: instructions of the first start of programs under enforce, small and large, by content
# and by fs-verity digest. What a second start takes is beside it: the difference is the verdict. The
# page cache is warm. Started with ICOUNT=1 the clock counts instructions.
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

# start PATH: instructions
start()
{
	local from
	from=$(date +%s%N)
	"$1" || exit 2
	echo $(($(date +%s%N) - from))
}

# measure FILE: first and second start
measure()
{
	local first
	cat "/mnt/$1" >/dev/null
	first=$(start "/mnt/$1")
	jq -cn --argjson first "$first" --argjson again "$(start "/mnt/$1")" \
		'{first: $first, again: $again, verdict: ($first - $again)}'
}

ext4_on_loop /mnt 200 -O verity -b 4096 || exit 2
# What udev loads on a real machine, for the kernel's hashing.
load_module sha256_ssse3 || exit 2
for size in 1 64; do
	{ cat "$(type -P true)" && head -c ${size}M /dev/urandom; } >"/mnt/plain-$size"
	chmod 755 "/mnt/plain-$size"
	cp "/mnt/plain-$size" "/mnt/verity-$size"
	fsverity enable "/mnt/verity-$size" || exit 2
	digests+=(--digest "verity:sha256:$(fsverity measure "/mnt/verity-$size" | sed 's/^sha256:\([0-9a-f]*\) .*/\1/'):/mnt/verity-$size")
done
machine_start >&2
owner_sign plain /mnt/plain-1 /mnt/plain-64 >&2
owner_sign verity "${digests[@]}" >&2
diglim load /etc/diglim/lists.d/plain /etc/diglim/lists.d/verity >&2 && diglim mode enforce >&2 || exit 2
start "$(type -P true)" >/dev/null # warm
for kind in plain verity; do
	for size in 1 64; do result+=("$(measure $kind-$size)"); done
done
jq -cn --argjson a "${result[0]}" --argjson b "${result[1]}" --argjson c "${result[2]}" --argjson d "${result[3]}" \
	'{content: {"1": $a, "64": $b}, verity: {"1": $c, "64": $d}}' | sed 's/^/RESULT /'
ok "measured"
summary
