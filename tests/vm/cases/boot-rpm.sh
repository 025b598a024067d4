#!/bin/bash
# boot-packages.sh where rpm is the package manager: the RPMs built here, dracut, keys of rpm's keyring, and a package
# that is upgraded through the plugin. RPMs built here are signed by nobody: a list of the owner has them.
# vm: long=yes root=rpm reboot=1 diglim=no mem=1536 timeout=1800 packages=dracut
# vm-files: tests/vm/guest/installed.sh:/vm/ tests/vm/guest/initramfs.sh:/vm/ tests/vm/guest/rpm.sh:/vm/ @BUILD@/packages:/vm/packages @BUILD@/tests/rpm/packages:/vm/tool
# shellcheck disable=SC2317 # functions that installed.sh calls
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/installed.sh
. /vm/installed.sh
# shellcheck source=tests/vm/guest/rpm.sh
. /vm/rpm.sh

OWN=/opt/changed KEY=/etc/diglim/own.pem CERT=/etc/diglim/own.crt
[ -f /vm/tool/vendor.asc ] || { skip "everything" "no rpmbuild where this was built"; summary; }

# kmod here unpacks compressed modules itself, for which there is no digest.
modules_unpacked()
{
	find "/usr/lib/modules/$(uname -r)" -name '*.ko.xz' -exec xz -d {} + && depmod -a
}

machine_prepare()
{
	check "modules as kmod takes them" modules_unpacked
	check "an initramfs without DIGLIM" make_initramfs
	check "rpm knows the vendors' keys" rpmkeys --import /usr/share/rpm-root/vendor.asc /vm/tool/vendor.asc
	check "a package" rpm_do -i /vm/tool/tool-1-1.rpm
}

# The owner's key is there before setup, which does not take it back either.
machine_install()
{
	rpm_do -i /vm/packages/diglim-0*.rpm /vm/packages/diglim-dracut-*.rpm /vm/packages/rpm-plugin-diglim-*.rpm &&
		diglim key create --name Owner --key "$KEY" --cert "$CERT" && diglim key add --owner --yes "$CERT"
}

machine_setup()
{
	local status=0
	diglim setup --yes >/vm/said 2>&1 || status=$?
	grep '^\[+\]' /vm/said | grep -v ' files, ' | tail -n 12 | sed 's/^/# /'
	tail -n 3 /vm/said | sed 's/^/# /'
	# 1: packages that are signed by nobody, which are those built here.
	expect_equal 1 "$status" "setup"
	took "set up"
	diglim scan / --propose /vm/rest >/vm/scan 2>&1
	echo "# vouched for by no package: $(wc -l </vm/rest) files"
	sed -n 's/^[0-9a-f]\{64\}  //p' /vm/rest | sed 's,/[^/]*$,,' | sort | uniq -c | sort -rn | head -n 8 | sed 's/^/# /'
	check "an owner's list of what nobody vouches for" diglim sign --from /vm/rest --name rest --key $KEY --cert $CERT
	took "the rest signed"
}

machine_upgrade() { rpm_do -U /vm/tool/tool-2-1.rpm; }
machine_upgraded() { echo ' \./(opt|usr/lib/sysimage/rpm|var/lib/rpm)(/|$)'; }
machine_remove()
{
	rpm_do -e rpm-plugin-diglim diglim-dracut diglim && rm -rf /etc/diglim
}

installed_boots
