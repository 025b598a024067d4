#!/bin/bash
# Guest script. Proves the bench itself: the kernel, root and devices asked for are
# the ones that came, and what other tests build upon works.
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"

case $(uname -r) in
"$VM_KERNEL".*) ok "kernel $VM_KERNEL is $(uname -r)" ;;
*) fail "kernel $VM_KERNEL" "uname says $(uname -r)" ;;
esac
check "bpf is among the active LSMs" grep -qw bpf /sys/kernel/security/lsm
if grep -q 'lsm=' /proc/cmdline; then
	fail "the LSM list is the distribution's" "the command line sets it"
else
	ok "the LSM list is the distribution's"
fi
check "BTF of the kernel" test -s /sys/kernel/btf/vmlinux
check "IMA's securityfs" test -e /sys/kernel/security/ima/ascii_runtime_measurements

expect_equal 0 "$(id -u)" "the script runs as root"
init=$(readlink /proc/1/exe)
case ${VM_ROOT:?}:$init in
mini:*/bash | debian:*/systemd) ok "PID 1 of the $VM_ROOT root is $init" ;;
*) fail "PID 1 of the $VM_ROOT root" "$init" ;;
esac
for item in proc:/proc sysfs:/sys devtmpfs:/dev securityfs:/sys/kernel/security \
	bpf:/sys/fs/bpf tracefs:/sys/kernel/tracing cgroup2:/sys/fs/cgroup; do
	expect_equal "${item%%:*}" "$(findmnt -n -o FSTYPE -M "${item#*:}" | tail -n 1)" "${item#*:} is ${item%%:*}"
done
if [ "$VM_ROOT" = mini ]; then
	expect_equal tmpfs "$(findmnt -n -o FSTYPE -M /tmp)" "/tmp is tmpfs"
else
	expect_equal ext4 "$(findmnt -n -o FSTYPE -M /)" "/ is ext4"
fi

check "an ext4 on a loop device" ext4_on_loop /mnt 32
expect_equal ext4 "$(findmnt -n -o FSTYPE /mnt)" "/mnt is ext4"
cp /bin/true /mnt/program
check "a program runs from it" /mnt/program
check "overlayfs" sh -c 'mkdir /mnt/u /mnt/w /mnt/o &&
	mount -t overlay -o lowerdir=/usr,upperdir=/mnt/u,workdir=/mnt/w o /mnt/o && test -e /mnt/o/bin'

grep -q ^dummy /proc/modules && fail "no module dummy yet" "it is loaded"
file=$(modprobe -C /dev/null -D dummy | sed -n 's/^insmod \([^ ]*\).*/\1/p' | tail -n 1)
expect_probe allowed module "$file" "the kernel loads ${file##*/} from its file"
check "and has it" grep -q ^dummy /proc/modules
check "SHA-512 in the kernel" grep -q '^name *: sha512$' /proc/crypto

# The probe's answers, each where it is the only right one.
cp /bin/true /tmp/program
printf 'no program\n' >/tmp/text
chmod 755 /tmp/text
cp /bin/true /tmp/plain
chmod 644 /tmp/plain
expect_probe allowed exec /tmp/program "probe: a program that runs is allowed"
expect_probe "refused-by-other ENOEXEC" exec /tmp/text "probe: what is no program is refused by another"
expect_probe "refused-by-other EACCES" exec /tmp/plain "probe: no x bit is refused by another"
expect_probe not-attempted exec /tmp/absent "probe: a file that is absent is not attempted"
mkdir -p /tmp/noexec && mount -t tmpfs -o noexec tmpfs /tmp/noexec && cp /bin/true /tmp/noexec/
expect_probe "refused-by-other EPERM" mmap /tmp/noexec/true "probe: noexec refuses a mapping"
expect_probe allowed mmap /tmp/program "probe: an executable mapping is allowed"
expect_probe allowed mprotect /tmp/program "probe: adding PROT_EXEC is allowed"

check "a session keyring" keyctl show @s
check "openssl" sh -c 'openssl version | grep -q "OpenSSL 3"'
check "rpm" rpm --version

if [ "$VM_TPM" = 1 ]; then
	check "/dev/tpmrm0" test -c /dev/tpmrm0
	check "PCR 10 can be read" grep -qE '^[0-9A-F]{64}$' /sys/class/tpm/tpm0/pcr-sha256/10
	expect_equal 2 "$(cat /sys/class/tpm/tpm0/tpm_version_major)" "it is a TPM 2.0"
else
	expect_status 1 "no TPM unless asked for" test -e /dev/tpm0
fi
if [ "$VM_ICOUNT" = 1 ]; then
	expect_equal 1 "$(nproc)" "one CPU when instructions are counted"
fi
summary
