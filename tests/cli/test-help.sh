#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --help and diglim(8) say the same: usage and options of every verb, in both directions.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

MAN=$DIGLIM_SOURCE/man/diglim.8.scd

# The section of a verb as plain text: scdoc's marks taken away.
section()
{
	awk -v head="## diglim $1" '$0 == head { on = 1; next } /^#/ { on = 0 } on' "$MAN" |
		sed -e 's/ ++$//' -e 's/[*]//g' -e 's/\\//g' -e 's/\b_\|_\b//g' -e 's/_//g'
}

# Usage lines of --help in $WORK/out.
usage_lines()
{
	sed -n -e 's/^Usage: //p' -e '/^       diglim/s/^ *//p' "$WORK/out"
}

# "--name ARG|help" for every option of --help.
help_options()
{
	sed -n '/^Options:$/,/^$/p' "$WORK/out" |
		sed -nE 's/^  (--[a-z-]+( [A-Z:]+)?) +(.*)$/\1|\3/p' |
		grep -v '^--json|\|^--help|'
}

# The same from the manual: an option and the line under it.
man_options()
{
	section "$1" | awk '/^--/ { name = $0; getline; if (sub(/^\t/, "")) print name "|" $0 }'
}

check_verb()
{
	local verb=$1
	# shellcheck disable=SC2086 # "key add" is two words
	run 0 $verb --help
	err_is_empty
	grep -qxF "## diglim $verb" "$MAN" || fail "the manual has no section on $verb"
	usage_lines | while read -r line; do
		section "$verb" | grep -qxF -- "$line" || echo "$line"
	done >"$WORK/missing"
	[ ! -s "$WORK/missing" ] || fail "usage not in the manual: $(cat "$WORK/missing")"
	[ -n "$(usage_lines)" ] || fail "$verb --help shows no usage"
	help_options | sort >"$WORK/from-help"
	man_options "$verb" | sort >"$WORK/from-man"
	diff -u "$WORK/from-help" "$WORK/from-man" >"$WORK/diff" ||
		fail "options of $verb differ: $(cat "$WORK/diff")"
	awk 'length($0) > 100' "$WORK/out" | grep -q . && fail "$verb --help is wider than 100"
	[ "$(section "$verb" | grep -cF "$(sed -n '/^$/{n;p;q}' "$WORK/out")")" = 1 ] ||
		fail "the manual lacks the summary of $verb"
}

run 0 --help
err_is_empty
verbs=$(sed -n '/^Verbs:$/,/^$/p' "$WORK/out" | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ "$(echo "$verbs" | wc -l)" = 29 ] || fail "not 29 verbs: $verbs"
run 0 key --help
subverbs=$(sed -n '/^Verbs:$/,/^$/p' "$WORK/out" | sed -n 's/^  \([a-z]*\) .*/key \1/p')
[ "$(echo "$subverbs" | wc -l)" = 6 ] || fail "not 6 verbs of key: $subverbs"
run 0 control --help
orders=$(sed -n '/^Verbs:$/,/^$/p' "$WORK/out" | sed -n 's/^  \([a-z]*\) .*/control \1/p')
[ "$(echo "$orders" | wc -l)" = 3 ] || fail "not 3 verbs of control: $orders"
run 0 attest --help
proofs=$(sed -n '/^Verbs:$/,/^$/p' "$WORK/out" | sed -n 's/^  \([a-z]*\) .*/attest \1/p')
[ "$(echo "$proofs" | wc -l)" = 9 ] || fail "not 9 verbs of attest: $proofs"
for verb in key enrol ca secret; do
	run 0 attest $verb --help
	proofs+=$'\n'$(sed -n '/^Verbs:$/,/^$/p' "$WORK/out" | sed -n "s/^  \([a-z]*\) .*/attest $verb \1/p")
done
[ "$(echo "$proofs" | wc -l)" = 20 ] || fail "not 3, 2, 2 and 4 verbs of attest key, enrol, ca and secret: $proofs"
while read -r verb; do
	check_verb "$verb"
done <<-LIST
	$verbs
	$subverbs
	$orders
	$proofs
LIST

# The manual has no verb that the program lacks.
sed -n 's/^## diglim //p' "$MAN" | sort >"$WORK/man-verbs"
printf '%s\n' "$verbs" "$subverbs" "$orders" "$proofs" | sort | diff -u - "$WORK/man-verbs" >"$WORK/diff" ||
	fail "verbs differ: $(cat "$WORK/diff")"

# The manual of the configuration names every key, with its section.
for key in mode:default store:headroom store:max-lists ingest:buffer events:ring events:spool events:tell-user \
	hash:limit filesystems:strict policy:scope policy:anonymous-exec policy:interpreters \
	policy:interpreter-names policy:interpreter-command policy:interpreter-stdin policy:immutable guard:allow-bpf guard:allow-ptrace guard:allow-device-mapper \
	packages:unvouched sign:key sign:cert sign:provider apt:untraced boot:start boot:on-failure boot:seal attest:register attest:log attest:gate; do
	awk -v head="# [${key%%:*}]" '$0 == head { on = 1; next } /^#/ { on = 0 } on' \
		"$DIGLIM_SOURCE/man/diglim.conf.5.scd" | grep -q "^\*${key#*:}\*" ||
		fail "diglim.conf(5) lacks $key"
	grep -q "\"${key%%:*}\", \"${key#*:}\"" "$DIGLIM_SOURCE/lib/policy/configkeys.c" ||
		fail "the program lacks $key"
done
[ "$(grep -c '^	{"[a-z]*", "[a-z-]*", set_' "$DIGLIM_SOURCE/lib/policy/configkeys.c")" = 30 ] ||
	fail "a key of the program is not checked here"

# What cannot be right says where help is.
run 2
err_has '^Usage: diglim VERB'
run 2 impotr
err_has "did you mean 'import'"
run 2 st
err_has "did you mean 'status'"
run 2 xyzzy
err_has "unknown verb 'xyzzy'$"
run 2 key ad
err_has "did you mean 'add'"
run 2 sign --nonsense
err_has 'diglim sign --help'
run 2 sign --key
err_has 'needs an argument'
run 0 --version
out_has '^diglim [0-9]'
finish
