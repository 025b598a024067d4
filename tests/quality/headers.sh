#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every header can be included first and alone: with gcc and clang for the host, those of abi/ and
# core/ for BPF behind bpf/kernel.h as well, those of bpf/ for BPF.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

HOST=(-std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function
	-Wno-unused-const-variable -fsyntax-only -D_GNU_SOURCE -x c)
BPF=(clang -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror
	-Wno-unused-parameter -Wno-unused-function -c -o /dev/null)

# compiles NAME FIRST-LINES HEADER COMPILER...
compiles()
{
	local name="$3 ($1)" text
	printf '%s#include "%s"\n#include "%s"\n' "$2" "$SOURCE/$3" "$SOURCE/$3" >"$T/alone.c"
	shift 3
	if text=$("$@" "$T/alone.c" 2>&1); then ok "$name"; else fail "$name" "$text"; fi
}

KERNEL="#include \"$SOURCE/bpf/kernel.h\""$'\n'
for h in $(tracked 'abi/*.h' 'core/*.h' 'lib/*.h' 'programs/*.h'); do
	compiles gcc "" "$h" gcc "${HOST[@]}"
	compiles clang "" "$h" clang "${HOST[@]}"
done
for h in $(tracked 'abi/*.h' 'core/*.h'); do compiles bpf "$KERNEL" "$h" "${BPF[@]}"; done
for h in $(tracked 'bpf/*.h'); do compiles bpf "" "$h" "${BPF[@]}"; done

# The test finds a header that leans on others.
echo 'struct leaning { uint32_t x; };' >"$T/leaning.h"
SOURCE=$T
for compiler in gcc clang; do
	if (F=0; compiles "$compiler" "" leaning.h "$compiler" "${HOST[@]}"; [ "$F" = 0 ]) >/dev/null; then
		fail "a leaning header is found by $compiler"
	else
		ok "a leaning header is found by $compiler"
	fi
done
summary
