#!/bin/bash
# A root that tries everything at random, for a minute; "attacker.sh 3600" for an hour. Afterwards, unknown
# programs are still refused and vouched ones still run. The seed is printed: the same one makes the same
# attempts.
# vm: long=yes timeout=5400
# vm-files: @BUILD@/tests/vm/tools/attacker:/usr/bin/ @BUILD@/tests/vm/tools/load:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

duration=${1:-60} seed=${2:-$RANDOM}

# What the attacker plays with, and what tells afterwards, where it cannot write.
check "a file system for the attacker" ext4_on_loop /mnt 64
mkdir /oracle
check "one for the oracles" ext4_on_loop /oracle 8
for dir in /mnt /oracle; do
	load make $dir/vouched 1
	load make $dir/unknown 2
	# mov edi, 42: its exit status, see make() in tests/vm/tools/load.c
	printf '\x2a' | dd of=$dir/unknown bs=1 seek=121 conv=notrunc status=none
done
expect_status 42 "the unknown program says that it ran" /oracle/unknown
check "the oracles are read-only" mount -o remount,ro /oracle

machine_start
check "a list for the vouched program" diglim sign --name vouched --key $OWNER_KEY --cert $OWNER_CERT \
	--output /etc/diglim/lists.d/vouched /oracle/vouched
check "load it" diglim load /etc/diglim/lists.d/vouched
check "enforce" diglim mode enforce
# Before the seal root may do most of what follows.
if said=$(diglim seal --yes 2>&1); then
	ok "seal"
else
	fail "seal" "$said"
	summary
fi
expect_probe refused-by-diglim exec /oracle/unknown "before: the unknown program is refused"
expect_probe allowed exec /oracle/vouched "before: the vouched one runs"

cd /mnt || exit 1
echo "seed $seed"
attacker "$seed" "$duration" $((duration * 1000)) sealed >/tmp/said 2>&1
expect_equal 0 $? "no unknown code ran: $(tail -n 1 /tmp/said)"
grep -m 20 BREACH /tmp/said

expect_equal enforce "$(diglim mode)" "after: the mode"
expect_probe refused-by-diglim exec /oracle/unknown "after: the unknown program is refused"
expect_probe refused-by-diglim mmap /oracle/unknown "after: nor is it mapped"
expect_probe allowed exec /oracle/vouched "after: the vouched one runs"
check "after: and so do others" /usr/bin/env true
summary
