#!/bin/bash
# No step back: a package older than one that was loaded is refused, unless the owner permits it;
# packages of which several versions are installed are not concerned.
# vm: timeout=900
# vm-files: tests/vm/guest/rules.sh:/vm/ @BUILD@/tests/vm/tools/request:/usr/bin/ @BUILD@/tests/vm/tools/mkheader:/usr/bin/ @TESTDATA@/signed/bash-5.1.8-9.el9.x86_64.rpm @TESTDATA@/keys/RPM-GPG-KEY-AlmaLinux-9.asc
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rules.sh
. /vm/rules.sh
DONE=2000 ROLLBACK=2010

# package WANT NAME VERSION RELEASE [PROVIDES]: the kernel's answer to a header signed by the vendor
package()
{
	mkheader "${@:2}" >payload
	openssl smime -sign -noattr -binary -nocerts -outform DER -in payload -out sig \
		-inkey vendor.pem -signer vendor.crt -md sha256
	expect_equal "$1" "$(request add payload sig)" "${*:2}"
}

# shellcheck disable=SC2317
floor() { diglim floor --key "$OWNER_KEY" --cert "$OWNER_CERT" "$@"; }

check "an ext4 for the probes" ext4_on_loop /mnt 48
mkdir /mnt/pkg
(cd /mnt/pkg && rpm2cpio /vm/files/bash-5.1.8-9.el9.x86_64.rpm | cpio -idm --quiet)
BASH_PKG=/mnt/pkg/usr/bin/bash
expect_probe allowed exec $BASH_PKG "before: the package's program"
check "a vendor" diglim key create --name Vendor --key vendor.pem --cert vendor.crt
check "who is trusted" diglim key add --vendor --yes vendor.crt
check "another vendor" diglim key add --vendor --yes /vm/files/RPM-GPG-KEY-AlmaLinux-9.asc
check "import the package" diglim import /vm/files/bash-5.1.8-9.el9.x86_64.rpm
second_owner
machine_start
check "enforce" diglim mode enforce
list=$(ls /var/lib/diglim/lists/rpm-bash*)

package $DONE tool 2.0 1
package $DONE tool 2.0 2
package $ROLLBACK tool 2.0 1.el9
package $ROLLBACK tool 1.9 9
package $ROLLBACK tool 2.0~rc1 9
package $DONE tool 10.0 1
package $DONE tool-libs 1.0 1
package $DONE kernel-core 6.12 1
package $DONE kernel-core 6.1 1
package $DONE modules 2 1 'installonlypkg(kernel-module)'
package $DONE modules 1 1 'installonlypkg(kernel-module)'
package $ROLLBACK modules 0 1 'something(kernel-module)'
package $DONE bash 9 1
expect_probe allowed exec $BASH_PKG "another vendor's bash does not concern this one"

case $(diglim status) in
*"this boot only"*) ok "status: this boot only" ;;
*) fail "status: this boot only" "$(diglim status)" ;;
esac
check "unload the package" diglim unload "$list"
check "a lowest version" floor bash=5.2 tool=1.5
case $(diglim status) in
*"2 packages from signed floor lists"*) ok "status: signed floors" ;;
*) fail "status: signed floors" "$(diglim status)" ;;
esac
text=$(diglim load "$list" 2>&1)
case $text in
*"diglim floor --lower"*) ok "the package is too old, and load names the way out" ;;
*) fail "the package is too old, and load names the way out" "$text" ;;
esac
expect_probe "refused-by-diglim unknown" exec $BASH_PKG "its program is refused"
package $ROLLBACK tool 2.0 3
check "unload the floor" diglim unload 'floor bash=5.2'
check "load the package" diglim load "$list"
expect_probe allowed exec $BASH_PKG "its program runs"

check "older is permitted" floor --lower tool=1.5
package $DONE tool 1.6 1
package $ROLLBACK tool 1.4 1
check "not any more" diglim unload 'floor tool=1.5'
package $ROLLBACK tool 1.7 1
check "a kernel's lowest version" floor kernel-core=6.6
package $ROLLBACK kernel-core 6.5 1
package $DONE kernel-core 6.6 1

check "a stranger's floor" diglim floor --lower tool=0 --key $STRANGER_KEY --cert $STRANGER_CERT --output stranger
refused_with 2027 "is refused" stranger
check "a vendor's floor" diglim floor --lower tool=0 --key vendor.pem --cert vendor.crt --output vendor
refused_with 2027 "is refused, too" vendor
check "an owner's floor" diglim floor --lower tool=0 --key "$OWNER_KEY" --cert "$OWNER_CERT" --output flipped
split_list flipped
flip flipped.payload 70
expect_equal 2026 "$(request add flipped.payload flipped.sig)" "with a flipped bit"
package $ROLLBACK tool 1.0 1
id=$(list_id 'floor kernel-core=6.6')
check "sealed" diglim seal --yes
expect_equal 2009 "$(request remove "$id")" "sealed, the floor stays"
check "an order" order --remove "$id" --unseal
check "removes it" diglim control apply order
package $DONE kernel-core 6.5 1
check "detach" diglim detach
expect_probe allowed exec $BASH_PKG "after: the package's program"
summary
