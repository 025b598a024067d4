# shellcheck shell=bash
# Sourced after machine.sh by guest scripts with "diglim setup --measure": both registers, and what IMA has measured.

# shellcheck source=tests/vm/guest/initramfs.sh
. /vm/initramfs.sh

IMA=/sys/kernel/security/ima/binary_runtime_measurements
pcr() { tpm2_pcrread "sha256:$1" | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
# shellcheck disable=SC2317 # called by soon, as several below
is() { [ "$(pcr "$1")" = "$2" ]; }
# good NUMBER FILE: what predict has said
good() { jq -r --arg n "$1" '(.pcrs, .ima).sha256[$n] // empty | .[0]' "$2"; }
ima_log() { diglim attest log --json $IMA; }
# What IMA has measured of ours, in its order: keyrings, and names of records.
entries() { ima_log | jq -r '.logs[0].entries[] | .record // .name' | paste -sd' '; }
# shellcheck disable=SC2317
recorded() { entries | grep -q -- "$1"; }

unit()
{
	printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "%s"\n' "$2" >"/etc/systemd/system/$1.service"
	ln -sf "../$1.service" "/etc/systemd/system/multi-user.target.wants/$1.service"
}

# A machine with an owner, an initramfs and work to do while it starts; nothing of DIGLIM is set up yet.
measured_machine()
{
	printf '[boot]\nseal = no\n[hash]\nlimit = 1G\n[sign]\nkey = %s\ncert = %s\n' "$OWNER_KEY" "$OWNER_CERT" >/etc/diglim/diglim.conf
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	: >"/boot/vmlinuz-$(uname -r)"
	# kmod before version 31 hands compressed modules to the kernel from memory: nobody can vouch for them.
	find /usr/lib/modules -name '*.ko.xz' -exec unxz {} + && depmod
	check "an initramfs, by $TOOL" make_initramfs
	# Started with everything else, in whatever order.
	unit load 'for i in 1 2 3 4 5 6; do cat /usr/bin/* | sha256sum; done >/dev/null'
	check "everything is vouched for" machine_vouch
}

# measured_boot: into the initramfs that setup has made
measured_boot()
{
	cp "$INITRD" /vm/initrd
	boot_again "" /vm/initrd
}

# as_predicted WHAT KEYS: both registers, and nothing but ours behind boot_aggregate, with so many owner's keys
as_predicted()
{
	local keys
	keys=$(printf ' diglim_owner%.0s' $(seq "$2"))
	diglim attest predict --ima $IMA --json >/run/predicted
	check "$1: register 13 is what predict says" soon is 13 "$(good 13 /run/predicted)"
	check "$1: the state is measured by IMA" soon recorded 000001-state
	expect_equal "$(good 10 /run/predicted)" "$(pcr 10)" "$1: register 10 is what predict says"
	expect_equal "boot_aggregate$keys settings 000001-state" "$(entries)" "$1: and nothing else is in it"
	expect_equal "$(pcr 10)" "$(ima_log | jq -r '.logs[0].value.sha256')" "$1: IMA's list leads there"
	ima_log | jq -r '.logs[0].entries[] | select(.record // "" | test("unknown|poison")) | "# \(.record): \(.lines | join(", "))"'
}
