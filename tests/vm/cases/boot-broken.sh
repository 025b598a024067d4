#!/bin/bash
# What goes wrong while the machine starts, each on purpose: a damaged list, a strange key in the initramfs, a kernel
# without the functions that check signatures, without bpf or integrity among its LSMs, without IMA, a full disk, a
# configuration that cannot be read, a wrong word on the command line, an initramfs without keys or without
# diglim-init. No boot is unprotected in silence, and the kernel argument diglim=off starts each of these machines. The table is in
# docs/BOOT.md.
# vm: long=yes root=debian reboot=1 mem=1536 timeout=900 packages=initramfs-tools,busybox
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

UNKNOWN=/opt/unknown OWN=/opt/own
# A kernel without these functions is made by not running what registers them.
NO_KFUNC=initcall_blacklist=bpf_key_sig_kfuncs_init NO_IMA=initcall_blacklist=init_ima
NO_BPF=lsm=landlock,lockdown,yama,integrity,apparmor NO_INTEGRITY=lsm=landlock,lockdown,yama,apparmor,bpf
record() { diglim status --json | jq -r ".boot_record.$1"; }
config_tree() { find /etc/diglim /var/lib/diglim -type f ! -name '*.lock' -exec sha256sum {} + | sort; }

# initramfs NAME [key|stop|config|program]...: /vm/NAME, with what differs behind the one that mkinitramfs has made
initramfs()
{
	local name=$1 dir=/vm/overlay/var/lib/diglim/boot word
	shift
	rm -rf /vm/overlay
	mkdir -p $dir/owner
	for word; do
		case $word in
		stop) sed s/=\ continue/=\ stop/ /etc/diglim/diglim.conf >$dir/diglim.conf ;;
		key) cp /vm/strange.der "$dir/owner/$(basename /etc/diglim/keys.d/owner/*).der" ;;
		config) echo nonsense >$dir/diglim.conf ;;
		program) mkdir -p /vm/overlay/usr/sbin && : >/vm/overlay/usr/sbin/diglim-init ;;
		esac
	done
	cp /vm/whole "/vm/$name"
	# Archives begin at multiples of four.
	truncate -s %4 "/vm/$name"
	(cd /vm/overlay && find . | cpio -o -H newc --quiet) >>"/vm/$name"
}

