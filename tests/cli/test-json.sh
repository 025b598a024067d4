#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --json gives one document on standard output, whatever the outcome.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
mkdir -p "$ROOT/opt"
cp /bin/true "$ROOT/opt/tool"
run 0 sign /opt/tool --key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT" \
	--output "$WORK/good" --json
json 'isinstance(d, dict)'
for verb in "verify $WORK/good" "inspect $WORK/good" "inspect /dev/null" "verify /dev/null" \
	"key list" "key add $WORK/cert.pem --yes" "key add /dev/null --yes" \
	"key remove 0123456789abcdef --yes" "explain /opt/tool" "explain /nothing" \
	"sign /nothing --key $WORK/key.pem --cert $WORK/cert.pem" "import /opt/nothing" "doctor"; do
	# shellcheck disable=SC2086
	"$DIGLIM" $verb --json --root "$ROOT" >"$WORK/out" 2>"$WORK/err"
	json 'isinstance(d, dict)'
done
run 2 explain /nothing --json --root "$ROOT"
json '"No such file" in d["error"] and d["code"] == 2'
err_has 'No such file'

# Wrong usage as well, wherever --json stands.
for usage in "--json explain" "explain --json" "explain --bogus --json" "explain a b --json" \
	"explain --use x /x --json" "sign --json" "import --json" "key --json" "key bogus --json" \
	"bogus --json" "log --since x --json" "log --json extra" "watch --json --bogus"; do
	# shellcheck disable=SC2086
	run 2 $usage
	json 'd["error"] and d["code"] == 22'
done
run 2 log --json --root /nonexistent
json '"/nonexistent" in d["error"]'
run 2 explain -- --json
[ ! -s "$WORK/out" ] || fail "a file of the name --json is taken for the option"

# Verbs about the running kernel answer as well when there is nothing attached.
if [ ! -e /sys/fs/bpf/diglim ]; then
	for verb in "load $WORK/good" "unload x" mode status detach; do
		# shellcheck disable=SC2086
		if "$DIGLIM" $verb --json >"$WORK/out" 2>"$WORK/err"; then
			fail "$verb succeeds without anything attached"
		fi
		json 'isinstance(d, dict)'
	done
	run 2 watch --json
	json '"not attached" in d["error"]'
	err_has 'not attached'
fi
finish
