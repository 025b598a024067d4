#!/bin/bash
# A deny list wins over whoever vouches, at once; a denied key is worth nothing, and what it signed
# goes with it. Removed, everything is as before; sealed, only a control list removes it.
# vm: timeout=900
# vm-files: tests/vm/guest/rules.sh:/vm/ @BUILD@/tests/vm/tools/request:/usr/bin/ @TESTDATA@/signed/bash-5.1.8-9.el9.x86_64.rpm @TESTDATA@/keys/RPM-GPG-KEY-AlmaLinux-9.asc
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rules.sh
. /vm/rules.sh

check "an ext4 for the probes" ext4_on_loop /mnt 48
mkdir -p /mnt/own /mnt/pkg
(cd /mnt/pkg && rpm2cpio /vm/files/bash-5.1.8-9.el9.x86_64.rpm | cpio -idm --quiet)
cp /usr/bin/true /mnt/own/one
printf 'x' >>/mnt/own/one
cp /usr/bin/true /mnt/own/two
printf 'y' >>/mnt/own/two
BASH_PKG=/mnt/pkg/usr/bin/bash
expect_probe allowed exec /mnt/own/one "before: the program"
expect_probe allowed exec $BASH_PKG "before: the package's program"

second_owner
check "the vendor's key" diglim key add --vendor --yes /vm/files/RPM-GPG-KEY-AlmaLinux-9.asc
check "import the package" diglim import /vm/files/bash-5.1.8-9.el9.x86_64.rpm
machine_start
check "a list of one file" sign_with "$OWNER_KEY" "$OWNER_CERT" one /mnt/own/one
check "a list of the second owner" sign_with $SECOND_KEY $SECOND_CERT two /mnt/own/two
check "load both" diglim load one two
check "enforce" diglim mode enforce
expect_probe allowed exec /mnt/own/one "vouched for"
expect_probe allowed exec /mnt/own/two "vouched for by the second owner"
expect_probe allowed exec $BASH_PKG "vouched for by the vendor"

check "deny files" diglim deny --key "$OWNER_KEY" --cert "$OWNER_CERT" --name bad /mnt/own/one \
	"$(sha256sum $BASH_PKG | cut -d' ' -f1)"
expect_probe "refused-by-diglim denied" exec /mnt/own/one "denied at once, although cached"
expect_probe "refused-by-diglim denied" exec $BASH_PKG "denied although a vendor vouches for it"
expect_probe "refused-by-diglim denied" mmap $BASH_PKG "denied for every use"
check "take the deny list out" diglim unload bad
expect_probe allowed exec /mnt/own/one "runs again at once"
expect_probe allowed exec $BASH_PKG "the package's runs again, too"

check "deny the second owner's key" diglim deny --key "$OWNER_KEY" --cert "$OWNER_CERT" \
	--name key --key-of $SECOND_CERT
expect_probe "refused-by-diglim unknown" exec /mnt/own/two "what the denied key signed is gone"
expect_probe allowed exec /mnt/own/one "what others signed is not"
expect_equal 1 "$(diglim status --json | jq .keys_denied)" "status counts the key"
refused_with 2013 "a new list of the denied key" two
check "another signature of the denied key" sign_with $SECOND_KEY $SECOND_CERT more /mnt/own/one
refused_with 2013 "another list of the denied key" more
check "the vendor's key is denied" diglim deny --key "$OWNER_KEY" --cert "$OWNER_CERT" --name vendor \
	--key-of "$(diglim key list --json | jq -r '.keys[] | select(.kind == "vendor") | .fingerprint')"
expect_probe "refused-by-diglim unknown" exec $BASH_PKG "the vendor's list is gone"
check "not denied any more" diglim unload key
check "its list is taken again" diglim load two
expect_probe allowed exec /mnt/own/two "and its program runs"

# Who may deny, and with what.
refused_with 2027 "a deny list that nobody we trust signed" stranger-deny
split_list one
deny=/etc/diglim/lists.d/deny-vendor
split_list $deny
flip $deny.payload 60
expect_equal 2026 "$(request add $deny.payload $deny.sig)" "a deny list with a flipped bit"
id=$(list_id vendor)
check "the machine is sealed" diglim seal --yes
expect_equal 2009 "$(request remove "$id")" "sealed, the deny list stays"
expect_probe "refused-by-diglim unknown" exec $BASH_PKG "and is in force"
check "an order to remove it" order --remove "$id"
check "obeyed" diglim control apply order
check "the vendor's list is taken again" diglim load /var/lib/diglim/lists
expect_probe allowed exec $BASH_PKG "and its program runs"
check "an order to unseal" order --unseal
check "obeyed, too" diglim control apply order
check "detach" diglim detach
expect_probe allowed exec /mnt/own/one "after: the program"
summary
