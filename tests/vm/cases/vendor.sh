#!/bin/bash
# Every vendor package signed with RSA and SHA-2 is accepted by the kernel's own check, the digests in
# the store are librpm's, and one bit flipped in header, signature or key is refused. Which packages
# these are is read from the table that came with them, not from what import says.
# vm: timeout=1500 mem=1536
# vm-files: @TESTDATA@/signed:/td/ @TESTDATA@/keys:/td/ @TESTDATA@/README.md:/td/ @BUILD@/tests/vm/tools/store-dump:/usr/bin/ @BUILD@/tests/vm/tools/wrapcert:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
mkdir -p /etc/diglim/keys.d/vendor /etc/diglim/keys.d/owner /lists

# FILE KEYID of each package with files, SHA-256 digests and an RSA/SHA-2 signature of OpenPGP v3 or
# v4 over its header by a key of 2048 bits or more. "~105" in the table is a short MPI of test data.
expected()
{
	awk -F'|' '$2 ~ /signed\// && $6 ~ /SHA256/ && $5 + 0 > 0 &&
		$7 ~ /H\/(RSAHEADER|OPENPGP) v[34] RSA~[0-9]+\/SHA(256|512)/ {
			gsub(/ /, "", $2); split($2, n, "/"); print n[2], $8 }' /td/README.md
}

rpm_digests()
{
	rpm -qp --nosignature --nodigest --qf '[%{FILEDIGESTS} %{FILEFLAGS}\n]' "$1" 2>/dev/null |
		awk 'length($1) == 64 && int($2 / 64) % 2 == 0 { print $1 }' | sort -u
}

store_digests() { store-dump | cut -d' ' -f1 | sort -u; }

# flip FILE OFFSET TO: one bit
flip()
{
	local byte
	cp "$1" "$3" && byte=$(od -An -tu1 -j "$2" -N 1 "$3" | tr -d ' ') &&
		printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
		dd of="$3" bs=1 seek="$2" conv=notrunc status=none
}

# refused NAME FILE WANTED-REASON: by the kernel, and the store stays as it was
refused()
{
	local before text error
	before=$(diglim status --json | jq .events)
	text=$(diglim load "$2" 2>&1) && { fail "$1" "was loaded"; return; }
	error=$(diglim_event_since "$before" |
		jq -r 'select(.event == "list-rejected") | .error' | tail -n 1)
	if [ "$error" != "$3" ]; then
		fail "$1" "error '$error', not $3: $text"
	elif [ -n "$(store_digests)" ]; then
		fail "$1" "the store is not empty"
	else
		ok "$1"
	fi
}

for key in /td/keys/*; do diglim key add --vendor --yes "$key"; done >/tmp/keys.log 2>&1
check "attach" diglim attach
check "mode off, this is about lists" diglim mode off

SIG_INVALID=2026 SIG_NO_KEY=2027
[ "$(expected | wc -l)" -ge 20 ] || fail "the table names at least 20 packages" "$(expected | wc -l)"

while read -r rpm ids; do
	name=${rpm%.rpm}
	mkdir -p "/lists/$name"
	check "import $name" diglim import --output "/lists/$name" "/td/signed/$rpm"
	list=$(find "/lists/$name" -type f | head -n 1)
	[ -n "$list" ] || continue
	check "the kernel accepts $name" diglim load "$list"
	if [ "$(rpm_digests "/td/signed/$rpm")" = "$(store_digests)" ] && [ -n "$(store_digests)" ]; then
		ok "digests of $name are librpm's: $(store_digests | wc -l)"
	else
		fail "digests of $name are librpm's" \
			"$(rpm_digests "/td/signed/$rpm" | wc -l) and $(store_digests | wc -l)"
	fi
	check "unload $name" diglim unload "$list"
	expect_equal "" "$(store_digests)" "nothing of $name is left"
	size=$(stat -c %s "$list")
	# Marker and trailer are 40 bytes; before them ends the RSA number.
	flip "$list" $((size - 41 - 30)) /tmp/flipped
	refused "$name, signature flipped" /tmp/flipped $SIG_INVALID
	# A digit of a file digest would still parse: the signature must be what refuses it.
	digest=$(rpm_digests "/td/signed/$rpm" | head -n 1)
	offset=$(grep -abo -m 1 "$digest" "$list" | head -n 1 | cut -d: -f1)
	flip "$list" "$offset" /tmp/flipped
	refused "$name, header flipped" /tmp/flipped $SIG_INVALID
	printf '%s %s\n' "$list" "$ids" >>/tmp/loaded
done < <(expected)

# ECDSA, where this kernel has it. Import takes it; the kernel says if it cannot check it.
ecdsa="rpm-basic-with-ecdsa-2.3.4-5.el9.noarch"
mkdir -p /lists/ecdsa
check "import $ecdsa" diglim import --output /lists/ecdsa "/td/signed/$ecdsa.rpm"
list=$(find /lists/ecdsa -type f | head -n 1)
if text=$(diglim load "$list" 2>&1); then
	expect_equal "$(rpm_digests "/td/signed/$ecdsa.rpm")" "$(store_digests)" "ECDSA: digests are librpm's"
	check "unload $ecdsa" diglim unload "$list"
else
	skip "ECDSA P-256" "$text"
fi
expect_equal "" "$(store_digests)" "nothing is left after ECDSA"

# The same signatures against keys of which one bit is wrong: new keyrings, nothing from keys.d.
check "detach" diglim detach
rm -f /etc/diglim/keys.d/vendor/*
keyctl clear %:diglim_vendor
check "attach without keys" diglim attach
check "mode off again" diglim mode off
while read -r list ids; do
	name=$(basename "$(dirname "$list")")
	refused "$name, no key" "$list" $SIG_NO_KEY
	put=0
	for id in $ids; do
		for file in /td/keys/*; do
			wrapcert "$file" "$id" >/tmp/cert 2>/dev/null || continue
			# The middle of the certificate is in the middle of the modulus.
			flip /tmp/cert $(($(stat -c %s /tmp/cert) / 2)) /tmp/cert.flipped
			keyctl padd asymmetric "flipped-$id" %:diglim_vendor </tmp/cert.flipped \
				>/dev/null && put=$((put + 1))
			break
		done
	done
	if [ $put = 0 ]; then
		fail "$name, key flipped" "no key $ids to flip"
	else
		refused "$name, key flipped" "$list" $SIG_INVALID
	fi
	keyctl clear %:diglim_vendor
done </tmp/loaded
check "detach at the end" diglim detach
summary
