# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What several runs of a guest script must agree in. A script says it in lines "same: NAME VALUE"; logs are
# DIR/vm-CASE-KERNEL.log for the first run and DIR/vm-CASE-KERNEL-runN.log for the others.

# twins_check DIR: one line for each value of each further run; 1 if one differs, 77 if there is nothing to compare
twins_check()
{
	local log first name value status=77
	for log in "$1"/vm-*-run[0-9]*.log; do
		first=${log%-run*}.log
		grep -q '^same: ' "$log" 2>/dev/null || continue
		[ $status != 77 ] || status=0
		while read -r _ name value; do
			if grep -qx "same: $name $value" "$first" 2>/dev/null; then
				echo "ok - $(basename "$log" .log): $name is that of the first run"
			else
				echo "FAIL - $(basename "$log" .log): $name is $value, and in the first run" \
					"$(sed -n "s/^same: $name //p" "$first" 2>/dev/null | grep . || echo unknown)"
				status=1
			fi
		done < <(grep '^same: ' "$log")
	done
	[ $status != 77 ] || echo "SKIP: no script ran twice that says what is the same"
	return $status
}
