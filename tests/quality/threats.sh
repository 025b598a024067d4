#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The threat model's table of attacks is the one of the last run: every script is in it, with a result
# on one kernel at least, and what has no script has a reason.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

# judge TREE: prints what is wrong there
judge()
{
	local script=$1/tests/vm/attacks
	grep -L '^# attack: .' "$script"/*.sh | sed 's,.*/\(.*\)\.sh,\1 has no line "# attack:",'
	grep -LE '^# (event|unstopped): .' "$script"/*.sh | sed 's,.*/\(.*\)\.sh,\1 has neither event nor reason,'
	grep -vE '^(#|$)' "$script/untested" | grep -vE '^[^|]+ \| .+$' | sed 's/^/without a reason: /'
	DIGLIM_SOURCE=$1 tools/threat-table >"$T/table"
	sed -n 's/.*| `\([^`]*\)` |.*\(no result\|not run | not run | not run\).*/\1: \2/p' "$T/table"
	DIGLIM_SOURCE=$1 tools/threat-table --check >"$T/diff" || echo "the table is not the one of the run"
}

text=$(judge "$SOURCE")
if [ -z "$text" ]; then ok "the table"; else fail "the table" "$text $(head -n 20 "$T/diff")"; fi
n=$(find tests/vm/attacks -name '*.sh' | wc -l)
if [ "$n" -ge 40 ]; then ok "attacks"; else fail "attacks" "only $n"; fi

# What is missing is found.
mkdir -p "$T/tree/docs/results" "$T/tree/tests/vm"
cp docs/THREAT_MODEL.md "$T/tree/docs/" && cp docs/results/attacks.tsv "$T/tree/docs/results/"
cp -r tests/vm/attacks "$T/tree/tests/vm/"
should_find()
{
	if judge "$T/tree" | grep -qF "$1"; then ok "finds: $1"; else fail "finds: $1"; fi
}
printf '# attack: x\n# event: y z\n' >"$T/tree/tests/vm/attacks/new.sh"
should_find "new: not run"
should_find "the table is not the one of the run"
echo "an attack" >>"$T/tree/tests/vm/attacks/untested"
should_find "without a reason: an attack"
summary
