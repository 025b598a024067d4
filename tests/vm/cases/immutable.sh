#!/bin/bash
# [policy] immutable: what a list calls immutable is not opened for writing nor truncated, whether it
# was hashed before or not; other files are. Replacing it by renaming is allowed. Kernels without
# file_post_open say so, and do what they can.
# vm: timeout=900
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

POST_OPEN=yes
[ "$VM_KERNEL" != 6.1 ] || POST_OPEN=no
OPENINGS="write write-read write-direct read-truncate truncate"

check "an ext4 for the probes" ext4_on_loop /mnt 48
mkdir -p /mnt/kept /mnt/other
for i in $OPENINGS exec compact; do printf 'kept %s\n' "$i" >"/mnt/kept/$i"; done
{ cat "$(type -P true)" && echo; } >/mnt/kept/exec
chmod 755 /mnt/kept/exec
echo "vouched for, no more" >/mnt/other/plain
echo "in no list" >/mnt/other/unknown

# fresh PATH...: as after a boot: no digest is known of them
fresh() { sync && echo 2 >/proc/sys/vm/drop_caches; }

# restart IMMUTABLE [OPTION...]
restart()
{
	local immutable=$1
	shift
	! diglim status >/dev/null 2>&1 || check "detach" diglim detach
	printf '[policy]\nimmutable = %s\n' "$immutable" >/etc/diglim/diglim.conf
	check "attach with immutable = $immutable $*" diglim attach "$@"
	check "enforce" diglim mode enforce
	fresh
}

# all_open WANT WHAT: the openings that leave the content as it is
all_open()
{
	local i
	for i in write write-read write-direct truncate; do
		expect_probe "$1" "$i" "/mnt/kept/$i" "$2: $i"
	done
}

# hook_of PATH: of the newest event; where the hook knows no path, of the last component
hook_of()
{
	diglim log --json | jq -r --arg path "$1" --arg base "${1##*/}" \
		'select(.path == $path or .path == $base) | .hook' | tail -n 1
}

all_open allowed "before"
check "the machine's own files are vouched for" machine_vouch
check "a list of immutable files" owner_sign kept --all --immutable /mnt/kept
check "a list of others" owner_sign other --all /mnt/other/plain
expect_equal data,immutable "$(diglim inspect --json /etc/diglim/lists.d/kept |
	jq -r '.. | objects | select(.path? == "/mnt/kept/write") | .use' | head -n 1)" \
	"the list says so"

restart no
all_open allowed "the policy does not ask for it"
expect_equal false "$(diglim status --json | jq .immutable)" "status says so"

if [ $POST_OPEN = no ]; then
	check "detach" diglim detach
	printf '[policy]\nimmutable = yes\n' >/etc/diglim/diglim.conf
	expect_equal "file_post_open" "$(diglim attach 2>&1 | grep -o file_post_open | head -n 1)" \
		"without the hook attach names it and stops"
	restart yes --accept-reduced
	expect_probe "refused-by-diglim immutable" write /mnt/kept/write "reduced: write"
	expect_probe "refused-by-diglim hash-failed" write-direct /mnt/kept/write-direct \
		"reduced: write-direct"
	expect_probe allowed write-read /mnt/kept/write-read "reduced: write-read, never hashed"
	check "it runs" /mnt/kept/exec
	expect_probe "refused-by-diglim vouched-write" write-read /mnt/kept/exec "reduced: in use"
	# What may not be mapped was hashed all the same.
	expect_probe "refused-by-diglim wrong-use" mmap /mnt/kept/write-read "reduced: to be mapped"
	expect_probe "refused-by-diglim immutable" write-read /mnt/kept/write-read "reduced: hashed before"
	expect_probe "refused-by-diglim wrong-use" mmap /mnt/kept/truncate "reduced: to be mapped"
	expect_probe "refused-by-diglim immutable" truncate /mnt/kept/truncate "reduced: truncate"
