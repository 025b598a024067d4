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
handshake && fail "a handshake after an unknown file was used"
grep -q 'alert' "$WORK/client.log" || fail "refused for another reason: $(cat "$WORK/client.log")"
kill -0 $SERVER || fail "the server died"

# nginx: master and several workers, which share the TPM with what is loaded there.
# nginx_conf: what is shown in diglim-attest(7), and what a test needs
nginx_conf()
{
	cat <<-CONF
		daemon off; master_process on; worker_processes 4; user root; pid $WORK/nginx.pid; error_log $WORK/nginx.log;
		env TPM2OPENSSL_TCTI; env OPENSSL_CONF; env LD_LIBRARY_PATH;
		events {}
		http { access_log off; client_body_temp_path $WORK/t1; proxy_temp_path $WORK/t2; fastcgi_temp_path $WORK/t3;
			uwsgi_temp_path $WORK/t4; scgi_temp_path $WORK/t5;
			server { listen 127.0.0.1:$PORT ssl reuseport; ssl_certificate $WORK/approved.crt;
				ssl_certificate_key $WORK/approved.plain; ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off; } }
	CONF
}
if command -v nginx >/dev/null && [ "$(id -u)" = 0 ]; then
	boot state mode enforce
	free_port
	nginx_conf >"$WORK/nginx.conf"
	LD_LIBRARY_PATH=$TCTI_LIB TPM2OPENSSL_TCTI="diglim:keys=$WORK/keys,$TCTI" \
		OPENSSL_CONF=$DIGLIM_SOURCE/integrations/openssl/openssl-attest.cnf nginx -c "$WORK/nginx.conf" >"$WORK/server.log" 2>&1 &
	SERVER=$!
	for _ in $(seq 50); do [ -s "$WORK/nginx.pid" ] && handshake && break; sleep 0.1; done
	clients=
	for i in $(seq 24); do
		timeout 60 openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$WORK/ca.crt" -verify_return_error -brief \
			</dev/null >"$WORK/client.$i" 2>&1 &
		clients+=" $!"
	done
	# shellcheck disable=SC2086 # numbers of processes
	wait $clients
	[ "$(grep -l 'Verification: OK' "$WORK"/client.* | wc -l)" -ge 24 ] ||
		fail "nginx: $(grep -l 'Verification: OK' "$WORK"/client.* | wc -l) of 24 handshakes at a time: $(tail -n 5 "$WORK/nginx.log" "$WORK/server.log" "$WORK/client.1" 2>&1)"
	tpm2_pcrextend "13:sha256=$(printf '%064d' 1)" 2>/dev/null
	handshake && fail "nginx: a handshake after register 13 was extended"
	stop_server
else
	# tools/setup does not install it: Debian would start it as a server of this machine.
	echo "# without nginx, or not as root: not with several workers"
fi

# The next boot, same state: same key, same certificate.
boot state mode enforce
start_server approved "${NO_TICKETS[@]}"
handshake || fail "no handshake after the reboot: $(cat "$WORK/client.log" "$WORK/server.log")"

# An update: approved before it is there, the running server goes on without a restart.
stop_server
boot state mode audit
values second
start_server approved "${NO_TICKETS[@]}"
handshake && fail "a handshake in a state that nobody approved"
approve approved approver second
handshake || fail "the approval is not seen by the running server: $(cat "$WORK/client.log" "$WORK/server.log")"
start_server frozen "${NO_TICKETS[@]}"
handshake && fail "a frozen key works in another state"
boot state mode enforce
start_server approved "${NO_TICKETS[@]}"
handshake || fail "the older approval does not hold any more"

# Another boot (register 4) in which root replays all that is extended into ours.
boot state mode enforce
tpm2_pcrextend "4:sha256=$(printf '%064d' 1)"
start_server approved "${NO_TICKETS[@]}"
handshake && fail "a handshake after another boot"
finish
