#!/bin/bash
# A restricted key vouches for what the owner's limits list says, and for nothing without one.
# vm: timeout=900
# vm-files: tests/vm/guest/rules.sh:/vm/ @BUILD@/tests/vm/tools/request:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rules.sh
. /vm/rules.sh
LIMITED_KEY=/root/limited.pem LIMITED_CERT=/root/limited.crt

# shellcheck disable=SC2317
# limited FILE NAME USE PATH...: a list of the restricted key
limited()
{
	diglim sign --all --use "$3" --name "$2" --key "$LIMITED_KEY" --cert "$LIMITED_CERT" --output "$1" "${@:4}"
}

check "an ext4 for the probes" ext4_on_loop /mnt 16
mkdir -p /mnt/kmod /mnt/other
for f in kmod/a other/b; do
	cp /usr/bin/true /mnt/$f
	printf '%s' $f >>/mnt/$f
done
expect_probe allowed exec /mnt/kmod/a "before: the program"
check "a key" diglim key create --name Limited --key $LIMITED_KEY --cert $LIMITED_CERT
check "which is trusted within a limit" diglim key add --restricted --yes $LIMITED_CERT
second_owner
machine_start
check "enforce" diglim mode enforce
check "its list" limited good tools-1 exec /mnt/kmod/a
refused_with 2011 "without a limit it is worth nothing" good
expect_probe "refused-by-diglim unknown" exec /mnt/kmod/a "and the program is refused"
text=$(diglim load good 2>&1)
case $text in
*"'diglim key limit'"*) ok "load names the way out" ;;
*) fail "load names the way out" "$text" ;;
esac

check "a limits list of a stranger" diglim key limit $LIMITED_CERT --use exec --key $STRANGER_KEY \
	--cert $STRANGER_CERT --output stranger
refused_with 2027 "is refused" stranger
check "a limits list of the key itself" diglim key limit $LIMITED_CERT --use exec \
	--key $LIMITED_KEY --cert $LIMITED_CERT --output itself
refused_with 2011 "is refused, too" itself
check "the owner's limit" diglim key limit $LIMITED_CERT --use exec --name 'tools-*' --path /mnt/kmod/ \
	--key "$OWNER_KEY" --cert "$OWNER_CERT"
expect_equal 1 "$(diglim status --json | jq .keys_limited)" "status counts it"
check "wrong name" limited bad-name nothing exec /mnt/kmod/a
refused_with 2011 "a list of another name" bad-name
check "wrong use" limited bad-use tools-2 exec,module /mnt/kmod/a
refused_with 2011 "a list for another use" bad-use
check "wrong path" limited bad-path tools-3 exec /mnt/kmod/a /mnt/other/b
refused_with 2011 "a list of files elsewhere" bad-path
check "no path" diglim sign --digest "$(sha256sum /mnt/other/b | cut -d' ' -f1)" --name tools-4 \
	--key $LIMITED_KEY --cert $LIMITED_CERT --output no-path
refused_with 2011 "a list of files without a path" no-path
check "a deny list of the key" diglim deny --key $LIMITED_KEY --cert $LIMITED_CERT --output deny \
	/usr/bin/true
refused_with 2011 "is refused" deny
check "an order of the key" diglim control new --mode off --output order
check "signed" diglim control sign --key $LIMITED_KEY --cert $LIMITED_CERT order
refused_with 2011 "is refused, too" order
expect_probe "refused-by-diglim unknown" exec /mnt/kmod/a "nothing of that vouches"

check "within the limit" diglim load good
expect_probe allowed exec /mnt/kmod/a "the program runs"
cp good flipped
split_list flipped
flip flipped.payload 40
expect_equal 2026 "$(request add flipped.payload flipped.sig)" "a flipped bit"
list=$(ls /etc/diglim/lists.d/limits-*)
check "the limit is taken back" diglim unload "$list"
check "a new list" limited late tools-5 exec /mnt/kmod/a
refused_with 2011 "worth nothing again, for new lists" late
check "the limit again" diglim load "$list"
check "the new list is taken" diglim load late
check "the key is denied" diglim deny --key "$OWNER_KEY" --cert "$OWNER_CERT" --name limited --key-of $LIMITED_CERT
expect_probe "refused-by-diglim unknown" exec /mnt/kmod/a "what it signed is gone"
check "detach" diglim detach
check "attach: rules before what they are about" diglim attach
expect_equal 1 "$(diglim status --json | jq .keys_denied)" "the deny list is loaded at attach"
check "detach" diglim detach
expect_probe allowed exec /mnt/kmod/a "after: the program"
summary
