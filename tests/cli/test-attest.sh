#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prediction and logs of measurements, against values that openssl computes from the format's description.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

DATA=$DIGLIM_SOURCE/tests/data/attest

sha() { openssl dgst "-$1" -binary; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
zeros() { head -c "$1" /dev/zero; }

# The statement of a list file or certificate, made of its bytes alone.
payload_sha256()
{
	# marker of 28 bytes, trailer of 12 whose last four are the length of the PKCS#7
	local size sig
	size=$(stat -c %s "$1")
	sig=$((16#$(tail -c 32 "$1" | head -c 4 | hex)))
	head -c $((size - 40 - sig)) "$1" | sha sha256 | hex
}

# extend ALGORITHM OLD-VALUE-FILE TEXT-FILE: the new value
extend() { { cat "$2"; sha "$1" <"$3"; } | sha "$1"; }

mkdir -p "$ROOT/usr/sbin" "$ROOT/etc/diglim" "$ROOT/opt"
run 2 attest predict --root "$ROOT"
err_has 'none of DIGLIM.s programs is installed'
echo 'a program' >"$ROOT/usr/sbin/diglim"
owner_key
for n in one two three; do
	cp /bin/true "$ROOT/opt/$n"
	run 0 sign --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name "$n" /opt/$n
done
printf '[mode]\ndefault = enforce\n[policy]\nscope = root\n' >"$ROOT/etc/diglim/diglim.conf"

# The text, line by line, as diglim-measure(5) says it.
{
	echo 'diglim state 1'
	{
		echo "key $(openssl x509 -in "$WORK/cert.pem" -outform DER | sha sha256 | hex) owner"
		for n in one two three; do
			echo "list $(payload_sha256 "$LISTS/tlv-$n") $n"
		done
		echo "mode enforce"
		echo "program $(sha sha256 <"$ROOT/usr/sbin/diglim" | hex) /usr/sbin/diglim"
		echo "scope root"
		echo "set allow-bpf no"
		echo "set allow-device-mapper no"
		echo "set allow-ptrace no"
		echo "set anonymous-exec allow"
		echo "set gate no"
		echo "set hash-limit 1073741824"
		echo "set immutable no"
		echo "set interpreter-command allow"
		echo "set interpreter-names -"
		echo "set interpreter-stdin allow"
		echo "set interpreters off"
		echo "set strict no"
	} | LC_ALL=C sort
} >"$WORK/statement"
run 0 attest predict --root "$ROOT" --json --statement
python3 -c 'import json, sys; sys.stdout.write(json.load(open(sys.argv[1]))["statement"])' "$WORK/out" |
	diff -u "$WORK/statement" - >"$WORK/diff" || fail "statement: $(cat "$WORK/diff")"
for algo in sha256:32 sha384:48; do
	zeros "${algo#*:}" >"$WORK/start"
	extend "${algo%:*}" "$WORK/start" "$WORK/statement" >"$WORK/value-${algo%:*}"
	json "d['pcrs']['${algo%:*}']['13'] == ['$(hex <"$WORK/value-${algo%:*}")']"
done
boot=$(hex <"$WORK/value-sha256")
run 0 attest predict --root "$ROOT"
out_has "sha256: +$boot"

# Neither the order of files nor their names, nor a second signature, changes it; everything that matters does.
value() { run 0 attest predict --root "$ROOT" "$@"; sed -n 's/^ *sha256: *//p' "$WORK/out" | tail -n 1; }
mv "$LISTS/tlv-one" "$LISTS/zzz"
[ "$(value)" = "$boot" ] || fail "the name of a list file matters"
[ "$(value --mode audit)" != "$boot" ] || fail "the mode does not matter"
[ "$(value --start "sha256:$boot")" != "$boot" ] || fail "the value before does not matter"
without=$(value --without 't*' )
[ "$without" != "$boot" ] || fail "lists do not matter"
[ "$(value --only "$LISTS/zzz")" = "$without" ] || fail "--only and --without disagree"
echo changed >>"$ROOT/usr/sbin/diglim"
[ "$(value)" != "$boot" ] || fail "the program does not matter"
echo 'a program' >"$ROOT/usr/sbin/diglim"
[ "$(value)" = "$boot" ] || fail "not the same again"

# A list whose signature is bad is not part of it, what is no list is an error.
cp "$LISTS/tlv-two" "$LISTS/bad"
flip "$LISTS/bad" $(($(stat -c %s "$LISTS/bad") - 50))
run 0 attest predict --root "$ROOT"
err_has 'bad: not part of it, the kernel refuses it'
out_has "sha256: +$boot"
echo nonsense >"$LISTS/bad"
run 1 attest predict --root "$ROOT"
err_has 'bad: .*left out'
out_has "sha256: +$boot"
rm "$LISTS/bad"
for wrong in '--pcr 16' '--pcr 23' '--pcr x' '--mode on' '--start sha256:00' '--start md5:00' --only; do
	# shellcheck disable=SC2086 # option and value
	run 2 attest predict --root "$ROOT" $wrong
done

# An event log, written by hand: state, change, unknown file.
# record TYPE TEXT-FILE [PCR]
record()
{
	python3 - "$1" "$2" "${3-13}" <<'END'
import hashlib, json, sys
text = open(sys.argv[2]).read()
digests = [{"hashAlg": a, "digest": hashlib.new(a, text.encode()).hexdigest()} for a in ("sha256", "sha384")]
sys.stdout.write("\x1e" + json.dumps({"pcr": int(sys.argv[3]), "digests": digests, "content_type": "diglim", "content": {
	"eventType": sys.argv[1], "string": text, "bootId": "b", "timestamp": 1795372800000000}}) + "\n")
END
}
grep -v ' two$' "$WORK/statement" >"$WORK/before"
printf 'diglim change 1\n%s\n' "+$(grep ' two$' "$WORK/statement")" >"$WORK/change"
printf 'diglim unknown 1\nfile %064d /tmp/evil\n' 0 >"$WORK/unknown"
record state "$WORK/before" >"$WORK/log"
zeros 32 >"$WORK/v0"
extend sha256 "$WORK/v0" "$WORK/before" >"$WORK/v1"
extend sha256 "$WORK/v1" "$WORK/change" >"$WORK/v2"
extend sha256 "$WORK/v2" "$WORK/unknown" >"$WORK/v3"
run 0 attest log --root "$ROOT" "$WORK/log"
out_has "sha256: +$(hex <"$WORK/v1")"
run 0 attest predict --root "$ROOT" --json --after "$WORK/log"
json "d['after']['sha256']['13'] == ['$(hex <"$WORK/v2")'] and d['pcrs']['sha256']['13'] == ['$boot']"
record change "$WORK/change" >>"$WORK/log"
run 0 attest predict --root "$ROOT" --json --after "$WORK/log"
json "d['after']['sha256']['13'] == ['$(hex <"$WORK/v2")']"
record unknown "$WORK/unknown" >>"$WORK/log"
run 1 attest log --root "$ROOT" "$WORK/log"
out_has "sha256: +$(hex <"$WORK/v3")"
out_has '^\[-\] 3: register 13, unknown'
out_has 'file 0{64} /tmp/evil'
run 1 attest log --root "$ROOT" --json "$WORK/log"
json "d['logs'][0]['value']['sha256'] == '$(hex <"$WORK/v3")' and len(d['logs'][0]['records']) == 3"
run 2 attest predict --root "$ROOT" --after "$WORK/log"
err_has 'only a restart helps'
mkdir -p "$ROOT/run/diglim"
cp "$WORK/log" "$ROOT/run/diglim/measure.log"
run 1 attest log --root "$ROOT"
out_has "sha256: +$(hex <"$WORK/v3")"
sed 's,/tmp/evil,/tmp/good,' "$WORK/log" >"$WORK/forged"
run 2 attest log --root "$ROOT" "$WORK/forged"
err_has 'record 3 at byte [0-9]+: its sha256 digest is not that of its text'
head -c -10 "$WORK/log" >"$WORK/torn"
run 0 attest log --root "$ROOT" "$WORK/torn"
out_has 'has no end'
{ record change "$WORK/change"; record state "$WORK/before"; } >"$WORK/swapped"
run 1 attest log --root "$ROOT" "$WORK/swapped"
out_has 'record 1: the first is not a state'

# IMA's list, in four forms; the generator still writes what is committed.
mkdir "$WORK/ima"
"$DATA/make-ima" "$WORK/ima" || fail "make-ima"
for form in ascii binary ascii-sha256 binary-sha256; do
	cmp "$WORK/ima/ima.$form" "$DATA/ima.$form" || fail "$form is not what make-ima writes"
	run 1 attest log --root "$ROOT" "$DATA/ima.$form"
	while read -r algo value; do out_has "$algo: +$value"; done <"$DATA/ima.pcrs"
	out_has 'violation'
done
# What the lists and keys of the system know is named.
list=$(sha sha256 <"$LISTS/tlv-two" | hex)
file=$(sha sha256 <"$ROOT/opt/two" | hex)
cert=$(openssl x509 -in "$WORK/cert.pem" -outform DER | hex)
z=$(printf '%040d' 1)
{
	echo "10 $z ima-ng sha256:$file /opt/two"
	echo "10 $z ima-sig sha256:$list /var/lib/diglim/lists/tlv-two "
	echo "10 $z ima-buf sha256:$list diglim $cert"
} >"$WORK/list"
run 2 attest log --root "$ROOT" "$WORK/list"
err_has 'entry 1: its digest is not that of its data'
python3 - "$WORK/list" <<'END'
import hashlib, struct, sys
out = []
for line in open(sys.argv[1]).read().splitlines():
    pcr, _, template, digest, name, *more = line.split(" ")
    fields = [b"sha256:\0" + bytes.fromhex(digest[7:]), name.encode() + b"\0"] + [bytes.fromhex(m) for m in more]
    data = b"".join(struct.pack("<I", len(f)) + f for f in fields)
    out.append(" ".join([pcr, hashlib.sha1(data).hexdigest(), template, digest, name, *more]) + "\n")
open(sys.argv[1], "w").write("".join(out))
END
run 0 attest log --root "$ROOT" "$WORK/list"
out_has '^ +of (one|two|three)$'
out_has '^ +list of two$'
out_has '^ +key of .*Test owner'
echo "10 $z ima-ng sha256:$file" >"$WORK/list"
run 2 attest log --root "$ROOT" "$WORK/list"
err_has 'line 1: malformed'

# For other verifiers.
run 0 attest export --keylime --root "$ROOT"
json "d['keyrings'] == {'diglim_owner': ['$(openssl x509 -in "$WORK/cert.pem" -outform DER | sha sha256 | hex)']}"
json "d['meta']['version'] == 1 and d['ima']['dm_policy'] is None and d['verification-keys'] == ''"
json "d['digests'] == {'/run/diglim/measured/settings': ['$(grep -v '^key \|^list ' "$WORK/statement" | sed '1s/state/settings/' | sha sha256 | hex)']}"
json "d['excludes'] == ['^/run/diglim/measured/[0-9]{6,}-(state|change)\$']"
json "{'release', 'excludes', 'ima-buf'} <= set(d) and set(d['ima']) == {'ignored_keyrings', 'log_hash_alg', 'dm_policy'}"
run 0 attest predict --root "$ROOT" --json
cp "$WORK/out" "$WORK/now.json"
run 0 attest predict --root "$ROOT" --json --mode audit
cp "$WORK/out" "$WORK/next.json"
run 0 attest export --tpm-policy --values "$WORK/now.json" --values "$WORK/next.json"
json "len(d['13']) == 2 and d['13'][0] == '$boot'"
run 0 attest export --cel --log "$WORK/log"
json "[r['recnum'] for r in d] == [0, 1, 2] and d[2]['content']['string'].startswith('diglim unknown 1')"
run 0 attest export --pcrlock --log "$WORK/log"
json "[r['pcr'] for r in d['records']] == [13, 13, 13] and d['records'][0]['digests'][0]['digest'] == '$(sha sha256 <"$WORK/before" | hex)'"
run 2 attest export --cel --pcrlock --log "$WORK/log"
run 2 attest export --cel
run 2 attest export --pcrlock --log "$WORK/forged"
rm -r "$ROOT/run/diglim"
run 2 attest log --root "$ROOT"
err_has 'nothing is measured'
finish
