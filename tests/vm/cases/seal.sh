#!/bin/bash
# What root can do to take the protection away: it works before the seal, is refused after it with
# DIGLIM's own event as the reason, and the protection is there afterwards.
# vm: timeout=1500
# vm: long=yes timeout=1500 cmdline=lockdown=integrity
# vm-files: @BUILD@/tests/vm/tools/tamper:/usr/bin/ @BUILD@/tests/vm/tools/request:/usr/bin/
# vm-files: @BUILD@/tests/vm/tools/uprobe:/usr/bin/ tests/vm/guest/uprobe.sh:/vm/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
cd /tmp || exit 1

PINS=/sys/fs/bpf/diglim STOLEN=/sys/fs/bpf/stolen EVENTS=/run/events.json SYSCTL=/proc/sys/kernel/ftrace_enabled
ANCHOR_UID=0xd1611700 SEALED=2009

# shellcheck source=tests/vm/guest/uprobe.sh
. /vm/uprobe.sh
LOCKED=no
! grep -q '\[integrity\]' /sys/kernel/security/lockdown || LOCKED=yes

cp /usr/bin/true unknown
echo x >>unknown
ring() { diglim status --json | jq .keyrings.owner; }
key_in() { keyctl rlist "$1" | tr ' ' '\n' | head -n 1; }

# works NAME COMMAND...: before the seal
works()
{
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then ok "before: $name"; else fail "before: $name" "$said"; fi
}

# refused HOOK NAME COMMAND...: after it, and the event is about this very hook
refused()
{
	local hook=$1 name=$2 lines said
	shift 2
	lines=$(wc -l <$EVENTS)
	if said=$("$@" 2>&1); then
		fail "sealed: $name" "went through: $said"
		return
	fi
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		if tail -n +$((lines + 1)) $EVENTS | jq -e --arg hook "$hook" -s \
			'any(.event == "refused" and .hook == $hook)' >/dev/null; then
			ok "sealed: $name"
			return
		fi
		sleep 0.2
	done
	fail "sealed: $name" "no event of $hook; it said: $said"
}

check "the machine's own files are vouched for" machine_vouch
check "a list that comes later" diglim sign --name later --key $OWNER_KEY --cert $OWNER_CERT \
	--output later unknown

# First instance: everything works as long as nothing is sealed.
check "attach" diglim attach
map=$(bpftool map list --json | jq '.[] | select(.name == "control") | .id')
works "a descriptor of a map by its id" tamper map-id "$map"
works "a pin of a map" bpftool map pin id "$map" $STOLEN
works "a descriptor of a map from a pin" tamper pin $STOLEN
rm $STOLEN
works "replacing the program of a link" tamper link-update $PINS/links/diglim_guard_sysctl
works "detaching a link" tamper link-detach $PINS/links/diglim_guard_sysctl
works "loading an LSM program" tamper load lsm
works "loading a program that changes return values" tamper load modify-return
[ $LOCKED = yes ] || works "loading a program that writes user memory" tamper load write-user
works "a sysctl program of one's own" tamper sysctl-program /sys/fs/cgroup
works "attaching to a process" tamper attach $$
works "being traced" tamper traceme
works "writing to another process" tamper vm-write
works "opening the memory of a process" tamper memory $$
works "opening one's own memory" tamper memory self
works "a uprobe by perf_event_open" uprobe perf $PROBED
works "a uprobe by tracefs" uprobe_event
uprobe_none
uprobe multi $PROBED >multi.said
grep -q ^not multi.said || expect_equal allowed "$(cat multi.said)" "before: a uprobe by bpf(2)"
ring=$(ring)
works "a limit in time on a key" tamper key timeout "$(key_in "$ring")" "$ring"
works "a key invalidated" tamper key invalidate "$(key_in "$ring")" "$ring"
works "a keyring revoked" tamper key revoke "$ring"
works "the sysctl" tamper write $SYSCTL 1 /
works "removing a pin" rm $PINS/read/state
works "renaming the pins" mv $PINS /sys/fs/bpf/elsewhere
mv /sys/fs/bpf/elsewhere $PINS
works "a mount over the pins" mount -t tmpfs none $PINS
umount $PINS
works "unmounting lazily" umount -l /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf

