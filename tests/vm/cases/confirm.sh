#!/bin/bash
# Enforce on trial: it ends by itself with no process of ours alive, also in a machine that was started anew
# meanwhile; no boot on trial is sealed; confirmed it lasts, and the next boot is sealed.
# vm: long=yes root=debian reboot=1 mem=1536 timeout=1800 packages=initramfs-tools,busybox
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

UNKNOWN=/opt/unknown INITRD=/boot/initrd.img-$(uname -r)
ACCEPT=(--accept "$UNKNOWN" --accept cron)
record() { diglim status --json | jq -r ".boot_record.$1"; }
sealed() { diglim status --json | jq .sealed; }
mode() { diglim mode --json | jq -r .mode; }

# started WANT MODE WHY WHAT: how this boot began
started()
{
	expect_equal as-asked "$(record outcome)" "$4: as asked"
	expect_equal "$2" "$(mode)" "mode $2"
	expect_equal "$1" "$([ -e /run/planted ] && echo yes || echo no)" "an unknown program in a unit ran: $1"
	expect_equal yes "$(record why | grep -q "$3" && echo yes)" "and says why: $3"
	echo "# $(record why)"
}

set_up()
{
	printf '[boot]\nstart = late\nseal = yes\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	cp /usr/bin/touch $UNKNOWN && echo x >>$UNKNOWN
	printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=%s /run/planted\n' $UNKNOWN \
		>/etc/systemd/system/planted.service
	ln -sf ../planted.service /etc/systemd/system/multi-user.target.wants/planted.service
	mkdir -p /etc/systemd/system/vm-agent.service.d
	printf '[Unit]\nAfter=planted.service\n' >/etc/systemd/system/vm-agent.service.d/planted.conf
	check "everything is vouched for" machine_vouch
	printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
	printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	# update-initramfs -k all goes by the kernels that it finds.
	: >"/boot/vmlinuz-$(uname -r)"
	check "update-initramfs" update-initramfs -c -k "$(uname -r)"
}

case $VM_BOOT in
1)
	expect_status 2 "no trial of what is not attached" diglim enforce --confirm-within 1m
	expect_status 2 "and nothing to confirm" diglim confirm
	set_up
	boot_again "" "$INITRD"
	;;
2)
	started yes audit "configuration" "before any trial"
	expect_status 1 "not while something would be refused" diglim enforce --confirm-within 10m
	expect_status 1 "nor while a part of it was not accepted" diglim enforce --confirm-within 10m --accept cron
	expect_equal audit "$(mode)" "still audit"
	expect_status 1 "there is nothing to confirm" diglim confirm
	expect_status 0 "a short trial of what is left" diglim enforce --confirm-within 20s "${ACCEPT[@]}"
	expect_probe refused-by-diglim exec $UNKNOWN "enforced"
	expect_equal "" "$(pgrep -l diglim)" "no process of ours runs"
	sleep 21
	expect_probe allowed exec $UNKNOWN "it ended by itself"
	expect_equal audit "$(mode)" "in audit mode"
	expect_status 1 "too late to confirm" diglim confirm
	expect_status 0 "a long one" diglim enforce --confirm-within 30m "${ACCEPT[@]}"
	boot_again
	;;
3)
	started no enforce "on trial" "started anew meanwhile"
	expect_equal false "$(sealed)" "on trial nothing is sealed"
	left=$(diglim status --json | jq .window_seconds_left)
	expect_equal yes "$([ "$left" -gt 0 ] && [ "$left" -lt 1800 ] && echo yes)" "$left s are left of 1800"
	expect_status 0 "doctor agrees" diglim status --require enforce
	expect_status 0 "asked again, for a moment" diglim enforce --confirm-within 1s "${ACCEPT[@]}"
	boot_again
	;;
4)
	started yes audit "not confirmed" "not confirmed in time"
	expect_equal false "$(sealed)" "not sealed"
	expect_status 0 "one that ends without an initramfs" diglim enforce --confirm-within 30m "${ACCEPT[@]}"
	# update-initramfs then has nothing to do, and is content.
	mv "/boot/vmlinuz-$(uname -r)" /boot/away
	expect_status 2 "confirm notices that none was made" diglim confirm
	expect_equal yes "$(diglim confirm 2>&1 | grep -q 'nothing to confirm' && echo yes)" "the trial is over all the same"
	mv /boot/away "/boot/vmlinuz-$(uname -r)"
	sed -i 's/^default = enforce/default = audit/' /etc/diglim/diglim.conf
	check "back to audit" diglim mode audit
	expect_status 0 "another one" diglim enforce --confirm-within 30m "${ACCEPT[@]}"
	touch -d '1 minute ago' /vm/before
	expect_status 0 "is confirmed" diglim confirm
	expect_equal yes "$([ "$INITRD" -nt /vm/before ] && echo yes)" "the initramfs was made anew"
	expect_equal null "$(diglim status --json | jq .window_seconds_left)" "and has no end"
	expect_equal no "$([ -e /var/lib/diglim/trial ] && echo yes || echo no)" "nor a record"
	expect_status 2 "no trial of what is enforced" diglim enforce --confirm-within 1m
	boot_again "" "$INITRD"
	;;
5)
	started no enforce "configuration" "confirmed"
	expect_equal true "$(sealed)" "sealed"
	expect_status 2 "nothing is tried on a sealed machine" diglim enforce --confirm-within 1m
	;;
esac
summary
