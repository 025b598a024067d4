#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/check-sizes accepts this tree, and finds what is too long.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

if text=$(tools/check-sizes "$SOURCE" 2>&1); then ok "this tree"; else fail "this tree" "$text"; fi

# sample LINES-IN-FUNCTION EMPTY-LINES-BEFORE
sample()
{
	mkdir -p "$T/tree/lib"
	{
		for ((i = 0; i < $2; i++)); do echo; done
		printf 'static int long_one(int a,\n\t\t    int b)\n{\n'
		for ((i = 0; i < $1; i++)); do printf '\ta++;\n'; done
		printf '}\n'
	} >"$T/tree/lib/x.c"
}

# expect STATUS NAME
expect()
{
	local status=0 text
	text=$(tools/check-sizes "$T/tree" 2>&1) || status=$?
	if [ "$status" = "$1" ]; then ok "$2"; else fail "$2" "status $status: $text"; fi
}

sample 70 426
expect 0 "a function of 70 lines in a file of 500"
sample 71 0
expect 1 "a function of 71 lines"
sample 10 487
expect 1 "a file of 501 lines"
rm "$T/tree/lib/x.c"
expect 2 "no source at all is trouble"
summary
