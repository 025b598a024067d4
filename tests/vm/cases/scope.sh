#!/bin/bash
# Whose doings are judged: users start what they like under scope root, root and whatever becomes
# root does not. Set-id copies, user namespaces, dropped privileges and copied launchers are no way
# out; an exemption is bound to the launcher's content and to what it starts.
# vm: timeout=600
# vm-files: @BUILD@/tests/vm/tools/scope-tricks
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

TRICKS=/vm/files/scope-tricks

check "an ext4 for the probes" ext4_on_loop /mnt 48
mkdir -p /mnt/own
chmod 755 /mnt /mnt/own
cp /usr/bin/true /mnt/own/program
printf 'x' >>/mnt/own/program
cp /mnt/own/program /mnt/own/setid
cp /usr/bin/true /mnt/own/setid-vouched
cp $TRICKS /mnt/own/helper
cp $TRICKS /mnt/own/launcher
printf 'x' >>/mnt/own/launcher
cp /mnt/own/launcher /mnt/own/launcher-copy
cp /mnt/own/launcher /mnt/own/launcher-altered
printf 'y' >>/mnt/own/launcher-altered
lib=$(ldd /usr/bin/bash | sed -n 's/.*=> \(.*libtinfo[^ ]*\).*/\1/p')
cp -L "$lib" /mnt/own/library.so
printf 'x' >>/mnt/own/library.so
chmod 755 /mnt/own/*
chmod u+s /mnt/own/setid /mnt/own/setid-vouched /mnt/own/helper

# user COMMAND...: without any privilege; the answer is that of `tricks`
# shellcheck disable=SC2317 # called through expect_tricks
user() { setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all "$@"; }

# expect_tricks WANT REASON-FILE NAME COMMAND...: refusals must be DIGLIM's, about this very file
expect_tricks()
{
	local want=$1 file=$2 name=$3 mark=0 got reason
	shift 3
	! pidof_attached || mark=$(diglim_mark)
	got=$("$@" 2>&1)
	if [ "$want" = refused ] && [ "$got" = "refused EPERM" ]; then
		reason=$(diglim_event_since "$mark" | jq -r --arg f "$file" \
			'select(.path == $f and .event == "refused") | .reason' | tail -n 1)
		if [ -n "$reason" ]; then
			ok "$name ($reason)"
		else
			fail "$name" "refused, but not by DIGLIM"
		fi
	elif [ "$want" = "$got" ]; then
		ok "$name"
	else
		fail "$name" "'$got', not '$want'"
	fi
}
pidof_attached() { diglim status >/dev/null 2>&1; }

# The answers that depend on the scope: for a user, for root, for the ways from one to the other.
all_ways()
{
	local user=$1 root=$2 what=$3
	expect_tricks "$user" /mnt/own/program "$what: a user's own program" \
		user $TRICKS exec /mnt/own/program
	expect_tricks "$root" /mnt/own/program "$what: root, the same program" \
		$TRICKS exec /mnt/own/program
	expect_tricks "$root" /mnt/own/setid "$what: a user, an unknown set-id program" \
		user $TRICKS exec /mnt/own/setid
	expect_tricks allowed /mnt/own/setid-vouched "$what: a user, a vouched set-id program" \
		user $TRICKS exec /mnt/own/setid-vouched
	expect_tricks "$root" /mnt/own/program "$what: through a vouched set-id helper" \
		user /mnt/own/helper exec /mnt/own/program
	expect_tricks "$user" /mnt/own/program "$what: root of a user namespace is no root" \
		user $TRICKS userns-exec /mnt/own/program
	expect_tricks "$root" /mnt/own/program "$what: root in a user namespace of his own" \
		$TRICKS userns-exec /mnt/own/program
	expect_tricks "$user" /mnt/own/program "$what: root who became a user for good" \
		$TRICKS drop-exec /mnt/own/program
	expect_tricks "$root" /mnt/own/library.so "$what: a thread that gives up its privilege to map a library" \
		$TRICKS drop-thread-map /mnt/own/library.so
	expect_tricks "$root" /mnt/own/library.so "$what: no capabilities, but a saved uid 0" \
		$TRICKS saved-uid-map /mnt/own/library.so
	expect_tricks "$user" /mnt/own/library.so "$what: a user maps a library into a program" \
		user $TRICKS map /mnt/own/library.so
}

all_ways allowed allowed "before"
check "the machine's own files are vouched for" machine_vouch
check "the launcher is exempt" owner_sign launcher --use exec,exempt /mnt/own/launcher
printf '[policy]\nscope = root\n' >/etc/diglim/diglim.conf
check "attach" diglim attach
check "enforce" diglim mode enforce
all_ways allowed refused "scope root"

# Exempt is what the launcher starts, in every way it is started, and nothing else.
expect_tricks allowed /mnt/own/program "exempt: started by the launcher" \
	/mnt/own/launcher exec /mnt/own/program
expect_tricks allowed /mnt/own/program "exempt: two programs further" \
	/mnt/own/launcher chain /mnt/own/launcher-altered /mnt/own/program
expect_tricks allowed /mnt/own/program "exempt: a copy is the same launcher" \
	/mnt/own/launcher-copy exec /mnt/own/program
expect_tricks refused /mnt/own/library.so "the launcher itself is judged" \
	/mnt/own/launcher map /mnt/own/library.so
expect_tricks refused /mnt/own/launcher-altered "an altered launcher is refused" \
	$TRICKS exec /mnt/own/launcher-altered
expect_tricks refused /mnt/own/program "another program under the launcher's name is not exempt" \
	bash -c 'exec -a /mnt/own/launcher '$TRICKS' exec /mnt/own/program'
mkdir /sys/fs/cgroup/user.slice
expect_tricks refused /mnt/own/program "root below user.slice" \
	bash -c 'echo $$ >/sys/fs/cgroup/user.slice/cgroup.procs; exec '$TRICKS' exec /mnt/own/program'
expect_equal exempt "$(diglim status --lists --json |
	jq -r '.loaded_lists[] | select(.name == "launcher") | .grants')" "status names the exemption"

check "detach" diglim detach
printf '[policy]\nscope = system\n' >/etc/diglim/diglim.conf
check "attach" diglim attach
check "enforce" diglim mode enforce
expect_tricks refused /mnt/own/program "scope system: a service without privilege" \
	user $TRICKS exec /mnt/own/program
# From here on below user.slice.
echo $$ >/sys/fs/cgroup/user.slice/cgroup.procs
expect_tricks allowed /mnt/own/program "scope system: a user's own program" \
	user $TRICKS exec /mnt/own/program
expect_tricks refused /mnt/own/library.so "scope system: foreign code in a vouched program" \
	user $TRICKS map /mnt/own/library.so
expect_tricks allowed /mnt/own/library.so "scope system: foreign code in a program of his own" \
	user $TRICKS chain /mnt/own/launcher-altered map:/mnt/own/library.so
expect_tricks refused /mnt/own/setid "scope system: an unknown set-id program" \
	user $TRICKS exec /mnt/own/setid
mkdir /sys/fs/cgroup/user.slicer
expect_tricks refused /mnt/own/program "scope system: user.slicer is not user.slice" \
	bash -c 'echo $$ >/sys/fs/cgroup/user.slicer/cgroup.procs
		exec setpriv --reuid 1000 --regid 1000 --clear-groups '$TRICKS' exec /mnt/own/program'
check "detach" diglim detach
all_ways allowed allowed "after"
summary
