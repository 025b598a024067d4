#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Evidence of a hundred machines at once: attested, refused, unreachable or expired are told apart and counted right, in words, JSON and
# metrics.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/swtpm.sh"
RECORD=$DIGLIM_BUILD/tests/attest/seal-record
LOG=$WORK/measure.log FLEET=$WORK/fleet REGISTERS=0,4,9,12,13
tpm_start

run 0 attest key create "$WORK/ak.pem" --ak --public "$WORK/ak.pub" --tcti "$TCTI"
run 0 attest key create "$WORK/stranger.pem" --ak --tcti "$TCTI"
"$RECORD" "$TCTI" 13 "$LOG" state mode enforce || fail "seal-record"
# machine NAME NONCE: asked, and has answered
machine()
{
	mkdir -p "$FLEET/$1"
	cp "$WORK/ak.pem" "$FLEET/$1/ak"
	echo "$2" >"$FLEET/$1/nonce"
	run 0 attest quote "$FLEET/$1/evidence" --ak "$WORK/ak.pem" --nonce "$2" --pcrs $REGISTERS --log "$LOG" --tcti "$TCTI"
}
fleet()
{
	local want=$1
	shift
	run "$want" attest verify "$FLEET" --fleet --values "$WORK/good.json" --pcrs $REGISTERS "$@"
}

mkdir "$FLEET"
: >"$WORK/none.json"
run 2 attest verify "$FLEET" --fleet --values "$WORK/none.json" --pcrs $REGISTERS
machine good-1 01
cp "$FLEET/good-1/evidence/pcrs.json" "$WORK/good.json"
for n in 2 3 4; do machine "good-$n" "0$n"; done
fleet 0
out_has '^\[\+\] good-1: attested$'
out_has '^4 attested, 0 refused, 0 unreachable$'
# Copies of machines, with the same answers, as if there were more.
for n in $(seq 5 60); do cp -r "$FLEET/good-$((n % 4 + 1))" "$FLEET/good-$n"; done
for n in $(seq 20); do
	cp -r "$FLEET/good-1" "$FLEET/silent-$n" && rm -r "$FLEET/silent-$n/evidence"
	cp -r "$FLEET/good-2" "$FLEET/old-$n" && touch -d '2 hours ago' "$FLEET/old-$n/nonce"
done
for n in $(seq 10); do
	cp -r "$FLEET/good-3" "$FLEET/forged-$n"
	flip "$FLEET/forged-$n/evidence/quote" 60
done
cp -r "$FLEET/good-1" "$FLEET/replayed" && cp "$FLEET/good-2/nonce" "$FLEET/replayed/"
cp -r "$FLEET/good-1" "$FLEET/stranger" && cp "$WORK/stranger.pem" "$FLEET/stranger/ak"
cp -r "$FLEET/good-1" "$FLEET/unasked" && rm "$FLEET/unasked/nonce"
cp -r "$FLEET/good-1" "$FLEET/unknown" && rm "$FLEET/unknown/ak"
cp -r "$FLEET/good-1" "$FLEET/nonsense" && echo xyz >"$FLEET/nonsense/nonce"
cp -r "$FLEET/good-1" "$FLEET/pipe" && rm "$FLEET/pipe/evidence/measure.log" && mkfifo "$FLEET/pipe/evidence/measure.log"
# What a machine sends does not name its own key or nonce.
cp -r "$FLEET/stranger" "$FLEET/sly" && cp "$WORK/ak.pem" "$FLEET/sly/evidence/ak"
"$RECORD" "$TCTI" 13 "$LOG" unknown file /tmp/evil || fail "seal-record"
machine evil 05
# No machines.
: >"$FLEET/README" && mkdir "$FLEET/.hidden"

fleet 1
out_has '^\[-\] evil: refused: unknown: file /tmp/evil$'
out_has '^\[-\] forged-1: refused: the signature is not'
out_has '^\[-\] replayed: refused: .*not for this nonce'
out_has '^\[-\] stranger: refused: the signature is not'
out_has '^\[-\] sly: refused: the signature is not'
out_has '^\[-\] (unasked|unknown): refused: .*No such file'
out_has '^\[-\] nonsense: refused: .*not up to 64 bytes'
out_has '^\[!\] silent-1: unreachable: no evidence$'
out_has '^\[!\] old-1: unreachable: expired: it was asked 72[0-9]* seconds ago$'
out_has '^60 attested, 18 refused, 40 unreachable$'
[ "$(wc -l <"$WORK/out")" = 119 ] || fail "not one line a machine"
fleet 1 --max-age 3h
out_has '^80 attested, 18 refused, 20 unreachable$'
fleet 1 --json
json "(d['attested'], d['refused'], d['unreachable']) == (60, 18, 40) and len(d['machines']) == 118"
json "sorted(m['name'] for m in d['machines']) == [m['name'] for m in d['machines']]"
fleet 1 --prometheus
[ "$(grep -c '^diglim_attest_machine{machine="[^"]*",state="[a-z]*"} 1$' "$WORK/out")" = 118 ] || fail "metrics"
[ "$(grep -c 'state="refused"} 1$' "$WORK/out")" = 18 ] || fail "metrics of the refused"
out_has '^diglim_attest_machine\{machine="evil",state="attested"\} 0$'
# A name that would be another metric.
# shellcheck disable=SC1003 # a backslash
mkdir "$(printf '%s/a"} 1\nb\\' "$FLEET")"
fleet 1 --prometheus
out_has '^diglim_attest_machine\{machine="a\\"\} 1\\nb\\\\",state="refused"\} 1$'
run 2 attest verify "$FLEET" --fleet --nonce 00 --values "$WORK/good.json"
run 2 attest verify "$WORK/absent" --fleet --values "$WORK/good.json" --pcrs $REGISTERS
finish
