#!/bin/bash
# Executable memory without a file, pages of private mappings that were or can be written, and files
# without a name: refused, or for programs to which an owner's list gives the permission `code`.
# vm: timeout=600
# vm-files: @BUILD@/tests/vm/tools/make-code
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

check "an ext4 for the probes" ext4_on_loop /mnt 48
cp /vm/files/make-code /mnt/permitted
printf 'x' >>/mnt/permitted
cp /usr/bin/true /mnt/vouched-file
cp /usr/bin/true /tmp/vouched-file

# code WANT PROGRAM WAY HOOK NAME
code()
{
	local want=$1 program=$2 way=$3 hook=$4 name=$5 mark=0 got
	! diglim status >/dev/null 2>&1 || mark=$(diglim_mark)
	got=$("$program" "$way" /mnt/vouched-file 2>&1 | tail -n 1)
	if [ "$got" = "refused EPERM" ] || [ "$got" = "refused EACCES" ]; then
		got="refused $(diglim_event_since "$mark" | jq -r --arg h "$hook" --arg c "${program##*/}" \
			'select(.hook == $h and .program == $c and .event == "refused") | .reason' | tail -n 1)"
	fi
	expect_equal "$want" "$got" "$name"
}

# all_ways ANONYMOUS WRITTEN NAMELESS PROGRAM WHAT
all_ways()
{
	local anonymous=$1 written=$2 writer=$3 shared=$4 p=$5 what=$6
	code "$anonymous" "$p" mmap mmap "$what: mmap"
	code "$anonymous" "$p" mmap-shared mmap "$what: mmap, shared"
	code "$anonymous" "$p" mprotect mprotect "$what: mprotect"
	code "$anonymous" "$p" stack mprotect "$what: mprotect of the stack"
	code "$anonymous" "$p" heap mprotect "$what: mprotect of the heap"
	code "$anonymous" "$p" fault userfaultfd "$what: a page that userfaultfd fills"
	code "$written" "$p" private-written mprotect "$what: a private mapping, written, then executable"
	code "$written" "$p" private-writable mprotect "$what: an executable mapping, made writable"
	code "$written" "$p" private-both mmap "$what: a private mapping, writable and executable"
	code "$writer" "$p" memfd mmap "$what: a memfd"
	code "$shared" "$p" memfd-shared mmap "$what: a memfd, shared with a writer"
	code "$writer" "$p" tmpfile mmap "$what: an O_TMPFILE"
	code ran "$p" file mmap "$what: a vouched file"
}

P=/vm/files/make-code
restart()
{
	! diglim status >/dev/null 2>&1 || check "detach" diglim detach
	printf '[policy]\nanonymous-exec = %s\n' "$1" >/etc/diglim/diglim.conf
	check "attach with anonymous-exec = $1" diglim attach
	check "enforce" diglim mode enforce
}

all_ways ran ran ran ran $P "before"
check "the machine's own files are vouched for" machine_vouch
check "a program with permission" owner_sign permitted --use exec,code /mnt/permitted
restart allow
all_ways ran "refused private-written" "refused writer" "refused shared-writable" $P "allow"
restart deny
all_ways "refused anonymous" "refused private-written" "refused writer" "refused shared-writable" $P "deny"
code "refused anonymous" /mnt/permitted mmap mmap "deny: whatever the permission"
restart per-program
all_ways "refused anonymous" "refused private-written" "refused writer" "refused shared-writable" $P "per-program"
all_ways ran ran ran ran /mnt/permitted "with permission"
expect_equal code "$(diglim status --lists --json |
	jq -r '.loaded_lists[] | select(.name == "permitted") | .grants')" "status names the permission"
check "audit" diglim mode audit
code ran $P mmap mmap "audit: nothing is refused"
check "detach" diglim detach
all_ways ran ran ran ran $P "after"
summary
