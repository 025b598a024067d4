#!/bin/bash
# Two machines with the same packages, keys and settings, each with its own disk, TPM, name and clock: both registers
# have the same values on both. Each run is one of the machines; the runner compares the lines "same: ...".
# vm: long=yes root=debian tpm=1 reboot=1 mem=1536 timeout=900 packages=initramfs-tools,busybox
# vm: long=yes root=debian tpm=1 reboot=1 mem=1536 timeout=900 packages=initramfs-tools,busybox cmdline=twin=2
# vm-files: tests/vm/guest/measured.sh:/vm/ tests/vm/guest/initramfs.sh:/vm/ @BUILD@/tests/vm/tools/twin.pem:/vm/files/ @BUILD@/tests/vm/tools/twin.crt:/vm/files/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/measured.sh
. /vm/measured.sh

# The time in lists, of a build that can be repeated.
export SOURCE_DATE_EPOCH=1700000000

# shellcheck disable=SC2317 # called by machine_vouch, instead of machine.sh's
owner_create()
{
	mkdir -p /etc/diglim/keys.d/vendor /etc/diglim/keys.d/owner /etc/diglim/lists.d /var/lib/diglim/lists /run/diglim
	cp /vm/files/twin.pem "$OWNER_KEY" && cp /vm/files/twin.crt "$OWNER_CERT" &&
		diglim key add --owner --yes "$OWNER_CERT" >/dev/null
}

case $VM_BOOT in
1)
	if grep -qw twin=2 /proc/cmdline; then
		check "another clock" date -s '+3 days'
		check "another name" sh -c 'echo twin >/etc/hostname'
		unit more 'cat /usr/sbin/* | sha256sum >/dev/null'
	fi
	measured_machine
	check "setup --measure" diglim setup --measure --yes
	measured_boot
	;;
*)
	as_predicted "the machine" 1
	echo "same: register-13 $(pcr 13)"
	echo "same: register-10 $(pcr 10)"
	;;
esac
summary
