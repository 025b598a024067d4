# shellcheck shell=bash
# Sourced after lib.sh by guest scripts that install DIGLIM's packages and set it up: one machine from before that
# to after its undoing. The script defines, for its package manager and initramfs:
#   machine_prepare     once: whatever the machine lacks to start by an initramfs of its own, and that initramfs
#   machine_install     DIGLIM's packages
#   machine_setup       diglim setup, and a list of what no package has
#   machine_upgrade     another version of the package whose program $OWN runs, by its package manager
#   machine_upgraded    patterns (grep -E) of the paths that may differ for that
#   machine_remove      DIGLIM's packages go
# shellcheck source=tests/vm/guest/initramfs.sh
. /vm/initramfs.sh

# shellcheck disable=SC2034 # the scripts read it
PLANTED=/opt/planted UNIT=/etc/systemd/system/planted.service

record() { diglim status --json | jq -r ".boot_record.$1"; }
mode() { diglim mode --json | jq -r .mode; }
# took NAME: seconds since the last one
started=$SECONDS
took() { echo "# boot $VM_BOOT, $1: $((SECONDS - started)) s"; started=$SECONDS; }

# The test is not what the machine waits for.
agent_aside()
{
	mkdir -p /etc/systemd/system/vm-agent.service.d
	printf '[Service]\nType=simple\n' >/etc/systemd/system/vm-agent.service.d/test.conf
}

# What an attacker with root leaves for the next boot: a unit, a udev rule, a module.
plant()
{
	local name
	mkdir -p $PLANTED /etc/udev/rules.d /etc/modules-load.d
	for name in unit helper init; do
		cp /usr/bin/touch $PLANTED/$name && echo $name >>$PLANTED/$name
	done
	printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=%s /run/planted-unit\n' $PLANTED/unit >$UNIT
	ln -sf ../planted.service /etc/systemd/system/multi-user.target.wants/planted.service
	echo "SUBSYSTEM==\"block\", KERNEL==\"vda\", RUN+=\"$PLANTED/helper /run/planted-helper\"" >/etc/udev/rules.d/99-planted.rules
	echo dummy >/etc/modules-load.d/planted.conf
	MODULE=$(modinfo -n dummy)
	cp -p "$MODULE" /vm/dummy.ko
	echo planted >>"$MODULE"
}

unplant()
{
	MODULE=$(modinfo -n dummy)
	cp -p /vm/dummy.ko "$MODULE"
	rm -rf $PLANTED $UNIT /etc/systemd/system/multi-user.target.wants/planted.service \
		/etc/udev/rules.d/99-planted.rules /etc/modules-load.d/planted.conf
	systemctl daemon-reload
}

# planted_ran YES|NO: what was planted
planted_ran()
{
	local name
	for name in unit helper; do
		expect_equal "$1" "$([ -e /run/planted-$name ] && echo yes || echo no)" "boot $VM_BOOT: the planted $name ran: $1"
	done
	expect_equal "$1" "$([ -d /sys/module/dummy ] && echo yes || echo no)" "boot $VM_BOOT: the planted module was loaded: $1"
}

# refusals EVENT: all of them, and what they were about
refusals()
{
	diglim log --json | jq -r --arg event "$1" 'select(.event == $event) | "\(.hook) \(.reason) \(.path) by \(.program)"' | sort -u
}

# booted MODE STATE WHAT: how this boot went, up to systemd's target
booted()
{
	local state
	state=$(systemctl is-system-running --wait)
	expect_equal "$2" "$state" "$3: systemd is $2"
	expect_equal active "$(systemctl is-active multi-user.target)" "$3: it has reached its target"
	[ "$state" = "$2" ] || systemctl --failed --no-legend
	expect_equal as-asked "$(record outcome)" "$3: the boot went as asked"
	expect_equal late "$(record stage)" "$3: by the initramfs"
	expect_equal "$1" "$(mode)" "$3: mode $1"
	expect_equal 0 "$(record lists_refused)" "$3: every list was taken"
	expect_equal active "$(systemctl is-active own.service)" "$3: a unit with a program of a package ran"
	diglim status | sed -n '/This boot/,/Boot took/p'
	took "started"
}

# state FILE: what there is on the disk, but logs, caches and what each boot writes. Not times.
state()
{
	(
		cd / || exit
		find . -xdev \( -path ./vm -o -path ./run -o -path ./tmp -o -path ./var/tmp -o -path ./var/log -o -path ./var/cache \
			-o -path ./var/lib/systemd -o -path ./lost+found \) -prune -o ! -name 'initrd.img-*' \
			\( -type l -printf '%y %m %u:%g %p -> %l\n' -o -printf '%y %m %u:%g %p\n' \)
		find . -xdev \( -path ./vm -o -path ./run -o -path ./tmp -o -path ./var/tmp -o -path ./var/log -o -path ./var/cache \
			-o -path ./var/lib/systemd \) -prune -o -type f ! -name 'initrd.img-*' -print0 | xargs -0 -P 2 -n 200 sha256sum
		initramfs_contents
	) 2>/vm/state.err | LC_ALL=C sort >"$1"
}

