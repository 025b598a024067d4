#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The runner behind "make check" counts right, above all what went wrong, and reads the heads of
# guest scripts right.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/lib/count.sh
. tools/lib/count.sh
# shellcheck source=tools/lib/vmcases.sh
. tools/lib/vmcases.sh
# shellcheck source=tools/lib/twins.sh
. tools/lib/twins.sh

same()
{
	if [ "$1" = "$2" ]; then ok "$3"; else fail "$3" "'$2' is not '$1'"; fi
}

# said NAME STATUS OUTPUT WANT: counts of a program by itself; fields of WANT parted by |
said()
{
	printf '%b' "$3" >"$T/log"
	same "$(printf '%b' "$4")" "$(count_log t "$2" "$T/log" | tr '\t' '|')" "$1"
}
said "a silent success is one" 0 '' 'passed|1|t|-'
said "a silent failure is one" 1 '' 'failed|1|t|exit status 1'
said "a skip with its reason" 77 'SKIP: no root\n' 'skipped|1|t|no root'
said "a skip without one" 77 '' 'skipped|1|t|no reason given'
said "a summary" 0 'x\n3 passed, 0 failed, 2 skipped\nskip - a: b\n' 'passed|3|t|-\nskipped|2|t|a: b'
said "the last summary" 0 '1 passed, 0 failed, 0 skipped\n5 passed, 0 failed, 0 skipped\n' 'passed|5|t|-'
said "a summary amid a line is none" 0 'x 3 passed, 0 failed, 0 skipped\n' 'passed|1|t|-'
said "failures in a summary" 1 '3 passed, 2 failed, 0 skipped\n' 'passed|3|t|-\nfailed|2|t|exit status 1'
said "failures with status 0" 0 '3 passed, 2 failed, 0 skipped\n' \
	'passed|3|t|-\nfailed|2|t|ended well although checks failed'
said "status 1 without a failure" 1 '3 passed, 0 failed, 0 skipped\n' 'passed|3|t|-\nfailed|1|t|exit status 1'
said "killed in its midst" 139 '[  PASSED  ] 4 test(s).\n' 'passed|4|t|-\nfailed|1|t|exit status 139'
said "a summary of nothing" 0 '0 passed, 0 failed, 0 skipped\n' 'failed|1|t|checked nothing'
said "cmocka" 1 '[  PASSED  ] 4 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n[  FAILED  ] 2 test(s)\n' \
	'passed|4|t|-\nfailed|2|t|exit status 1\nskipped|1|t|no reason given'
said "two groups of cmocka" 0 '[  PASSED  ] 4 test(s).\n[  PASSED  ] 3 test(s).\n' 'passed|7|t|-'
printf 'ok\n' >"$T/log"
same 'failed|1|t|ended without a summary' "$(count_guest t 0 "$T/log" | tr '\t' '|')" "a guest without summary"
same 'failed|1|t|exit status 125' "$(count_guest t 125 "$T/log" | tr '\t' '|')" "a guest that crashed"

# result NAME MESON-RESULT STDOUT WANT
result()
{
	jq -cn --arg r "$2" --arg o "$(printf '%b' "$3")" '{name: "t", result: $r, stdout: $o}' >"$T/json"
	same "$(printf '%b' "$4")" "$(count_meson "$T/json" | tr '\t' '|')" "meson: $1"
}
result "success" OK '' 'passed|1|t|-'
result "failure" FAIL '' 'failed|1|t|fail'
result "timeout" TIMEOUT '[  PASSED  ] 4 test(s).\n' 'passed|4|t|-\nfailed|1|t|timeout'
result "error" ERROR '' 'failed|1|t|error'
result "interrupt" INTERRUPT '' 'failed|1|t|interrupt'
result "skip" SKIP 'SKIP: no root\n' 'skipped|1|t|no root'
result "a failure that should be" EXPECTEDFAIL '' 'passed|1|t|-'
result "a success that should not be" UNEXPECTEDPASS '' 'failed|1|t|unexpectedpass'
jq -cn '{name: "good", result: "OK", stdout: "not seen"},
	{name: "bad", result: "FAIL", stdout: "", stderr: ([range(30) | tostring] | join("\n"))}' >"$T/json"
