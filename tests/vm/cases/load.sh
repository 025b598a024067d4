#!/bin/bash
# Verdicts under load: ten workers execute and map vouched programs, two try unknown ones, and a
# thousand times a list is added or removed meanwhile. No refusal is false and none is missed, and in
# the end the kernel's books are what they were. "load.sh CHANGES" makes another number of changes.
# vm: timeout=900
# vm-files: @BUILD@/tests/vm/tools/load:/usr/bin/ @BUILD@/tests/vm/tools/store-check:/usr/bin/ @BUILD@/tests/vm/tools/store-dump:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

CHANGES=${1:-1000}
mkdir -p /tmp/load/{stay,relay,own,unknown,lists,more}
cd /tmp/load || exit 1

# sign NAME PATH...: a list in lists/
# shellcheck disable=SC2317 # check calls it
sign() { diglim sign --name "$1" --key "$OWNER_KEY" --cert "$OWNER_CERT" --output "lists/$1" "${@:2}" >/dev/null; }

# books: what the store holds, whatever the order
books() { store-dump | sort | sha256sum; }

n=0
for dir in stay stay stay stay stay stay stay stay relay relay relay relay own own own own unknown unknown unknown; do
	case $dir in own) name=own/$((n - 12)) ;; *) name=$dir/$n ;; esac
	load make "$name" $n
	n=$((n + 1))
done
for i in 0 1 2 3; do
	mkdir "more/$i"
	load make "more/$i" $((1000 * (i + 1))) 100
done
machine_start
check "a list that stays" sign stay stay
check "two that take turns" sign relay-0 relay
check "two that take turns, the other" sign relay-1 relay more/0
# Each shares the worker's programs with all, and a hundred more with the next.
for i in 0 1 2 3; do
	check "list over-$i" sign over-$i stay own/$i more/$i more/$(((i + 1) % 4))
done
check "load what stays" diglim load lists/stay lists/relay-0
check "enforce" diglim mode enforce

text=$(load first 500)
expect_equal 0 $? "two who use a new file at the same moment: $text"
before=$(books) sums=$(store-check)
expect_equal 0 $? "the books are in order: $sums"
load run "$CHANGES" >/tmp/answer
status=$?
cat /tmp/answer
[ $status = 0 ] || diglim log --json | jq -r 'select(.event == "refused" and (.path | test("/unknown/|/own/|/fresh-1[01]") | not)) | "refused: \(.path) \(.reason)"'
expect_equal 0 $status "no false refusal, none missed, in $CHANGES changes"
after=$(store-check)
expect_equal 0 $? "the books are in order again"
expect_equal "$sums" "$after" "the same sums"
expect_equal "$before" "$(books)" "the same digests with the same references"

# The test can fail: without the list that stays its programs are refused.
check "unload it" diglim unload lists/stay
expect_status 1 "the workers say so" load run 2
check "and the books are in order" store-check

# The same lists, loaded into an empty store.
check "detach" diglim detach
check "attach anew" diglim attach
check "load what stayed" diglim load lists/stay lists/relay-0
expect_equal "$before" "$(books)" "a fresh store holds the same"
expect_equal "$sums" "$(store-check)" "and has the same sums"
check "detach again" diglim detach

# Strict: a file system counts as steady only after a look at what lies below, and each opening of some
# block device for writing makes the next verdict look again. Two verdicts at once both get an answer.
printf '[filesystems]\nstrict = yes\n' >/etc/diglim/diglim.conf
check "a file system on a device" ext4_on_loop /strict 16
truncate -s 1M /tmp/other
other=$(losetup --find --show /tmp/other)
mkdir /strict/stay
cp stay/* /strict/stay/
check "attach, strict" diglim attach
check "load what stays" diglim load lists/stay lists/relay-0
check "enforce" diglim mode enforce
while :; do : 1<>"$other"; done &
opener=$!
cd /strict || exit 1
text=$(load first 300)
expect_equal 0 $? "strict: two who use a new file while devices are looked at: $text"
disown $opener
kill $opener
cd /
check "detach from strict" diglim detach
summary
