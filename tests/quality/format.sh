#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every C file is as clang-format 14 with our .clang-format writes it: "make format" does it.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

version=$(clang-format --version 2>/dev/null | sed 's/.*version \([0-9]*\).*/\1/')
# Others lay out some lines in another way.
[ "$version" = 14 ] || { skip "format" "needs clang-format 14, here is \"$version\""; summary; }
for f in $(tracked '*.[ch]'); do
	if clang-format "$f" | cmp -s - "$f"; then ok "$f"; else fail "$f" "run make format"; fi
done
printf 'int  a ;\n' >"$T/a.c"
if clang-format --style=file:.clang-format "$T/a.c" | cmp -s - "$T/a.c"; then
	fail "a file in disorder is found"
else
	ok "a file in disorder is found"
fi
summary
