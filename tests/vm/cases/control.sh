#!/bin/bash
# The owner's way into a sealed machine: an order that names this boot and a rising counter, signed
# by an owner's key, is obeyed once, and nothing else is.
# vm: smoke=yes timeout=900
# vm-files: tests/vm/guest/rules.sh:/vm/ @BUILD@/tests/vm/tools/request:/usr/bin/ @TESTDATA@/keys/RPM-GPG-KEY-AlmaLinux-9.asc
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rules.sh
. /vm/rules.sh

check "an ext4 for the probes" ext4_on_loop /mnt 16
cp /usr/bin/true /mnt/program
printf 'x' >>/mnt/program
expect_probe allowed exec /mnt/program "before: an unknown program"
sealed() { diglim status --json | jq .sealed; }
second_owner
machine_start
check "an order of the attachment before" order --mode audit
mv order old-boot
check "detach" diglim detach
check "attach again" diglim attach
check "enforce" diglim mode enforce
openssl x509 -in $STRANGER_CERT -outform DER >stranger.der
check "the stranger's key in the vendor keyring" \
	keyctl padd asymmetric stranger %:diglim_vendor <stranger.der
check "seal" diglim seal --yes
expect_status 2 "sealed: the mode" diglim mode audit
expect_status 2 "sealed: detach" diglim detach
expect_probe "refused-by-diglim unknown" exec /mnt/program "sealed and enforced"
refused_with 2012 "an order of another boot" old-boot

check "an order: audit for an hour" order --mode audit --for 1h
cp order first
cp order flipped
split_list flipped
flip flipped.payload 90
expect_equal 2026 "$(request add flipped.payload flipped.sig)" "an order with a flipped bit"
check "an order of a stranger" diglim control new --unseal --output stranger
check "signed by the stranger" diglim control sign --key $STRANGER_KEY --cert $STRANGER_CERT stranger
refused_with 2027 "a stranger's order, although a vendor's" stranger
check "an unsigned order" diglim control new --unseal --output unsigned
: >nothing
expect_equal 2020 "$(request add unsigned nothing)" "an order without a signature"
expect_equal "enforce true" "$(diglim status --json | jq -r .mode) $(sealed)" "nothing of that was obeyed"

check "the owner's order is obeyed" diglim control apply first
expect_equal audit "$(diglim status --json | jq -r .mode)" "the mode is audit"
expect_equal enforce "$(diglim status --json | jq -r .mode_after_window)" "and will be enforce again"
expect_probe allowed exec /mnt/program "the program runs"
refused_with 2012 "the same order again" first
expect_status 1 "apply says so" diglim control apply first
expect_equal 1 "$(diglim log --json | jq -s 'map(select(.event == "control")) | length')" \
	"an event records the order"

expect_equal 0 "$(diglim status --lists --json | jq '[.loaded_lists[] | select(.type == "control")] | length')" \
	"it is not kept as a list"

check "a list to be removed" sign_with $SECOND_KEY $SECOND_CERT program /mnt/program
check "loaded" diglim load program
check "an order: enforce, and remove the list" order --mode enforce --remove "$(list_id program)"
cp order second
check "and one that asks for too much" order --unseal --remove 00112233445566778899aabbccddeeff
refused_with 2007 "removing what is not there: nothing of it is done" order
expect_equal true "$(sealed)" "still sealed"
expect_probe allowed exec /mnt/program "the list is in force"
check "the second order is obeyed" diglim control apply second
expect_probe "refused-by-diglim unknown" exec /mnt/program "enforced, the list is gone"
refused_with 2012 "the first order again" first
check "an order to unseal" order --unseal
check "obeyed" diglim control apply order
expect_equal false "$(sealed)" "not sealed any more"
expect_equal 2 "$(diglim log --json | jq -s 'map(select(.event == "seal")) | length')" \
	"events record the seal and its end"
refused_with 2012 "the order to unseal again" order
check "the mode can be set" diglim mode audit
expect_probe allowed exec /mnt/program "the program runs in audit"
expect_status 2 "sealed again only after a new attach" diglim seal --yes
check "detach" diglim detach
expect_probe allowed exec /mnt/program "after: the program"
summary
