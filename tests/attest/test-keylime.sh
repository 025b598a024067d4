#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Keylime's own verifier with the runtime policy that we write for it: packages come without a new policy; unknown files, other
# settings, keys and values do not pass. Takes Keylime: installed, or its source in PYTHONPATH.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

CHECK=$DIGLIM_SOURCE/tests/attest/keylime-check DIR=$ROOT/run/diglim/measured
/usr/bin/python3 "$CHECK" /dev/null /dev/null 00 >"$WORK/why" 2>/dev/null
[ $? != 3 ] || skip "no Keylime: $(head -n 1 "$WORK/why")"
mkdir -p "$ROOT/usr/sbin" "$ROOT/etc/diglim" "$DIR" "$ROOT/opt"
echo 'a program' >"$ROOT/usr/sbin/diglim"
owner_key
openssl x509 -in "$WORK/cert.pem" -outform DER -out "$WORK/cert.der"
run 0 key create --name Stranger --key "$WORK/other.pem" --cert "$WORK/other.crt"
openssl x509 -in "$WORK/other.crt" -outform DER -out "$WORK/other.der"
cp /bin/true "$ROOT/opt/one"
run 0 sign --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name one /opt/one

# As diglimd leaves them.
state() { run 0 attest predict --root "$ROOT" --json --statement && python3 -c 'import json, sys; sys.stdout.write(json.load(open(sys.argv[1]))["statement"])' "$WORK/out"; }
settings() { grep -v '^key \|^list ' | sed '1s/state/settings/'; }
state >"$DIR/000001-state"
settings <"$DIR/000001-state" >"$DIR/settings"
printf 'diglim change 1\n+list - two\n' >"$DIR/000002-change"
printf 'diglim unknown 1\nfile - /opt/evil\nuse exec\n' >"$DIR/000002-unknown"
printf 'diglim poison 1\nreason lost-events\n' >"$DIR/000002-poison"

# judged WANT WHAT...: Keylime's word on a list of these entries
judged()
{
	local want=$1 got
	shift
	"$DIGLIM_SOURCE/tests/data/attest/make-entries" "$WORK/list" "$ROOT" "$@"
	got=$(/usr/bin/python3 "$CHECK" "$WORK/policy" "$WORK/list.ascii" "${PCR-$(cat "$WORK/list.sha256")}" 2>/dev/null | paste -sd' ')
	case " $got " in
	*"$want "*) ;;
	*) fail "$*: $got instead of $want" ;;
	esac
}
record() { echo "file:/run/diglim/measured/$1"; }
KEY=key:diglim_owner:$WORK/cert.der
"$DIGLIM_SOURCE/tests/data/attest/make-entries" "$WORK/list" "$ROOT" aggregate
run 0 attest export --keylime --root "$ROOT" --ima "$WORK/list.binary"
cp "$WORK/out" "$WORK/policy"

judged accepted aggregate "$KEY" "$(record settings)" "$(record 000001-state)"
# Packages that come, now and before the next boot: the same policy.
judged accepted aggregate "$KEY" "$(record settings)" "$(record 000001-state)" "$(record 000002-change)"
cp /bin/false "$ROOT/opt/two"
run 0 sign --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name two /opt/two
state >"$DIR/000001-state"
judged accepted aggregate "$KEY" "$(record settings)" "$(record 000001-state)"
PCR=$(printf '%064d' 1) judged pcr_mismatch aggregate "$KEY" "$(record settings)" "$(record 000001-state)"
judged not_in_allowlist aggregate "$KEY" "$(record settings)" "$(record 000001-state)" "$(record 000002-unknown)"
judged not_in_allowlist aggregate "$KEY" "$(record settings)" "$(record 000001-state)" "$(record 000002-poison)"
judged runtime_policy_hash aggregate "$KEY" "key:diglim_owner:$WORK/other.der" "$(record settings)" "$(record 000001-state)"
judged not_in_allowlist aggregate "$KEY" "key:diglim_vendor:$WORK/cert.der" "$(record settings)" "$(record 000001-state)"
sed -i 's/^mode audit/mode off/' "$DIR/settings"
judged runtime_policy_hash aggregate "$KEY" "$(record settings)" "$(record 000001-state)"
finish