boot_install()
{
	agent_aside
	printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=%s\nStandardOutput=file:/run/own\n' "$OWN" \
		>/etc/systemd/system/own.service
	ln -sf ../own.service /etc/systemd/system/multi-user.target.wants/own.service
	machine_prepare
	took "prepared"
	check "the packages are installed" machine_install
	took "installed"
	expect_status 1 "which attaches nothing" diglim status
	expect_equal no "$(initramfs_contents | grep diglim-init >/dev/null && echo yes || echo no)" "nor is it in the initramfs"
	state /vm/before
	echo "# $(wc -l </vm/before) lines of state, $(grep -c . /vm/state.err) that could not be read"
	took "looked at"
	machine_setup
	expect_equal yes "$(initramfs_contents | grep diglim-init >/dev/null && echo yes)" "now diglim-init is in the initramfs"
	boot_again "" "$INITRD"
}

boot_audit()
{
	booted audit running "audit"
	expect_equal "" "$(refusals would-refuse)" "audit: nothing would be refused"
	expect_equal "active active" "$(systemctl is-enabled diglimd diglim-sync | sed s/enabled/active/ | tr '\n' ' ' | sed 's/ $//')" \
		"audit: setup's units are enabled"
	expect_status 0 "check is clean" diglim check
	took "checked"
	expect_status 0 "enforce, on trial" diglim enforce --confirm-within 1h
	took "enforce"
	plant
	boot_again
}

boot_trial()
{
	booted enforce degraded "on trial"
	planted_ran no
	expect_equal "exec unknown /opt/planted/helper
exec unknown /opt/planted/unit
read-file unknown $(readlink -f "$(modinfo -n dummy)")" "$(refusals refused | sed 's/ by .*//')" "on trial: what was planted was refused, and nothing else"
	refusals refused | sed 's/^/# /'
	unplant
	expect_status 0 "it is confirmed" diglim confirm
	took "confirmed"
	check "a package is upgraded under enforce" machine_upgrade
	took "upgraded"
	check "the new program runs" bash -c "$OWN"
	expect_equal "" "$(refusals refused | grep -v /opt/planted/ | grep -v dummy)" "confirmed: nothing more was refused"
	# In the place of the first program.
	readlink /usr/sbin/init >/vm/init
	mkdir -p $PLANTED
	cp /usr/bin/touch $PLANTED/init && echo init >>$PLANTED/init
	ln -sf $PLANTED/init /usr/sbin/init
	boot_again "" "$INITRD" "refuses what the machine starts with: /sbin/init" "init=/usr/lib/systemd/systemd"
}

boot_confirmed()
{
	ln -sf "$(cat /vm/init)" /usr/sbin/init
	rm -rf $PLANTED
	booted enforce running "confirmed"
	expect_equal "" "$(refusals refused)" "confirmed and upgraded: nothing was refused"
	expect_equal null "$(diglim status --json | jq .window_seconds_left)" "confirmed: it has no end"
	# The very next file that nobody vouches for is.
	cp /usr/bin/touch /vm/unknown && echo x >>/vm/unknown
	expect_probe refused-by-diglim exec /vm/unknown "confirmed: an unknown program is refused"
	expect_status 0 "it is undone" diglim setup --undo
	took "undone"
	plant
	boot_again "" "$INITRD"
}

boot_undone()
{
	expect_equal running "$(systemctl is-system-running --wait)" "undone: systemd is running"
	expect_status 1 "undone: nothing is attached" diglim status
	planted_ran yes
	unplant
	state /vm/after
	grep -vE "$(machine_upgraded)" /vm/before >/vm/before.own
	grep -vE "$(machine_upgraded)" /vm/after >/vm/after.own
	expect_equal "" "$(diff /vm/before.own /vm/after.own | grep '^[<>]' | head -n 20)" "undone: the file system is as before"
	echo "# $(wc -l </vm/before.own) of $(wc -l </vm/before) lines compared"
	took "looked at"
	check "the packages are removed" machine_remove
	expect_equal "" "$(find / -xdev -name '*diglim*' ! -path '/vm/*' ! -path '/var/log/*' ! -path '/tmp/*' ! -path '/run/*')" \
		"no file of theirs is left"
}

installed_boots()
{
	case $VM_BOOT in
	1) boot_install ;;
	2) boot_audit ;;
	3) boot_trial ;;
	5) boot_confirmed ;;
	6) boot_undone ;;
	esac
	summary
}
