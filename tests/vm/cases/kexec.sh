#!/bin/bash
# Another kernel, from a file and from memory: judged by use, with DIGLIM's own event as the reason.
# vm: timeout=400
# vm-files: @BUILD@/tests/vm/tools/kexec:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
cd /tmp || exit 1

EPERM=1 ENOEXEC=8

last() { diglim log --json | jq -r "select(.use | test(\"$1\")) | .event + \" \" + .hook + \" \" + .reason" | tail -n 1; }

head -c 8192 /dev/zero >image
expect_equal $ENOEXEC "$(kexec file image)" "before: the kernel finds no image in the file"
expect_equal 0 "$(kexec memory)" "before: from memory"

machine_start
check "an image that the owner vouches for" diglim sign --all --use kexec --name image \
	--key $OWNER_KEY --cert $OWNER_CERT --output vouched.list image
check "enforce" diglim mode enforce
expect_equal $EPERM "$(kexec file image)" "an unknown image"
expect_equal "refused read-file unknown" "$(last kexec)" "its event"
expect_equal $EPERM "$(kexec file /usr/bin/true)" "a program is no kernel image"
expect_equal "refused read-file wrong-use" "$(last kexec)" "its event, too"
expect_equal $EPERM "$(kexec memory)" "from memory"
expect_equal "refused load-data no-file" "$(diglim log --json |
	jq -r 'select(.hook == "load-data") | .event + " " + .hook + " " + .reason' | tail -n 1)" \
	"the event of what came from memory"
check "load the list" diglim load vouched.list
expect_equal $ENOEXEC "$(kexec file image)" "vouched for: the kernel looks into it"
check "unload the list" diglim unload vouched.list
expect_equal $EPERM "$(kexec file image)" "and no longer"
check "detach" diglim detach
expect_equal $ENOEXEC "$(kexec file image)" "after: from a file"
expect_equal 0 "$(kexec memory)" "after: from memory"
summary
