#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A resumed session proves nothing: it uses no key. With what diglim-attest(7) says of tickets and caches there is none
# to resume; without, there is, which shows that the test would see it.
# shellcheck source=tests/attest/tls.sh
. "$(dirname "$0")/tls.sh"

key_create rsa --approver "$WORK/rsaapprover.crt" --rsa
approve rsa rsaapprover first

for version in -tls1_2 -tls1_3; do
	boot state mode enforce
	start_server rsa
	session $version || fail "$version: no handshake: $(cat "$WORK/client.log" "$WORK/server.log")"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	refuses "of $version after an unknown file was used" $version
	resumes $version || fail "$version: with tickets and cache, no session is resumed: $(cat "$WORK/client.log")"

	boot state mode enforce
	start_server rsa "${NO_TICKETS[@]}"
	session $version || fail "$version, no tickets: no handshake: $(cat "$WORK/client.log" "$WORK/server.log")"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	resumes $version && fail "$version: a session was resumed without tickets and cache"
	refuses "of $version after an unknown file was used, no tickets" $version
done

# A client that does not resume gets nothing from a server that would: two connections of one process.
if curl --version 2>/dev/null | grep -q OpenSSL; then
	boot state mode enforce
	start_server rsa
	# pages OPTION...: how the second of two came about
	pages()
	{
		curl -sS --resolve "localhost:$PORT:127.0.0.1" --cacert "$WORK/ca.crt" "$@" -o "$WORK/page1" "https://localhost:$PORT/" \
			-o "$WORK/page2" "https://localhost:$PORT/" 2>"$WORK/client.log" || fail "curl: $(cat "$WORK/client.log")"
		grep -q '^New, ' "$WORK/page1" || fail "the first page tells nothing: $(cat "$WORK/page1")"
		grep -o '^New, \|^Reused, ' "$WORK/page2"
	}
	[ "$(pages)" = "Reused, " ] || fail "curl resumes nothing: the next line proves nothing"
	[ "$(pages --no-sessionid)" = "New, " ] || fail "curl resumes with --no-sessionid, too"
else
	echo "# without a curl that uses OpenSSL"
fi
finish
