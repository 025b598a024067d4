# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by tests of TLS with a key in the TPM: a CA, an approver, and servers on a port of their own. The TPM is there
# when this file was read, and goes with the shell.
# shellcheck source=tests/attest/swtpm.sh
. "$(dirname "${BASH_SOURCE[0]}")/swtpm.sh"
RECORD=$DIGLIM_BUILD/tests/attest/seal-record
REGISTERS=0,4,9,12,13
TCTI_LIB=$DIGLIM_BUILD/lib/tcti
modules=$(openssl version -m | sed 's/^[^"]*"//; s/"$//')
[ -e "$modules/tpm2.so" ] || skip "no tpm2-openssl here"
readelf -d "$TCTI_LIB/libtss2-tcti-diglim.so.0" | grep -E 'NEEDED.*(libcrypto|libssl)' && fail "the TCTI links OpenSSL"
# What tpm2-openssl and the TPM say of it
POLICY_FAILS='policy|tpm:session'
SERVER=
# There is no resource manager: what a killed server had loaded stays in the TPM.
stop_server()
{
	[ -n "$SERVER" ] || return 0
	kill "$SERVER" 2>/dev/null
	wait "$SERVER" 2>/dev/null
	SERVER=
	tpm2_flushcontext -t 2>/dev/null
	tpm2_flushcontext -l 2>/dev/null
}
# Not for a child that was killed before it became another program: bash gives it our trap.
trap '[ "$BASHPID" = $$ ] && { stop_server; tpm_stop; rm -rf "$WORK"; }' EXIT
tpm_start

# A CA, an approver, a key of the TPM with a certificate.
for who in ca approver; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/$who.key" -out "$WORK/$who.crt" \
		-subj "/CN=$who" -days 30 2>/dev/null || fail "no $who"
done
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/rsaapprover.key" -out "$WORK/rsaapprover.crt" -subj /CN=rsa -days 30 2>/dev/null

# certified NAME: a certificate for NAME.pub in NAME.crt
certified()
{
	openssl x509 -new -force_pubkey "$WORK/$1.pub" -subj /CN=localhost -CA "$WORK/ca.crt" -CAkey "$WORK/ca.key" -days 1 \
		-out "$WORK/$1.crt" 2>/dev/null || fail "no certificate for $1"
}

# boot STATEMENT...: the machine boots into it; its values go to $WORK/ev/pcrs.json
boot()
{
	stop_server
	tpm_restart
	rm -f "$WORK/log"
	"$RECORD" "$TCTI" 13 "$WORK/log" "$@" || fail "seal-record $*"
}
values()
{
	run 0 attest quote "$WORK/ev" --ak "$WORK/ak.pem" --nonce 00 --pcrs $REGISTERS --log "$WORK/log" --tcti "$TCTI"
	cp "$WORK/ev/pcrs.json" "$WORK/$1.json"
}

# Below the ports that the kernel gives to the many connections with the TPM.
free_port() { PORT=$((10000 + RANDOM % 10000)); }

# start_server NAME [OPTION...]
start_server()
{
	local name=$1 try
	shift
	for try in 1 2 3 4 5; do
		stop_server
		free_port
		serve "$name" "$@" && return
		grep -q 'already in use' "$WORK/server.log" || break
	done
	fail "the server does not start at try $try: $(cat "$WORK/server.log")"
}

# serve NAME OPTION...: one try, on $PORT
serve()
{
	local name=$1
	shift
	LD_LIBRARY_PATH=$TCTI_LIB TPM2OPENSSL_TCTI="diglim:keys=$WORK/keys,$TCTI" \
		OPENSSL_CONF=$DIGLIM_SOURCE/integrations/openssl/openssl-attest.cnf openssl s_server -key "$WORK/$name.plain" -cert "$WORK/$name.crt" \
		-accept "127.0.0.1:$PORT" -www "$@" >"$WORK/server.log" 2>&1 &
	SERVER=$!
	for _ in $(seq 50); do
		grep -q ACCEPT "$WORK/server.log" && return 0
		kill -0 $SERVER 2>/dev/null || break
		sleep 0.1
	done
	return 1
}

# handshake [OPTION...]: full, from somebody who trusts the CA
handshake()
{
	timeout 20 openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$WORK/ca.crt" -verify_return_error -brief "$@" \
		</dev/null >"$WORK/client.log" 2>&1 && grep -q 'Verification: OK' "$WORK/client.log"
}

# refuses WHAT [OPTION...]: no handshake, since the server's TPM does not find the policy met. It says so with an alert, and
# lives on.
refuses()
{
	local said
	said=$(wc -l <"$WORK/server.log")
	handshake "${@:2}" && fail "a handshake $1"
	grep -q alert "$WORK/client.log" || fail "refused for another reason $1: $(cat "$WORK/client.log")"
	tail -n +$((said + 1)) "$WORK/server.log" | grep -qiE "$POLICY_FAILS" || fail "refused for another reason $1: $(cat "$WORK/server.log")"
	kill -0 "$SERVER" || fail "the server died $1"
}

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

# approve KEY APPROVER NAME: the state of $WORK/NAME.json
approve() { run 0 attest key approve "$WORK/keys/$1.pem" --values "$WORK/$3.json" --pcrs $REGISTERS --key "$WORK/$2.key" --cert "$WORK/$2.crt" --name "$3"; }

# What lets no session be resumed.
# shellcheck disable=SC2034 # tests read it
NO_TICKETS=(-num_tickets 0 -no_ticket -no_cache)

mkdir "$WORK/keys"
boot state mode enforce
run 0 attest key create "$WORK/ak.pem" --ak --tcti "$TCTI"
values first

# key_create NAME [OPTION...]: a key in keys/NAME.pem, with a certificate
key_create()
{
	local name=$1
	shift
	run 0 attest key create "$WORK/keys/$name.pem" "$@" --tcti "$TCTI" --public "$WORK/$name.pub" --plain "$WORK/$name.plain"
	certified "$name"
}
