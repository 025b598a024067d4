#!/bin/bash
# Content does not change under a verdict: each way is tried without DIGLIM, under enforce and after.
# vm: timeout=600
# vm-files: @BUILD@/tests/vm/tools/content-race:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

WAYS="old-descriptor shared-mapping after-shared-mapping private-written write-mapped \
	truncate-mapped shared-exec"

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

check "an ext4" ext4_on_loop /mnt 64
try_all before ran
machine_start
check "enforce" diglim mode enforce
try_all enforced "refused EPERM"

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
summary
