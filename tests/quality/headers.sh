#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every header can be included first and alone: with gcc and clang for the host, those of abi/ and
# core/ for BPF behind bpf/kernel.h as well, those of bpf/ for BPF.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

HOST=(-std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function
	-Wno-unused-const-variable -fsyntax-only -D_GNU_SOURCE -x c)
BPF=(clang -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror
	-Wno-unused-parameter -Wno-unused-function -fsyntax-only)

# alone NAME FIRST-LINES HEADER: a source that includes just this header, twice
alone()
{
	mkdir -p "$T/$1"
	printf '%s#include "%s"\n#include "%s"\n' "$2" "$SOURCE/$3" "$SOURCE/$3" >"$T/$1/${3//\//+}.c"
}

# compile NAME COMPILER...: all of that name. Together, since most often nothing is wrong.
compile()
{
	local name=$1 f text
	shift
	if "$@" "$T/$name"/*.c >/dev/null 2>&1; then
		for f in "$T/$name"/*.c; do ok "$f ($name)"; done
		return
	fi
	for f in "$T/$name"/*.c; do
		if text=$("$@" "$f" 2>&1); then ok "$f ($name)"; else fail "$(basename "$f" .c) ($name)" "$text"; fi
	done
}

KERNEL="#include \"$SOURCE/bpf/kernel.h\""$'\n'
for h in $(tracked 'abi/*.h' 'core/*.h' 'lib/*.h' 'programs/*.h'); do
	alone gcc "" "$h"
	alone clang "" "$h"
done
for h in $(tracked 'abi/*.h' 'core/*.h'); do alone bpf "$KERNEL" "$h"; done
for h in $(tracked 'bpf/*.h'); do alone bpf "" "$h"; done
compile gcc gcc "${HOST[@]}"
compile clang clang "${HOST[@]}"
compile bpf "${BPF[@]}"

# The test finds a header that leans on others.
echo 'struct leaning { uint32_t x; };' >"$T/leaning.h"
for compiler in gcc clang; do
	rm -rf "${T:?}/$compiler"
	if (SOURCE=$T F=0 && alone $compiler "" leaning.h && compile $compiler $compiler "${HOST[@]}" && [ "$F" = 0 ]) >/dev/null; then
		fail "a leaning header is found by $compiler"
	else
		ok "a leaning header is found by $compiler"
	fi
done
summary
