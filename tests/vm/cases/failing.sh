#!/bin/bash
# What is full, gone or killed: verdicts stay what they are, nothing is left half-done, and load and
# status say what is wrong.
# vm: long=yes timeout=900
# vm-files: @BUILD@/tests/vm/tools/load:/usr/bin/ @BUILD@/tests/vm/tools/request:/usr/bin/ @BUILD@/tests/vm/tools/store-check:/usr/bin/ @BUILD@/tests/vm/tools/tamper:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
mkdir -p /tmp/f/{one,two,large,many}
cd /tmp/f || exit 1

# shellcheck disable=SC2317 # check calls it
sign() { diglim sign --name "$1" --key "$OWNER_KEY" --cert "$OWNER_CERT" --output "list-$1" "${@:2}" >/dev/null; }

# says WHAT NAME: status complains of it
says()
{
	if [ -n "$(diglim status --json | jq --arg what "$1" '.health[] | select(.what == $what)')" ]; then
		ok "$2"
	else
		fail "$2" "$(diglim status --json | jq -c .health)"
	fi
}

silent()
{
	expect_equal "" "$(diglim status --json | jq -r --arg what "$1" '.health[].what | select(. == $what)')" "$2"
}

# verdicts NAME: they are what they should be
verdicts()
{
	expect_probe refused-by-diglim exec /tmp/f/unknown "$1: unknown is refused"
	check "$1: vouched runs" /usr/bin/true
}

# unchanged STATUS NAME COMMAND...: it fails with this status and leaves the books as they were
unchanged()
{
	local before status=$1 name=$2
	shift 2
	before=$(store-check)
	TEXT=$("$@" 2>&1)
	expect_equal "$status" $? "$name is refused"
	expect_equal "$before" "$(store-check 2>&1)" "$name leaves nothing behind"
}

load make unknown 1
load make one 100 10
load make two 200 10
load make large 10000 17000
load make many 100000 15500
machine_start
check "small lists" sign one one
check "another" sign two two
check "a list of 17000" sign large large
check "a list of 15500" sign many many
check "enforce" diglim mode enforce

# The digest store.
unchanged 2 "a list that does not fit" diglim load list-large
case $TEXT in *"raise headroom in [store]"*) ok "and it says what to do" ;; *) fail "says what to do" "$TEXT" ;; esac
check "one that fits" diglim load list-many
says store-fill "status says that the store is nearly full"
verdicts "a full store"
unchanged 2 "the large one again" diglim load list-large
check "a small one fits" diglim load list-one
check "taken away" diglim unload list-many
silent store-fill "status has nothing to say any more"
check "the books are in order" store-check
check "detach" diglim detach

# The table of lists, and an event log that holds next to nothing.
printf '[store]\nmax-lists = 2\n[events]\nring = 4K\n' >/etc/diglim/diglim.conf
check "attach with small tables" diglim attach
check "enforce" diglim mode enforce
check "the second of two lists" diglim load list-one
says lists-fill "status says that the table is full"
unchanged 2 "a third list" diglim load list-two
case $TEXT in *"raise max-lists in [store]"*) ok "and it says what to do" ;; *) fail "says what to do" "$TEXT" ;; esac
verdicts "a full table"
mark=$(diglim_mark)
for _ in $(seq 100); do ./unknown; done 2>/dev/null
if [ "$(diglim_event_since "$mark" | jq -s 'map(select(.event == "lost") | .count) | add // 0')" -gt 0 ]; then
	ok "log says that events were overwritten"
else
	fail "log says that events were overwritten" "$(diglim_event_since "$mark" | jq -c '[.seq, .event]' | paste -s)"
fi
expect_equal 126 "$(./unknown 2>/dev/null; echo $?)" "a full log refuses"
check "a full log lets vouched programs run" /usr/bin/true

# Who reads the events is killed.
diglim watch >/dev/null 2>&1 &
watch=$!
sleep 1
disown $watch
kill -9 $watch
verdicts "no watcher"

# A caller whose memory never comes is told so at once, and holds nothing that others need.
for i in 1 2 3 4 5; do
	expect_equal 14 "$(timeout 20 request park)" "memory that nobody brings, caller $i"
done
check "after them a list can be taken away" diglim unload list-one
check "and loaded" diglim load list-one
check "the books are in order once more" store-check

# Keys and keyrings.
ring() { diglim status --json | jq ".keyrings.$1"; }
silent keys "there are keys"
keyctl clear "$(ring owner)"
keyctl clear "$(ring vendor)"
says keys "keyrings emptied: status says so"
unload=$(diglim unload list-one 2>&1) || fail "a list can be taken away without keys" "$unload"
unchanged 1 "a list without a key" diglim load list-one
verdicts "no keys"
keyctl revoke "$(ring owner)"
says keys "keyring revoked: status says so"
unchanged 1 "a list with the keyring revoked" diglim load list-one
# What holds them is the user keyring of a uid that nobody has, see lib/engine/keyring.c.
check "the anchor of the keyrings is emptied" tamper key-as 0xd1611700 clear @u
sleep 1
says keys "keyrings gone: status says so"
unchanged 2 "a list with the keyring gone" diglim load list-one
case $TEXT in *keyring*) ok "and it names the keyring" ;; *) fail "names the keyring" "$TEXT" ;; esac
verdicts "no keyring"
check "detach without keyrings" diglim detach
rm /etc/diglim/diglim.conf

# Attach killed at any moment: the next one does it.
for pause in 0.1 0.3 0.6 1 1.5 2; do
	diglim attach >/dev/null 2>&1 &
	pid=$!
	sleep $pause
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	if diglim attach >/dev/null 2>&1 || [ "$(diglim status --json | jq .attached)" = true ]; then
		ok "attached after a kill at $pause s"
	else
		fail "attached after a kill at $pause s" "$(diglim attach 2>&1)"
	fi
	check "the books are in order" store-check
	check "detach" diglim detach
done
expect_probe allowed exec /tmp/f/unknown "detached: everything runs"
summary