else
	restart yes
	for i in write write-read read-truncate; do
		expect_probe "refused-by-diglim immutable" "$i" "/mnt/kept/$i" "never hashed: $i"
		expect_equal open-immutable "$(hook_of "/mnt/kept/$i")" "by the hook that hashes"
	done
	expect_equal "kept read-truncate" "$(cat /mnt/kept/read-truncate)" "and it is as it was"
	expect_probe "refused-by-diglim hash-failed" write-direct /mnt/kept/write-direct \
		"never hashed: write-direct"
	expect_probe "refused-by-diglim not-judged" truncate /mnt/kept/truncate "never hashed: truncate(2)"
	expect_probe "refused-by-diglim wrong-use" mmap /mnt/kept/truncate "to be mapped, it is hashed"
	expect_probe "refused-by-diglim immutable" truncate /mnt/kept/truncate "hashed before: truncate(2)"
	expect_equal truncate "$(hook_of /mnt/kept/truncate)" "by the hook that cannot hash"
fi

expect_equal true "$(diglim status --json | jq .immutable)" "status says so"
expect_equal 7 "$(diglim status --json | jq .digests_immutable)" "and how many digests"
expect_equal true "$(diglim explain --json /mnt/kept/write | jq '[.. | strings | select(test("immutable"))] != []')" \
	"explain says so"
diglim log --json >/tmp/log.json
expect_equal refused "$(jq -r 'select(.path == "/mnt/kept/write" and .reason == "immutable") | .event' \
	/tmp/log.json | tail -n 1)" "the event"

# Two at once: neither is let in because of the other.
for _ in 1 2 3 4 5 6 7 8; do
	(echo more >>/mnt/kept/write) 2>/dev/null &
done
wait
expect_equal "kept write" "$(cat /mnt/kept/write)" "eight writers at once"

# The content counts.
cp /mnt/kept/write /mnt/other/copy
expect_probe "refused-by-diglim immutable" write /mnt/other/copy "a copy of it"
expect_probe allowed write /mnt/other/plain "a file that is vouched for, no more"
expect_probe allowed write /mnt/other/unknown "a file in no list"
check "a new file" sh -c 'echo new >/mnt/other/new && echo more >>/mnt/other/new'
check "an empty file" sh -c ': >/mnt/other/nothing && echo more >>/mnt/other/nothing'
check "a file of sysfs or procfs" sh -c 'cat /proc/sys/vm/swappiness >/tmp/s && cat /tmp/s >/proc/sys/vm/swappiness'

mkdir -p /mnt/upper /mnt/work /tmp/merged
check "an overlay above it" mount -t overlay overlay \
	-o lowerdir=/mnt/kept,upperdir=/mnt/upper,workdir=/mnt/work /tmp/merged
if [ $POST_OPEN = yes ]; then
	expect_probe "refused-by-diglim immutable" write-read /tmp/merged/read-truncate "through the overlay"
fi
umount /tmp/merged

# Replacing it is not writing to it.
echo "in another list" >/mnt/other/replaced
check "a file renamed over it" sh -c 'cp /mnt/other/replaced /mnt/other/.r && mv /mnt/other/.r /mnt/kept/compact'
expect_equal "in another list" "$(cat /mnt/kept/compact)" "replaces it"
expect_probe allowed write /mnt/kept/compact "and what is there now is another file"

check "a window of audit" diglim mode audit --for 600s
expect_probe allowed write /mnt/kept/write "audit mode lets it pass"
expect_equal would-refuse "$(diglim log --json | jq -r \
	'select(.path == "/mnt/kept/write") | .event' | tail -n 1)" "and says so"
check "enforce" diglim mode enforce
expect_probe "refused-by-diglim immutable" write /mnt/kept/write "enforced again"

check "unload the list" diglim unload /etc/diglim/lists.d/kept
expect_probe allowed write /mnt/kept/write "without the list"
expect_equal 0 "$(diglim status --json | jq .digests_immutable)" "no digest is left"
check "load it" diglim load /etc/diglim/lists.d/kept
expect_probe "refused-by-diglim immutable" write /mnt/kept/write "with it"
check "deny it" diglim deny --key $OWNER_KEY --cert $OWNER_CERT /mnt/kept/write
expect_probe allowed write /mnt/kept/write "what a deny list names need not stay"

check "detach" diglim detach
all_open allowed "after detaching"
expect_probe allowed read-truncate /mnt/kept/read-truncate "after detaching: read-truncate"
summary
