#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An unmodified tpm2-openssl serves TLS with a key under a policy, as long as the machine is in an approved state.
# shellcheck source=tests/attest/tls.sh
. "$(dirname "$0")/tls.sh"

key_create frozen --values "$WORK/first.json" --pcrs $REGISTERS
key_create approved --approver "$WORK/approver.crt"
key_create rsa --approver "$WORK/rsaapprover.crt" --rsa
approve approved approver first
approve rsa rsaapprover first

for key in frozen approved rsa; do
	start_server $key "${NO_TICKETS[@]}"
	handshake || fail "$key: no handshake in the approved state: $(cat "$WORK/client.log" "$WORK/server.log")"
	# Registers that do not matter are extended all the time: IMA.
	(while :; do tpm2_pcrextend "14:sha256=$(printf '%064d' 1)" || break; done) >/dev/null 2>&1 &
	noise=$!
	handshake || fail "$key: no handshake while another register is extended: $(cat "$WORK/client.log")"
	kill $noise 2>/dev/null; wait $noise 2>/dev/null
done
start_server rsa "${NO_TICKETS[@]}"
handshake -tls1_2 || fail "rsa: no handshake with TLS 1.2: $(cat "$WORK/client.log" "$WORK/server.log")"

# An unknown file is used while the server runs: no handshake any more, by the same server.
start_server approved "${NO_TICKETS[@]}"
handshake || fail "no handshake before"
"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
refuses "after an unknown file was used"

# The next boot, same state: same key, same certificate.
boot state mode enforce
start_server approved "${NO_TICKETS[@]}"
handshake || fail "no handshake after the reboot: $(cat "$WORK/client.log" "$WORK/server.log")"

# An update: approved before it is there, the running server goes on without a restart.
stop_server
boot state mode audit
values second
start_server approved "${NO_TICKETS[@]}"
refuses "in a state that nobody approved"
approve approved approver second
handshake || fail "the approval is not seen by the running server: $(cat "$WORK/client.log" "$WORK/server.log")"
start_server frozen "${NO_TICKETS[@]}"
refuses "of a frozen key in another state"
boot state mode enforce
start_server approved "${NO_TICKETS[@]}"
handshake || fail "the older approval does not hold any more"

# Another boot (register 4) in which root replays all that is extended into ours.
boot state mode enforce
tpm2_pcrextend "4:sha256=$(printf '%064d' 1)"
start_server approved "${NO_TICKETS[@]}"
refuses "after another boot"
finish
