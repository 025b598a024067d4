#!/bin/bash
# IMA's policy, when the kernel reads it from a file: judged as data, with DIGLIM's own event as the reason.
# vm: long=yes timeout=400
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
cd /tmp || exit 1

IMA=/sys/kernel/security/ima
# shellcheck disable=SC2317 # called by check
take() { echo "$1" >$IMA/policy; }
last() { diglim log --json | jq -r --arg path "$1" 'select(.path == $path) | .event + " " + .hook + " " + .use + " " + .reason' | tail -n 1; }
measured() { wc -l <$IMA/ascii_runtime_measurements; }

[ -w $IMA/policy ] || { skip "everything" "no IMA policy can be given here"; summary; }
echo 'measure func=BPRM_CHECK' >/tmp/policy
machine_start
check "a policy that the owner vouches for" diglim sign --all --use data --name policy \
	--key $OWNER_KEY --cert $OWNER_CERT --output vouched.list policy
check "enforce" diglim mode enforce
take /tmp/policy 2>/dev/null
check "an unknown policy is refused" test $? != 0
expect_equal "refused read-file data unknown" "$(last /tmp/policy)" "its event"
take /usr/bin/true 2>/dev/null
check "a program is no policy" test $? != 0
expect_equal "refused read-file data wrong-use" "$(last /usr/bin/true)" "its event, too"
before=$(measured)
/usr/bin/true
expect_equal "$before" "$(measured)" "IMA measures nothing more"
check "load the list" diglim load vouched.list
check "vouched for: IMA takes it" take /tmp/policy
/usr/bin/true
check "and measures by it" test "$(measured)" -gt "$before"
summary
