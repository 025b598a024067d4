#!/bin/bash
# What is vouched for runs, everything else is refused with DIGLIM's own event as the reason; each
# probe is made before attaching, under enforce and after detaching.
# vm: smoke=yes timeout=600
# vm-files: @TESTDATA@/signed/bash-5.1.8-9.el9.x86_64.rpm @TESTDATA@/keys/RPM-GPG-KEY-AlmaLinux-9.asc
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

MOD=$(find /usr/lib/modules/"$(uname -r)" -name 'dummy.ko*' | head -n 1)

# The package's files, and next to them what nobody vouches for.
check "an ext4 for the probes" ext4_on_loop /mnt 48
mkdir -p /mnt/pkg /mnt/own
(cd /mnt/pkg && rpm2cpio /vm/files/bash-5.1.8-9.el9.x86_64.rpm | cpio -idm --quiet)
cp /mnt/pkg/usr/bin/bash /mnt/own/program
printf 'x' >>/mnt/own/program
lib=$(ldd /usr/bin/bash | sed -n 's/.*=> \(.*libtinfo[^ ]*\).*/\1/p')
cp -L "$lib" /mnt/own/library.so
printf 'x' >>/mnt/own/library.so
cp -L "$lib" /mnt/own/copy.so
printf '#!/bin/sh\nexit 0\n' >/mnt/own/script
cp "$MOD" "/mnt/own/${MOD##*/}"
unknown_module=/mnt/own/${MOD##*/}
printf 'x' >>"$unknown_module"
chmod 755 /mnt/own/*

CHECK=yes
if [ "$(/vm/try exec-check /usr/bin/true)" != allowed ]; then
	skip "AT_EXECVE_CHECK" "this kernel does not have it"
	CHECK=no
fi

three_states()
{
	local want=$1
	expect_probe "$want" exec /mnt/own/program "$2: an altered copy of a packaged program"
	expect_probe "$want" exec /mnt/own/script "$2: a script started by #!"
	[ $CHECK = no ] || expect_probe "$want" exec-check /mnt/own/script "$2: AT_EXECVE_CHECK"
	expect_probe "$want" mmap /mnt/own/library.so "$2: an altered library"
	expect_probe "$want" mprotect /mnt/own/library.so "$2: the library, made executable later"
}

three_states allowed "before"

check "the vendor's key" diglim key add --vendor --yes /vm/files/RPM-GPG-KEY-AlmaLinux-9.asc
check "import the package" diglim import /vm/files/bash-5.1.8-9.el9.x86_64.rpm
machine_start
check "enforce" diglim mode enforce

check "the packaged program runs" /mnt/pkg/usr/bin/bash -c 'exit 0'
check "a packaged script runs" /mnt/pkg/usr/bin/bashbug-64 --version
expect_probe allowed mmap /mnt/own/copy.so "an exact copy of a vouched library"
expect_probe allowed exec /mnt/pkg/usr/bin/bash "the packaged program, once more"
three_states refused-by-diglim "enforced"
expect_probe refused-by-diglim memfd /mnt/own/program "a program in a memfd"
expect_probe refused-by-diglim module "$unknown_module" "an altered module"
expect_probe "refused-by-diglim no-file" module-memory "$MOD" "a module from memory"
expect_probe allowed module "$MOD" "a vouched module"

list=/var/lib/diglim/lists/rpm-bash-5.1.8-9.el9.x86_64
check "unload the package's list" diglim unload "$list"
expect_probe refused-by-diglim exec /mnt/pkg/usr/bin/bash "refused at once, although cached"
check "load it again" diglim load "$list"
expect_probe allowed exec /mnt/pkg/usr/bin/bash "runs at once"

check "audit" diglim mode audit
expect_probe allowed exec /mnt/own/program "audit: the altered program runs"
expect_equal would-refuse "$(diglim log --json | jq -r 'select(.path == "/mnt/own/program") | .event' |
	tail -n 1)" "audit: and is recorded"
check "enforce again" diglim mode enforce
check "detach" diglim detach
three_states allowed "after"
summary