# shellcheck disable=SC2317 # called by check
without_keys()
{
	unmkinitramfs /vm/whole /vm/unpacked && rm /vm/unpacked/var/lib/diglim/boot/owner/* &&
		(cd /vm/unpacked && find . | cpio -o -H newc --quiet) >/vm/keyless && rm -r /vm/unpacked
}

set_up()
{
	printf '[boot]\nstart = late\non-failure = continue\n[mode]\ndefault = enforce\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	cp /usr/bin/true $UNKNOWN && echo x >>$UNKNOWN
	cp /usr/bin/true $OWN && echo y >>$OWN
	check "everything is vouched for" machine_vouch
	check "an own program" owner_sign own $OWN
	check "somebody else's key" diglim key create --name Strange --key /vm/strange.pem --cert /vm/strange.crt
	openssl x509 -in /vm/strange.crt -outform der -out /vm/strange.der
	printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
	printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
	echo CONFIG_RD_ZSTD=y >"/boot/config-$(uname -r)"
	check "mkinitramfs" mkinitramfs -o /vm/whole
	initramfs strange key
	initramfs strange-stop key stop
	initramfs stop stop
	initramfs config config
	initramfs program program
	check "an initramfs without keys" without_keys
	expect_equal 1 "$(lsinitramfs /vm/whole | grep -c "owner/$(basename /etc/diglim/keys.d/owner/*).der")" "the key that is replaced is there"
	cp /etc/diglim/lists.d/own /vm/own.list
	printf '\377\376' | dd of=/etc/diglim/lists.d/own bs=1 seek=$(($(stat -c %s /vm/own.list) / 2)) conv=notrunc status=none
}

# state OUTCOME MODE WHAT WORDS: it is what status, doctor and the kernel's log say; MODE none: nothing is attached
state()
{
	expect_equal "$1" "$(record outcome)" "$3: $1"
	expect_equal systemd "$(cat /proc/1/comm)" "$3: the machine starts"
	expect_equal "$2" "$(diglim mode --json 2>/dev/null | jq -r '.mode // "none"' | grep . || echo none)" "$3: mode $2"
	echo "# $3: $(diglim doctor --json | jq -r '.attached[] | select(.what == "this boot") | "\(.state): \(.text)"')"
	case $1 in
	as-asked) return ;;
	off) expect_equal yes "$(dmesg | grep -q 'THIS MACHINE IS NOT PROTECTED' && echo yes)" "$3: the log says so loudly" ;;
	failed) expect_equal yes "$(dmesg | grep -q 'THIS MACHINE IS NOT PROTECTED' && echo yes)" "$3: the log says so loudly" ;;
	weaker) expect_equal yes "$(dmesg | grep -q 'LESS PROTECTED THAN ASKED' && echo yes)" "$3: the log says so loudly" ;;
	esac
	expect_status 1 "$3: doctor says no" diglim doctor
	expect_equal yes "$(record "$([ "$1" = off ] && echo why || echo trouble)" | grep -qE "$4" && echo yes)" "$3: the reason is named"
}

# The way back.
rescued()
{
	state off none "$1, diglim=off" "kernel argument"
	check "$1, diglim=off: everything runs" $UNKNOWN
}

full_disk()
{
	fill
	config_tree >/run/before
	expect_status 2 "no list is signed on a full disk" owner_sign new $UNKNOWN
	expect_status 2 "no package is imported" diglim import --dpkg --key $OWNER_KEY --cert $OWNER_CERT
	expect_status 2 "nothing is set up" diglim setup --yes --create-key
	config_tree >/run/after
	expect_equal "" "$(diff /run/before /run/after)" "and no file was changed"
	check "loading needs no disk" diglim load /etc/diglim/lists.d
	rm /vm/fill /vm/rest
	check "with room again it works" owner_sign new $UNKNOWN
}

# All of the room there is.
fill()
{
	fallocate -l "$(($(stat -f -c '%f * %S' /) * 99 / 100))" /vm/fill || return
	dd if=/dev/zero of=/vm/rest bs=64k status=none 2>/dev/null
	dd if=/dev/zero of=/vm/rest bs=1 count=4096 oflag=append conv=notrunc status=none 2>/dev/null
	sync
}

case $VM_BOOT in
1)
	set_up
	boot_again "" /vm/whole
	;;
2)
	state incomplete enforce "a damaged list" "lists.d/own"
	expect_probe refused-by-diglim exec $OWN "what only that list vouches for is refused"
	expect_probe refused-by-diglim exec $UNKNOWN "as is what none does"
	cp /vm/own.list /etc/diglim/lists.d/own
	boot_again "" /vm/strange
	;;
3)
	state weaker audit "a strange key" "not signed|no key|key"
	boot_again "" /vm/strange-stop "refuses what the machine starts with" diglim=off
	;;
5)
	rescued "a strange key"
	boot_again $NO_KFUNC /vm/whole
	;;
6)
	state failed none "no kfunc" "bpf_(lookup_user_key|verify_pkcs7_signature|key_put)"
	boot_again $NO_KFUNC /vm/stop "diglim-init: stopped" "$NO_KFUNC diglim=off"
	;;
8)
	rescued "no kfunc"
	boot_again $NO_BPF /vm/whole
	;;
9)
	state failed none "no bpf among the LSMs" "LSM bpf"
	boot_again $NO_BPF /vm/stop "diglim-init: stopped" "$NO_BPF diglim=off"
	;;
11)
	rescued "no bpf among the LSMs"
	boot_again $NO_IMA /vm/whole
	;;
12)
	state failed none "no IMA" "IMA"
	boot_again $NO_IMA /vm/stop "diglim-init: stopped" "$NO_IMA diglim=off"
	;;
14)
	rescued "no IMA"
	boot_again $NO_INTEGRITY /vm/whole
	;;
15)
	# Nothing of it is needed: the digest is computed for us alone.
	state as-asked enforce "no integrity among the LSMs"
	expect_probe refused-by-diglim exec $UNKNOWN "no integrity among the LSMs: unknown is refused"
	check "no integrity among the LSMs: vouched runs" $OWN
	# What this script itself notes takes a block or two.
	dd if=/dev/zero of=/vm/reserve bs=4k count=8 status=none
	fill
	df / | sed 's/^/# /'
	rm /vm/reserve
	boot_again ""
	;;
16)
	state as-asked enforce "a full disk"
	expect_probe refused-by-diglim exec $UNKNOWN "a full disk: unknown is refused"
	check "a full disk: vouched runs" $OWN
	rm -f /vm/rest
	full_disk
	rm /etc/diglim/lists.d/new
	boot_again "" /vm/config
	;;
17)
	state incomplete audit "an unreadable configuration" "diglim.conf:1"
	check "an unreadable configuration: nothing is refused" $UNKNOWN
	boot_again diglim=onn /vm/whole
	;;
18)
	state incomplete enforce "a wrong word" "must be off, audit or enforce"
	expect_probe refused-by-diglim exec $UNKNOWN "a wrong word: unknown is refused, as configured"
	boot_again "" /vm/keyless
	;;
19)
	state weaker audit "no keys" "no keys in"
	boot_again "" /vm/program
	;;
20)
	expect_equal yes "$(dmesg | grep -q 'THIS MACHINE IS NOT PROTECTED' && echo yes)" "no diglim-init: the log says so loudly"
	expect_status 1 "no diglim-init: doctor says no" diglim doctor
	expect_equal yes "$(diglim doctor | grep -q 'diglim-init did not run' && echo yes)" "no diglim-init: the reason is named"
	expect_status 1 "no diglim-init: what must be protected does not start" systemctl start diglim-protected.service
	;;
esac
summary
