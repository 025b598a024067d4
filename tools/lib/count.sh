# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Counts tests. Each function prints lines of four fields, separated by tabs:
#   passed NUMBER TEST -          failed NUMBER TEST WHY          skipped NUMBER TEST REASON
# A test that says nothing countable is one test. One that ended badly has at least one failure,
# whatever it printed; one that ended well without having checked anything is a failure, too.

# Common to both below: what a test's own words say.
COUNT_JQ='
def sum(re): [match(re; "g").captures[0].string | tonumber] | add;
def words:
  # ends with "N passed, N failed, N skipped" alone on a line
  ([match("(?:^|\n)([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped(?=\n|$)"; "g")] | last) as $line
  | if $line then $line.captures | map(.string | tonumber) | {p: .[0], f: .[1], s: .[2]}
    elif test("\\[  PASSED  \\]") then
      {p: (sum("\\[  PASSED  \\] ([0-9]+) test") // 0), f: (sum("\\[  FAILED  \\] ([0-9]+) test") // 0),
       s: (sum("\\[  SKIPPED \\] ([0-9]+) test") // 0)}
    else null end;
def reasons:
  [match("(?:^|\n)(?:SKIP:|skip -) *([^\n]*)"; "g").captures[0].string]
  | if length == 0 then "no reason given" else unique | join("; ") end;
# how: ok, skip or what went wrong
def verdict($name; $how; $out):
  ($out | words) as $w
  | (if $how == "ok" then
       if $w == null then {p: 1, f: 0, s: 0}
       elif $w.p + $w.f + $w.s == 0 then {p: 0, f: 1, s: 0, why: "checked nothing"}
       else $w end
     elif $how == "skip" then
       if $w == null or $w.p + $w.f + $w.s == 0 then {p: 0, f: 0, s: 1} else $w end
     else
       ($w // {p: 0, f: 0, s: 0}) | if .f == 0 then .f = 1 else . end
     end)
  | (select(.p > 0) | ["passed", .p, $name, "-"]),
    (select(.f > 0) | ["failed", .f, $name,
      (.why // if $how == "ok" then "ended well although checks failed" else $how end)]),
    (select(.s > 0) | ["skipped", .s, $name, ($out | reasons)])
  | @tsv;
'

# count_meson FILE: meson-logs/testlog.json, one JSON object a line.
count_meson()
{
	jq -r "$COUNT_JQ"'
		(.result | ascii_downcase) as $r
		| (if $r == "ok" or $r == "expectedfail" then "ok" elif $r == "skip" then "skip"
		   else $r end) as $how
		| verdict(.name; $how; (.stdout // "") + "\n" + (.stderr // ""))' "$1"
}

# count_words FILE: what the failed tests of a testlog.json said last, to read
count_words()
{
	jq -r 'select(.result | ascii_downcase | IN("ok", "expectedfail", "skip") | not)
		| "--- \(.name)", ((.stdout // "") + "\n" + (.stderr // "") | split("\n")
		| map(select(. != "")) | .[-25:][] | "    " + .), "---"' "$1"
}

# count_log TEST STATUS FILE: the words and exit status of a program that ran by itself.
count_log()
{
	local how
	case $2 in
	0) how=ok ;;
	77) how=skip ;;
	*) how="exit status $2" ;;
	esac
	jq -rRs --arg name "$1" --arg how "$how" "$COUNT_JQ"'verdict($name; $how; .)' "$3"
}

# count_guest TEST STATUS FILE: as count_log, but a guest script must say how many checks it made.
count_guest()
{
	if [ "$2" = 0 ] && ! grep -qE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$3"; then
		printf 'failed\t1\t%s\t%s\n' "$1" "ended without a summary"
	else
		count_log "$@"
	fi
}

# count_total KIND FILE: sum of the lines of that kind.
count_total() { awk -F'\t' -v kind="$1" '$1 == kind { n += $2 } END { print n + 0 }' "$2"; }
