#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The machine as a client: s_client and curl show a certificate whose key works in an approved state only. The server has an
# ordinary key and wants to see a certificate of the CA. Its key is Ed25519: diglim-attest(7) says why.
# shellcheck disable=SC2317 # functions that try() calls
# shellcheck source=tests/attest/tls.sh
. "$(dirname "$0")/tls.sh"

key_create approved --approver "$WORK/approver.crt"
approve approved approver first
openssl req -x509 -newkey ed25519 -nodes -keyout "$WORK/server.key" -out "$WORK/server.crt" \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 2>/dev/null || fail "no server's key"

peer()
{
	for _ in 1 2 3 4 5; do
		stop_server
		free_port
		openssl s_server -key "$WORK/server.key" -cert "$WORK/server.crt" -accept "127.0.0.1:$PORT" -CAfile "$WORK/ca.crt" \
			-Verify 1 -verify_return_error -www "${NO_TICKETS[@]}" >"$WORK/server.log" 2>&1 &
		SERVER=$!
		for _ in $(seq 50); do
			grep -q ACCEPT "$WORK/server.log" && return
			kill -0 $SERVER 2>/dev/null || break
			sleep 0.1
		done
	done
	fail "the server does not start: $(cat "$WORK/server.log")"
}

# with_tpm COMMAND...: with the provider and the policies, as diglim-attest(7) has it
with_tpm()
{
	LD_LIBRARY_PATH=$TCTI_LIB TPM2OPENSSL_TCTI="diglim:keys=$WORK/keys,$TCTI" \
		OPENSSL_CONF=$DIGLIM_SOURCE/integrations/openssl/openssl-attest.cnf timeout 30 "$@" >"$WORK/client.log" 2>&1
}
ask()
{
	printf 'GET / HTTP/1.0\r\n\r\n' | with_tpm openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$WORK/server.crt" \
		-verify_return_error -ign_eof "$@" && grep -q '^HTTP/1.0 200' "$WORK/client.log"
}

ask_curl()
{
	with_tpm curl -sS --resolve "localhost:$PORT:127.0.0.1" --cacert "$WORK/server.crt" --no-sessionid "$@" \
		-o "$WORK/page" -w '%{http_code}\n' "https://localhost:$PORT/" && grep -qx 200 "$WORK/client.log"
}

# try COMMAND OPTION...: the options show the certificate
try()
{
	local ask=$1
	shift
	boot state mode enforce
	peer
	$ask && fail "$ask: served without a certificate"
	$ask "$@" || fail "$ask: not served in the approved state: $(cat "$WORK/client.log" "$WORK/server.log")"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	$ask "$@" && fail "$ask: served after an unknown file was used"
	kill -0 $SERVER || fail "the server died"
	grep -q "tpm2::cannot sign" "$WORK/client.log" || fail "$ask: failed for another reason: $(cat "$WORK/client.log")"
	boot state mode enforce
	peer
	$ask "$@" || fail "$ask: not served after the reboot: $(cat "$WORK/client.log" "$WORK/server.log")"
}

try ask -cert "$WORK/approved.crt" -key "$WORK/approved.plain"
if curl --version 2>/dev/null | grep -q OpenSSL; then
	try ask_curl --cert "$WORK/approved.crt" --key "$WORK/approved.plain"
else
	echo "# without a curl that uses OpenSSL"
fi
finish
