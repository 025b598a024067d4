#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every C source begins with the licence of its folder, and no other file claims a different one.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

# Sets want. What runs in the kernel is GPL-2.0-only; tests and benches of it may be.
licence_of()
{
	case $1 in
	abi/* | core/* | bpf/* | *.bpf.c) want=GPL-2.0-only ;;
	tests/* | bench/*) want='(GPL-2.0-only|LGPL-2.1-or-later)' ;;
	*) want=LGPL-2.1-or-later ;;
	esac
}

# judge PATH FILE: prints what is wrong with the first lines of FILE, that lies at PATH in the tree
judge()
{
	local want line lines
	licence_of "$1"
	mapfile -t -n 5 lines <"$2" 2>/dev/null
	case $1 in
	*.[ch])
		line=${lines[0]-}
		[[ $line =~ ^(/\*\ SPDX-License-Identifier:\ $want\ \*/|//\ SPDX-License-Identifier:\ $want)$ ]] ||
			echo "begins with \"$line\", not with $want"
		;;
	*)
		for line in "${lines[@]}"; do
			if [[ $line == *SPDX-License-Identifier:* && ! $line =~ :\ $want ]]; then echo "$line"; fi
		done
		;;
	esac
}

n=0
for f in $(tracked '*.[ch]' '*.build' '*.sh' 'Makefile' 'tools/*' '*.in'); do
	n=$((n + 1))
	wrong=$(judge "$f" "$f")
	if [ -z "$wrong" ]; then ok "$f"; else fail "$f" "$wrong"; fi
done
if [ $n -gt 20 ]; then ok "files were found"; else fail "files were found" "$n"; fi

for l in GPL-2.0-only LGPL-2.1-or-later; do
	if [ -s "LICENSES/$l.txt" ] && grep -q "$l" LICENSE.md; then ok "$l"; else fail "$l" "no text, or not in LICENSE.md"; fi
done

# should_fail PATH FIRST-LINE
should_fail()
{
	echo "$2" >"$T/file"
	if [ -n "$(judge "$1" "$T/file")" ]; then ok "wrong in $1: $2"; else fail "wrong in $1: $2" "not found"; fi
}
should_fail core/x.h '/* SPDX-License-Identifier: LGPL-2.1-or-later */'
should_fail lib/base/x.c '/* SPDX-License-Identifier: GPL-2.0-only */'
should_fail bpf/x.bpf.c '// SPDX-License-Identifier: GPL-2.0-or-later'
should_fail programs/x.c '#include <stdio.h>'
should_fail lib/x.sh '# SPDX-License-Identifier: GPL-2.0-only'
should_fail tests/x.c '/* SPDX-License-Identifier: MIT */'
summary