# Second instance, which is sealed.
for _ in $(seq 60); do
	bpftool prog list | grep -q 'name diglim_' || break
	sleep 0.5
done
check "attach again" diglim attach
check "enforce" diglim mode enforce
mkdir -p /run/x /run/y
diglim watch --json >$EVENTS &
tamper write $SYSCTL 0 /run/go >/run/old-sysctl &
map=$(bpftool map list --json | jq '.[] | select(.name == "control") | .id')
prog=$(bpftool prog list --json | jq '.[] | select(.name == "diglim_exec") | .id')
check "a pin of a map, made before" bpftool map pin id "$map" $STOLEN
tamper map-update $STOLEN /run/go >/run/old-map &
link=$(bpftool link list --json | jq --argjson prog "$prog" '.[] | select(.prog_id == $prog) | .id')
ring=$(ring) key=$(key_in "$ring")
for number in "$map" "$prog" "$link" "$ring" "$key"; do
	check "map, program, link, keyring and key have numbers" test "$number" -gt 0
done
check "seal" diglim seal --yes
expect_status 1 "a second time" diglim seal --yes
expect_equal true "$(diglim status --json | jq .sealed)" "status says so"

refused guard-bpf "a descriptor of a map by its id" tamper map-id "$map"
refused guard-bpf "a descriptor of a program by its id" tamper prog-id "$prog"
refused guard-bpf "a descriptor of a link by its id" tamper link-id "$link"
refused guard-bpf "a descriptor of a map from its pin" tamper pin $STOLEN
refused guard-bpf "bpftool map dump" bpftool map dump pinned $STOLEN
refused guard-bpf "bpftool map update" bpftool map update id "$map" key 0 0 0 0 value 0
refused guard-bpf "detaching a link" tamper link-detach $PINS/links/diglim_guard_sysctl
refused guard-bpf "detaching another" tamper link-detach $PINS/links/diglim_exec
refused guard-bpf "replacing the program of a link" tamper link-update $PINS/links/diglim_guard_sysctl
refused guard-bpf "loading an LSM program" tamper load lsm
refused guard-bpf "loading a program that changes return values" tamper load modify-return
if [ $LOCKED = yes ]; then
	lines=$(wc -l <$EVENTS)
	# The verifier does not offer the helper then.
	expect_equal "refused EINVAL" "$(tamper load write-user)" "lockdown itself refuses what writes user memory"
	expect_equal 0 "$(tail -n +$((lines + 1)) $EVENTS | grep -c guard-kernel)" "and that is not ours"
else
	refused guard-kernel "loading a program that writes user memory" tamper load write-user
fi
refused guard-bpf "a sysctl program of one's own" tamper sysctl-program /sys/fs/cgroup
refused guard-bpf "replacing the program of a reader" tamper link-update $PINS/read/state
check "bpftool lists the programs of others" bpftool prog list
touch /run/go
sleep 1
expect_equal "refused EPERM" "$(cat /run/old-map)" "sealed: a map through an older descriptor"
expect_equal "refused EPERM" "$(cat /run/old-sysctl)" "sealed: the sysctl through an older descriptor"

