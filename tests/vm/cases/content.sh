#!/bin/bash
# Content does not change under a verdict: each way is tried without DIGLIM, under enforce and after.
# vm: timeout=600
# vm-files: @BUILD@/tests/vm/tools/content-race:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

WAYS="old-descriptor shared-mapping after-shared-mapping private-written write-mapped \
	truncate-mapped shared-exec truncate-on-read memfd-written"

lib=$(ldd /usr/bin/bash | sed -n 's/.*=> \(.*libtinfo[^ ]*\).*/\1/p')

# A fresh inode for each way, so that none inherits what another did.
fresh() { cp -L "$lib" "/mnt/$1.so"; }
try_all()
{
	local way got
	for way in $WAYS; do
		fresh "$1-$way"
		got=$(content-race "$way" "/mnt/$1-$way.so")
		case $got in "$2"*) ok "$1: $way" ;; *) fail "$1: $way" "$got, not $2" ;; esac
	done
}

# A file below an overlay is written through another inode than the one that was judged. The evil
# program goes to a file of its own first, which shows that it is refused there.
# shellcheck disable=SC2317 # reached through expect_status
overlay()
{
	local dir=/mnt/overlay-$1
	mkdir -p "$dir"/lower "$dir"/upper "$dir"/work "$dir"/merged
	cp /usr/bin/true "$dir/upper/program"
	mount -t overlay overlay -o "lowerdir=$dir/lower,upperdir=$dir/upper,workdir=$dir/work" \
		"$dir/merged" || return 9
	"$dir/merged/program" || return 8
	cat /mnt/evil >"$dir/upper/program"
	"$dir/merged/program"
}

check "an ext4" ext4_on_loop /mnt 64
printf '#!/bin/sh\nexit 42\n' >/mnt/evil
chmod 755 /mnt/evil
expect_status 42 "before: a program changed below an overlay" overlay before
try_all before ran
machine_start
check "enforce" diglim mode enforce
try_all enforced "refused EPERM"

expect_status 126 "enforced: a program changed below an overlay" overlay enforced
# Unknown, or not to be hashed at all: the overlay still tells the old size.
case $(newest_reason /mnt/overlay-enforced/merged/program) in
unknown | hash-failed) ok "its event" ;;
*) fail "its event" "$(newest_reason /mnt/overlay-enforced/merged/program)" ;;
esac
expect_equal ran "$(content-race memfd-sealed "$lib")" "a sealed memfd of vouched content"

# A list that is gone takes nothing from those who mapped the file already.
printf '#!/bin/sh\nexit 0\n' >/mnt/unloaded
chmod 755 /mnt/unloaded
check "a list of its own" owner_sign unloaded /mnt/unloaded
check "loaded" diglim load /etc/diglim/lists.d/unloaded
expect_probe allowed exec /mnt/unloaded "it runs"
check "unloaded" diglim unload /etc/diglim/lists.d/unloaded
expect_probe refused-by-diglim write /mnt/unloaded "what ran is not written to, though its list is gone"

reason_of() { newest_reason "/mnt/enforced-$1.so"; }
expect_equal writer "$(reason_of old-descriptor)" "event: an old descriptor"
expect_equal tainted "$(reason_of after-shared-mapping)" "event: after a shared mapping"
expect_equal vouched-write "$(reason_of write-mapped)" "event: writing what is mapped"
expect_equal shared-writable "$(reason_of shared-exec)" "event: a shared executable mapping"
for hook in mprotect truncate; do
	expect_equal yes "$(diglim log --json | jq -r --arg h $hook \
		'select(.hook == $h and .event == "refused") | "yes"' | tail -n 1)" "event: $hook"
done

# What was refused is not lost: a new file with the old content is fine.
fresh again
expect_probe allowed mmap /mnt/again.so "a fresh copy"
printf 'x' >>/mnt/again2.so
expect_probe allowed mmap /mnt/again.so "still"
rm -f /mnt/again.so
fresh again
expect_probe allowed mmap /mnt/again.so "replaced by a new file of the same content"

check "detach" diglim detach
try_all after ran
expect_status 42 "after: a program changed below an overlay" overlay after
summary
