#!/bin/bash
# Files with fs-verity on: known by its digest without being hashed, and by their content as all others.
# Kernels that do not tell programs the digest judge by content alone, and say so.
# vm: timeout=900 mem=1536
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

KNOWN=true
[ "$VM_KERNEL" != 6.1 ] || KNOWN=false

check "an ext4 with fs-verity" ext4_on_loop /mnt 200 -O verity -b 4096
for i in vouched unknown content both data library salted sha512 later denied by-content old; do
	{ cat "$(type -P true)" && echo "$i"; } >"/mnt/$i"
done
{ cat "$(type -P true)" && head -c 1M /dev/urandom; } >/mnt/small
{ cat "$(type -P true)" && head -c 64M /dev/urandom; } >/mnt/large
cp /mnt/small /mnt/plain-small
cp /mnt/large /mnt/plain-large
chmod 755 /mnt/*
expect_probe allowed exec /mnt/vouched "before: fs-verity is off"

# name FILE: its fs-verity digest, as computed with the options of `fsverity digest`
name() { local file=$1; shift; echo "verity:sha256:$(fsverity digest --compact "$@" "$file")"; }

for i in vouched unknown content both data library denied by-content old small large; do
	check "put it on: $i" fsverity enable "/mnt/$i"
done
check "with a salt" fsverity enable --salt=0102030405 --block-size=4096 /mnt/salted
check "with SHA-512" fsverity enable --hash-alg=sha512 /mnt/sha512
expect_equal "$(fsverity measure /mnt/vouched | cut -d' ' -f1)" "sha256:$(fsverity digest --compact /mnt/vouched)" \
	"the kernel's digest is the computed one"
expect_probe allowed exec /mnt/vouched "before: fs-verity is on"

# Content that is the descriptor of a file that is vouched for.
fsverity dump_metadata descriptor /mnt/vouched >/mnt/descriptor
chmod 755 /mnt/descriptor
expect_equal "$(fsverity digest --compact /mnt/vouched)" "$(sha256sum </mnt/descriptor | cut -d' ' -f1)" \
	"its SHA-256 is the fs-verity digest of the other"

machine_vouch
by_verity=()
for i in vouched both library denied old small large later; do
	by_verity+=(--digest "$(name /mnt/$i):/mnt/$i")
done
check "a list by fs-verity digest" owner_sign by-verity "${by_verity[@]}" \
	--digest "$(name /mnt/salted --salt=0102030405):/mnt/salted" \
	--digest "verity:sha256:$(head -c 64 < <(fsverity digest --compact --hash-alg=sha512 /mnt/sha512)):/mnt/sha512"
check "a list for another use" owner_sign data --use data --digest "$(name /mnt/data):/mnt/data"
check "a list by content" owner_sign by-content /mnt/content /mnt/by-content
check "a list by both" owner_sign both --fsverity /mnt/both
expect_equal "verity $(fsverity digest --compact /mnt/both)" "$(diglim inspect --json /etc/diglim/lists.d/both |
	jq -r '.. | objects | select(has("verity")) | "verity \(.verity)"')" "what is in the list"

check "attach" diglim attach
check "enforce" diglim mode enforce
expect_equal $KNOWN "$(diglim status --json | jq .fsverity)" "status says whether the kernel knows"
diglim doctor >/tmp/doctor || :
check "and doctor" grep -q "bpf_get_fsverity_digest" /tmp/doctor
sync && echo 2 >/proc/sys/vm/drop_caches

# counter HOOK NAME
counter() { diglim status --json | jq ".hooks[\"$1\"].$2"; }

expect_probe allowed exec /mnt/content "vouched for by its content"
expect_probe allowed exec /mnt/both "by both"
expect_probe allowed mmap /mnt/content "content: as a library"
expect_probe "refused-by-diglim unknown" exec /mnt/unknown "in no list"
expect_probe "refused-by-diglim unknown" mmap /mnt/unknown "in no list: as a library"
expect_probe "refused-by-diglim unknown" exec /mnt/descriptor "the descriptor as content"
expect_probe "refused-by-diglim unknown" mmap /mnt/descriptor "the descriptor as content: mapped"
expect_probe "refused-by-diglim unknown" exec /mnt/later "the digest of a file that has it not on"
expect_probe "refused-by-diglim unknown" exec /mnt/sha512 "SHA-512 is not supported"

if [ $KNOWN = false ]; then
	for i in vouched salted library; do
		expect_probe "refused-by-diglim unknown" exec "/mnt/$i" "by content alone: $i"
	done
	expect_equal unknown "$(diglim explain --json /mnt/vouched | jq -r '.files[0].reason')" "explain agrees"
	check "detach" diglim detach
	expect_probe allowed exec /mnt/unknown "after detaching"
	summary
fi

hashed=$(counter exec hashed) known=$(counter exec verity)
expect_probe allowed exec /mnt/vouched "by its fs-verity digest"
expect_probe allowed exec /mnt/salted "with a salt"
expect_equal "$hashed" "$(counter exec hashed)" "nothing was hashed"
expect_equal $((known + 2)) "$(counter exec verity)" "the counter"
expect_probe allowed mmap /mnt/library "a library"
expect_probe allowed mprotect /mnt/library "made executable later"
expect_probe "refused-by-diglim unknown" mprotect /mnt/descriptor "made executable later: the descriptor"
expect_probe "refused-by-diglim wrong-use" exec /mnt/data "for another use"

diglim explain --json /mnt/vouched >/tmp/explain.json
expect_equal "allowed true" "$(jq -r '.files[0] | "\(.verdict) \(.by_verity)"' /tmp/explain.json)" "explain"
expect_equal "by-verity true" "$(jq -r '.files[0].lists[0] | "\(.name) \(.by_verity)"' /tmp/explain.json)" \
	"explain: the list"
check "explain: in words" sh -c 'diglim explain /mnt/vouched | grep -q "holds its fs-verity digest"'
expect_equal "allowed false" "$(diglim explain --json /mnt/content |
	jq -r '.files[0] | "\(.verdict) \(.by_verity)"')" "explain: by content"
check "explain: a digest" diglim explain "$(name /mnt/vouched)"
expect_status 1 "explain: the same as content" diglim explain "$(fsverity digest --compact /mnt/vouched)"
check "check and scan know it" sh -c \
	'diglim scan --json /mnt | jq -e "[.groups[].files[].path] | contains([\"/mnt/unknown\", \"/mnt/later\"]) and (contains([\"/mnt/vouched\"]) | not)"'

# Put on later: the same list is good from then on, at once.
check "put it on: later" fsverity enable /mnt/later
expect_probe allowed exec /mnt/later "put on while attached"

# first PATH: microseconds of the first start
first()
{
	local from
	sync && echo 2 >/proc/sys/vm/drop_caches
	cat "$1" >/dev/null
	from=${EPOCHREALTIME/[.,]/}
	"$1" || return 1
	echo $((${EPOCHREALTIME/[.,]/} - from))
}
check "plain files are vouched for" sh -c \
	"diglim sign --name plain --key $OWNER_KEY --cert $OWNER_CERT --output /tmp/plain /mnt/plain-small /mnt/plain-large >/dev/null && diglim load /tmp/plain"
plain_small=$(first /mnt/plain-small) plain_large=$(first /mnt/plain-large)
verity_small=$(first /mnt/small) verity_large=$(first /mnt/large)
echo "# first start, µs: 1 MB $plain_small, 64 MB $plain_large; with fs-verity $verity_small, $verity_large"
# Exact figures are for bench/verity.sh; guests share their processor with others.
check "64 MB are not hashed with fs-verity" [ "$((5 * verity_large))" -lt "$plain_large" ]

# What a list takes back.
check "unload the list" diglim unload by-verity
expect_probe "refused-by-diglim unknown" exec /mnt/vouched "without the list"
expect_probe allowed exec /mnt/both "in another list"
check "load it" diglim load /etc/diglim/lists.d/by-verity
expect_probe allowed exec /mnt/vouched "with it"
check "deny a digest" diglim deny --key $OWNER_KEY --cert $OWNER_CERT --name one "$(name /mnt/denied)"
expect_probe "refused-by-diglim denied" exec /mnt/denied "a deny list wins"
expect_equal "$(fsverity digest --compact /mnt/denied)" "$(diglim log --json |
	jq -r 'select(.path == "/mnt/denied") | .verity' | tail -n 1)" "and the event names the digest"
check "deny by fs-verity what is vouched for by content" diglim deny --key $OWNER_KEY --cert $OWNER_CERT \
	--name two "$(name /mnt/by-content)"
expect_probe "refused-by-diglim denied" exec /mnt/by-content "it wins there, too"
cp /mnt/old /tmp/old
check "deny a copy that has it not on" diglim deny --key $OWNER_KEY --cert $OWNER_CERT --name three /tmp/old
expect_probe "refused-by-diglim denied" exec /mnt/old "the file that has it on is denied"

check "detach" diglim detach
for i in vouched unknown descriptor denied; do
	[ $i = descriptor ] || expect_probe allowed exec "/mnt/$i" "after detaching: $i"
done
summary