refused guard-pin "removing a pin" rm $PINS/links/diglim_exec
refused guard-pin "removing all pins" rm -rf $PINS
refused guard-pin "removing the directory" rmdir $PINS/links
refused guard-pin "renaming a pin" mv $PINS/links/diglim_exec /sys/fs/bpf/elsewhere
refused guard-pin "renaming the pins" mv $PINS /sys/fs/bpf/elsewhere
refused guard-pin "unmounting" umount /sys/fs/bpf
refused guard-pin "unmounting lazily" umount -l /sys/fs/bpf
refused guard-pin "unmounting what carries it" umount -l /sys
refused guard-pin "a mount over the pins" mount -t tmpfs none $PINS
refused guard-pin "a mount over their file system" mount -t tmpfs none /sys/fs/bpf
refused guard-pin "a mount over what carries it" mount -t tmpfs none /sys
refused guard-pin "a bind mount over the pins" mount --bind /run/x $PINS
refused guard-pin "mounting it anew with other options" mount -o remount,mode=777 /sys/fs/bpf
refused guard-pin "moving its mount" mount --move /sys/fs/bpf /run/x
refused guard-pin "moving its mount by the newer call" tamper move-mount /sys/fs/bpf /run/x
refused guard-pin "uncovering and removing its mount point elsewhere" tamper rmdir-elsewhere /sys
mount --make-rshared /sys
refused guard-pin "unmounting a copy that is linked with it" tamper umount-shared /sys/fs/bpf
refused guard-pin "unmounting what carries such a copy" tamper umount-shared /sys
refused guard-pin "a linked copy on something that goes" tamper rbind /sys /run/y
refused guard-pin "the same by the newer calls" tamper clone-tree /sys /run/y
mount --make-rprivate /sys
check "a namespace of its own may unmount its copy" unshare -m umount -l /sys
expect_equal yes "$(test -e $PINS/links/diglim_exec && echo yes)" "the pins are where they were"

for operation in invalidate revoke clear link adopt setperm chown timeout restrict search add; do
	refused guard-key "keyring: $operation" tamper key $operation "$ring"
done
for operation in invalidate revoke adopt setperm timeout; do
	refused guard-key "key: $operation" tamper key $operation "$key" "$ring"
done
refused guard-key "key: unlink" tamper key unlink "$key" "$ring"
refused guard-key "key: move" tamper key move "$key" "$ring"
refused guard-key "the anchor's uid clears it" tamper key-as $ANCHOR_UID clear @u
refused guard-key "the anchor's uid unlinks the keyring" tamper key-as $ANCHOR_UID unlink "$ring"
refused guard-key "the anchor's uid invalidates it" tamper key-as $ANCHOR_UID invalidate @u
check "looking at a key is allowed" tamper key describe "$key"
lines=$(wc -l <$EVENTS)
expect_equal 0 "$(diglim status | grep -c 'is gone')" "status sees the keyrings"
check "a keyring can be read" keyctl rlist "$ring"
expect_equal 0 "$(tail -n +$((lines + 1)) $EVENTS | grep -c guard-key)" "and nothing of it is refused"

refused guard-sysctl "kernel.ftrace_enabled" tamper write $SYSCTL 0 /
expect_equal 1 "$(cat $SYSCTL)" "it has its value"

refused ptrace "attaching to a process" tamper attach $$
refused ptrace "being traced" tamper traceme
refused ptrace "writing to another process" tamper vm-write
refused ptrace "opening the memory of a process" tamper memory $$
refused ptrace "opening one's own memory" tamper memory self
refused ptrace "a uprobe by perf_event_open" uprobe perf $PROBED
refused ptrace "a uprobe by tracefs" uprobe_event
grep -q ^not multi.said || refused guard-bpf "a uprobe by bpf(2)" uprobe multi $PROBED
check "other events can still be watched" grep -q sched /sys/kernel/tracing/available_events

expect_equal $SEALED "$(request op 4)" "the mode by a request"
for verb in "mode off" detach; do
	# shellcheck disable=SC2086
	expect_status 2 "diglim $verb" diglim $verb
done
expect_equal yes "$(diglim detach 2>&1 | grep -q sealed && echo yes)" "and it says why"

# What the protection is there for.
expect_equal "refused EPERM" "$(/vm/try exec unknown)" "an unknown program is refused"
expect_equal allowed "$(/vm/try exec /usr/bin/true)" "a vouched one runs"
check "a list can still be loaded" diglim load later
expect_equal allowed "$(/vm/try exec unknown)" "and vouches"
summary
