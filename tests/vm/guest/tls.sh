# shellcheck shell=bash
# Sourced by guest scripts that have a TLS server with a key of the TPM: /root/keys/tls.pem is its key file,
# /root/tls.plain what OpenSSL reads, /root/tls.pub and /root/tls.crt its public key and certificate.

TLS_PORT=4433 TLS_LOG=/tmp/server.log TLS_SERVER=
export TPM2OPENSSL_TCTI="diglim:keys=/root/keys,device:/dev/tpmrm0"

# A CA, and who approves states of machines
tls_authorities()
{
	local who
	mkdir -p /root/keys
	for who in ca approver; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /root/$who.key -out /root/$who.crt \
			-subj /CN=$who -days 30 || return
	done
}

tls_certificate()
{
	openssl x509 -new -force_pubkey /root/tls.pub -subj /CN=localhost -CA /root/ca.crt -CAkey /root/ca.key -days 7 -out /root/tls.crt
}

tls_serve()
{
	# No tickets, no cache: a resumed session proves nothing.
	OPENSSL_CONF=$(find /usr -name openssl-attest.cnf | head -n 1) openssl s_server -key /root/tls.plain -cert /root/tls.crt \
		-accept 127.0.0.1:$TLS_PORT -www -num_tickets 0 -no_ticket -no_cache >$TLS_LOG 2>&1 &
	# shellcheck disable=SC2034 # for scripts that look whether it lives
	TLS_SERVER=$!
	for _ in $(seq 100); do
		! grep -q ACCEPT $TLS_LOG || return 0
		sleep 0.3
	done
	return 1
}

# Who asks: an ordinary TLS client that trusts the CA. A connection of its own each time.
tls_handshake()
{
	timeout 60 openssl s_client -connect 127.0.0.1:$TLS_PORT -CAfile /root/ca.crt -verify_return_error -brief \
		</dev/null >/tmp/client.log 2>&1 && grep -q 'Verification: OK' /tmp/client.log
}
