#!/bin/bash
# What a sealed machine keeps root from doing to what lies below its file systems: device mapper, and an
# overlay below which somebody else may answer.
# vm: timeout=900
# vm-files: @BUILD@/tests/vm/tools/victim:/usr/libexec/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
cd /tmp || exit 1

# reasons HOOK COMMAND...: why DIGLIM refused it, once each
reasons()
{
	local hook=$1 mark
	shift
	mark=$(diglim_mark)
	"$@" >/tmp/said 2>&1
	diglim_event_since "$mark" | jq -r --arg hook "$hook" \
		'select(.event == "refused" and .hook == $hook) | .reason' | sort -u
}

# shellcheck disable=SC2317 # handed on as a command
module_load() { /vm/modload /mnt/over/"$(basename "$MODULE")"; }
table() { echo "0 $SECTORS linear $LOOP 0"; }

for module in loop dm_mod overlay; do /vm/load-module $module; done
if ! dmsetup version >/dev/null 2>&1; then
	skip "device mapper" "no dmsetup or no driver"
	summary
fi
truncate -s 32M disk
LOOP=$(losetup -f --show disk)
SECTORS=$(($(stat -c %s disk) / 512))
check "a device of device mapper" dmsetup create lower --table "$(table)"
[ -e /dev/mapper/lower ] || dmsetup mknodes lower
check "a file system on it" mkfs.ext4 -q -F /dev/mapper/lower
mkdir -p /mnt/fs /mnt/over /run/upper /run/work
check "it is mounted" mount -t ext4 /dev/mapper/lower /mnt/fs
cp /usr/libexec/victim /mnt/fs/victim
MODULE=$(modprobe -D dummy | awk '{ print $2 }' | tail -n 1)
check "an overlay above the modules" \
	mount -t overlay overlay -o "lowerdir=$(dirname "$MODULE"),upperdir=/run/upper,workdir=/run/work" /mnt/over

check "the machine's own files are vouched for" machine_vouch
check "attach" diglim attach
check "enforce" diglim mode enforce
check "a vouched program on it runs" /mnt/fs/victim
check "before: a second table over the same disk" dmsetup create second --table "$(table)"
check "before: and it goes" dmsetup remove second
check "before: another table for the device" dmsetup load lower --table "$(table)"
check "before: which is not taken" dmsetup clear lower
check "before: a module from an overlay" module_load
rmmod dummy

check "seal" diglim seal --yes
expect_equal device-write "$(reasons device dmsetup create second --table "$(table)")" "sealed: a second table over the same disk"
expect_equal device-write "$(reasons device dmsetup load lower --table "0 $SECTORS zero")" "sealed: another table for the device"
expect_equal device-write "$(reasons device dmsetup suspend lower)" "sealed: suspending it"
expect_equal device-write "$(reasons device dmsetup message lower 0 x)" "sealed: a message to its target"
expect_equal device-write "$(reasons device dd if=/dev/zero of=/dev/mapper/lower count=1)" "sealed: writing to it"
expect_equal device-write "$(reasons device dd if=/dev/zero of="$LOOP" count=1)" "sealed: writing to the disk below it"
expect_equal "$(table | sed "s/linear .*/linear/")" "$(dmsetup table lower | sed "s/linear .*/linear/")" "its table is what it was"
expect_equal fs-untrusted "$(reasons read-file module_load)" "sealed: a module from an overlay"
check "the same module from where it is packaged" /vm/modload "$MODULE"
check "the vouched program still runs" /mnt/fs/victim
summary