same "--- bad;$(seq -f '    %g' -s ';' 5 29);---" "$(count_words "$T/json" | paste -sd';')" \
	"meson: the last lines of what failed, and no others"

# Runs that must agree.
twins() { twins_check "$T/twins" | paste -sd';'; echo "${PIPESTATUS[0]}"; }
mkdir "$T/twins"
echo 'same: a 1' >"$T/twins/vm-x-7.log"
same "SKIP: no script ran twice that says what is the same;77" "$(twins | paste -sd';')" "one run is compared with nothing"
printf 'same: a 1\n' >"$T/twins/vm-x-7-run2.log"
same "ok - vm-x-7-run2: a is that of the first run;0" "$(twins | paste -sd';')" "two machines that agree"
printf 'same: a 1\nsame: b 2\n' >"$T/twins/vm-x-7-run2.log"
same "1" "$(twins | tail -n 1)" "a value that only the second has"
printf 'same: a 2\n' >"$T/twins/vm-x-7-run2.log"
same "FAIL - vm-x-7-run2: a is 2, and in the first run 1;1" "$(twins | paste -sd';')" "two that differ"
rm "$T/twins/vm-x-7.log"
same "1" "$(twins | tail -n 1)" "a first one that is not there"

# Heads of guest scripts.
head_of() { printf '#!/bin/bash\n%b\n' "$1" >"$T/case.sh"; }
where() { vm_runs "$T/case.sh" | while read -r run; do vm_kernels "$1" "$run"; done | paste -sd';'; }
head_of '# nothing'
same 6.12 "$(where check)" "without a line: one kernel"
same "6.1 6.12 7" "$(where long)" "without a line: all kernels when there is time"
head_of '# vm: smoke=yes'
same "6.1 6.12 7" "$(where check)" "smoke: all kernels"
head_of '# vm: kernels=6.1,7'
same 6.1 "$(where check)" "the first that makes sense"
head_of '# vm: long=yes'
same "" "$(where check)" "long: not in check"
same "6.1 6.12 7" "$(where long)" "long: in check-long"
head_of '# vm: tpm=1 root=debian mem=512 timeout=60 icount=1 uefi=1 diglim=no cmdline=a=b c=d\n# vm: kernels=7'
same "6.12;7" "$(where check)" "two lines are two runs"
run=$(vm_runs "$T/case.sh" | head -n 1)
for field in tpm=1 root=debian mem=512 timeout=60 icount=1 uefi=1 diglim=no smoke=no kernels=6.1,6.12,7; do
	same "${field#*=}" "$(vm_field "${field%%=*}" "$run")" "field ${field%%=*}"
done
same "a=b c=d" "$(vm_field cmdline "$run")" "cmdline is the rest of the line"
run=$(vm_runs "$T/case.sh" | tail -n 1)
same "" "$(vm_field cmdline "$run")" "a run has only its own fields"
same mini "$(vm_field root "$run")" "and the defaults"
head_of '# vm: cmdline=tpm=9 root=x'
same 0 "$(vm_field tpm "$(vm_runs "$T/case.sh")")" "the command line is not taken for fields"
for bad in tmp=1 kernels=5.10 smoke=maybe root=arch tpm=2 word; do
	head_of "# vm: $bad"
	if vm_runs "$T/case.sh" >/dev/null 2>&1; then fail "refuses $bad"; else ok "refuses $bad"; fi
done
head_of '# vm-files: a:b  c\n# vm-files: d'
same "a:b c d" "$(vm_files "$T/case.sh" | paste -sd' ')" "files"
for file in tests/vm/cases/*.sh; do
	if text=$(vm_runs "$file" 2>&1); then ok "$file"; else fail "$file" "$text"; fi
done
text=$(tools/check --build "$T/none" no-such-case 2>&1)
same 2 $? "a case that is not there is trouble"
same "check: no case has the name no-such-case: see tests/vm/cases" "$text" "and is named"
same no "$([ -e "$T/none" ] && echo yes || echo no)" "before anything is built"
summary
