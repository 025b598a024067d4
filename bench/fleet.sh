#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks the evidence of many machines, against what cannot be left out of it: prints one JSON object.
#
# usage: bench/fleet.sh MACHINES LISTS ROUNDS     environment as for tests/cli/lib.sh
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "$0")/../tests/attest/swtpm.sh"
MACHINES=${1:?} COUNT=${2:?} ROUNDS=${3:?} ASKED=100
[ "$MACHINES" -gt $ASKED ] || ASKED=$MACHINES
BENCH=$DIGLIM_BUILD/bench FLEET=$WORK/fleet REGISTERS=0,4,9,12,13

seconds()
{
	local from=$EPOCHREALTIME
	"$@" >"$WORK/timed" 2>&1 || fail "$*: $(head -n 3 "$WORK/timed")"
	awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}
# shellcheck disable=SC2317 # called by seconds
fleet() { "$DIGLIM" attest verify "$FLEET" --fleet --values "$WORK/good.json" --pcrs "$REGISTERS"; }
# shellcheck disable=SC2317
bare() { [ "$("$BENCH/bench-fleet" "$FLEET" "$WORK/ak.tpm")" = "$MACHINES" ]; }

tpm_start
mkdir -p "$ROOT/usr/sbin" "$ROOT/etc/diglim/keys.d/vendor" "$LISTS" "$ROOT/run/diglim" "$FLEET"
cp "$DIGLIM" "$ROOT/usr/sbin/diglim"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/key.pem" -out "$WORK/cert.pem" -days 30 -subj /CN=Measurement \
	-addext keyUsage=digitalSignature 2>/dev/null
cp "$WORK/cert.pem" "$ROOT/etc/diglim/keys.d/vendor/"
"$BENCH/bench-lists" "$WORK/key.pem" "$WORK/cert.pem" "$LISTS" headers "$COUNT" >/dev/null || fail "lists"
printf '[attest]\nregister = 13\n' >"$ROOT/etc/diglim/diglim.conf"
# As diglimd measures it.
"$DIGLIM_BUILD/tests/attest/measure-machine" "$ROOT" "$TCTI" || fail "measure-machine"
run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
for n in $(seq "$ASKED"); do
	mkdir "$FLEET/$n"
	nonce=$(printf '%032x' "$n")
	run 0 attest quote "$FLEET/$n/evidence" --ak "$WORK/ak.pem" --nonce "$nonce" --pcrs $REGISTERS \
		--log "$ROOT/run/diglim/measure.log" --tcti "$TCTI"
	echo "$nonce" >"$FLEET/$n/nonce"
	cp "$WORK/ak.pem" "$FLEET/$n/ak"
done
cp "$FLEET/1/evidence/pcrs.json" "$WORK/good.json"
# The rest are the same machines once more: each is read and checked all the same.
for n in $(seq $((ASKED + 1)) "$MACHINES"); do cp -al "$FLEET/$((n % ASKED + 1))" "$FLEET/$n"; done
python3 - "$WORK/ak.pem" "$WORK/ak.tpm" <<'END'
# The public part, TPM2B_PUBLIC, is the first OCTET STRING of TPMKey (draft-bottomley-tpm2-keys).
import base64, sys
der = base64.b64decode(''.join(l for l in open(sys.argv[1]).read().split('\n') if '-' not in l))
def header(at):
    size = der[at + 1]
    if size < 128:
        return at + 2, size
    n = size & 127
    return at + 2 + n, int.from_bytes(der[at + 2:at + 2 + n], 'big')
at, _ = header(0)
while der[at] != 4:
    start, size = header(at)
    at = start + size
start, size = header(at)
open(sys.argv[2], 'wb').write(der[start:start + size])
END
seconds bare >/dev/null # the first to read them would pay for the disk
for _ in $(seq "$ROUNDS"); do
	seconds bare >>"$WORK/bare"
	seconds fleet >>"$WORK/all"
	grep -q "^$MACHINES attested, 0 refused" "$WORK/timed" || fail "$(tail -n 1 "$WORK/timed")"
done
bytes=$(stat -c %s "$FLEET/1/evidence/measure.log")
jq -n --argjson machines "$MACHINES" --argjson lists "$COUNT" --argjson threads "$(nproc)" --argjson bytes "$bytes" \
	--slurpfile bare "$WORK/bare" --slurpfile all "$WORK/all" \
	'{machines: $machines, lists: $lists, log_bytes: $bytes, threads: $threads, bare_s: ($bare | min), verify_s: ($all | min)}
	 | .ratio = (.verify_s / .bare_s * 100 | round / 100) | .per_second = (.machines / .verify_s | round)'
finish
