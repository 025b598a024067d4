#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A resumed session proves nothing: it uses no key. With what diglim-attest(7) says of tickets and caches there is none
# to resume; without, there is, which shows that the test would see it.
# shellcheck source=tests/attest/tls.sh
. "$(dirname "$0")/tls.sh"

key_create rsa --approver "$WORK/rsaapprover.crt" --rsa
approve rsa rsaapprover first

# session VERSION: a handshake whose session is kept, if the server gives one. s_client must wait for the tickets of TLS
# 1.3, which come with the first answer.
session()
{
	rm -f "$WORK/session"
	printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$WORK/ca.crt" \
		-verify_return_error "$1" -ign_eof -sess_out "$WORK/session" >"$WORK/client.log" 2>&1
	grep -q '^New, ' "$WORK/client.log"
}

# resumes VERSION: the session is taken again
resumes()
{
	[ -s "$WORK/session" ] || return
	timeout 20 openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$WORK/ca.crt" -verify_return_error "$1" \
		-sess_in "$WORK/session" </dev/null >"$WORK/client.log" 2>&1
	grep -q '^Reused, ' "$WORK/client.log"
}

for version in -tls1_2 -tls1_3; do
	boot state mode enforce
	start_server rsa
	session $version || fail "$version: no handshake: $(cat "$WORK/client.log" "$WORK/server.log")"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	handshake $version && fail "$version: a handshake after an unknown file was used"
	resumes $version || fail "$version: with tickets and cache, no session is resumed: $(cat "$WORK/client.log")"

	boot state mode enforce
	start_server rsa "${NO_TICKETS[@]}"
	session $version || fail "$version, no tickets: no handshake: $(cat "$WORK/client.log" "$WORK/server.log")"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	resumes $version && fail "$version: a session was resumed without tickets and cache"
	handshake $version && fail "$version, no tickets: a handshake after an unknown file was used"
done
finish
