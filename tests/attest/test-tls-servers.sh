#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Web servers, unmodified, with several workers, which share the TPM with what was loaded before they were forked:
# with the configuration that diglim-attest(7) shows, and without its lines on tickets and caches, to see what they are good
# for. Not in threads of one process: tpm2-openssl 1.1.1 fails there,
# with keys without any policy, too.
# shellcheck disable=SC2317 # functions that try() calls
# shellcheck source=tests/attest/tls.sh
. "$(dirname "$0")/tls.sh"

[ "$(id -u)" = 0 ] || skip "web servers are started as root"
MODULES=/usr/lib/apache2/modules CLIENTS=24
key_create approved --approver "$WORK/approver.crt"
approve approved approver first
# Workers are of another user: they read the policies, and reach the TPM, by themselves.
chmod 755 "$WORK" "$WORK/keys"
chmod 644 "$WORK"/keys/*

# nginx_conf LINES, apache_conf LINES: with these of tickets and caches
nginx_conf()
{
	cat <<-CONF
		daemon off; master_process on; worker_processes 4; user root; pid $WORK/nginx.pid; error_log $WORK/web.log;
		env TPM2OPENSSL_TCTI; env OPENSSL_CONF; env LD_LIBRARY_PATH;
		events {}
		http { access_log off; client_body_temp_path $WORK/t1; proxy_temp_path $WORK/t2; fastcgi_temp_path $WORK/t3;
			uwsgi_temp_path $WORK/t4; scgi_temp_path $WORK/t5;
			server { listen 127.0.0.1:$PORT ssl reuseport; ssl_certificate $WORK/approved.crt;
				ssl_certificate_key $WORK/approved.plain; ssl_protocols TLSv1.3; $1 } }
	CONF
}

apache_conf()
{
	cat <<-CONF
		LoadModule mpm_prefork_module $MODULES/mod_mpm_prefork.so
		LoadModule authz_core_module $MODULES/mod_authz_core.so
		LoadModule ssl_module $MODULES/mod_ssl.so
		ServerName localhost
		ServerRoot $WORK
		DocumentRoot $WORK/keys
		PidFile $WORK/apache.pid
		ErrorLog $WORK/web.log
		LogLevel ssl:info
		Mutex file:$WORK default
		User www-data
		Group www-data
		Listen 127.0.0.1:$PORT
		StartServers 4
		SSLEngine on
		SSLCertificateFile $WORK/approved.crt
		SSLCertificateKeyFile $WORK/approved.plain
		SSLProtocol TLSv1.3
		$1
	CONF
}

# web_start COMMAND...: with the provider and the policies. Apache ends its whole process group.
web_start()
{
	LD_LIBRARY_PATH=$TCTI_LIB TPM2OPENSSL_TCTI="diglim:keys=$WORK/keys,$TCTI" \
		OPENSSL_CONF=$DIGLIM_SOURCE/integrations/openssl/openssl-attest.cnf setsid "$@" >"$WORK/server.log" 2>&1 &
	SERVER=$!
	for _ in $(seq 100); do
		handshake -4 && return
		kill -0 "$SERVER" 2>/dev/null || break
		sleep 0.1
	done
	fail "$1 does not serve: $(tail -n 5 "$WORK/web.log" "$WORK/server.log" "$WORK/client.log" 2>&1)"
}

# many NAME: at a time
many()
{
	local clients='' i good
	rm -f "$WORK"/client.[0-9]*
	for i in $(seq $CLIENTS); do
		timeout 120 openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$WORK/ca.crt" -verify_return_error -brief \
			</dev/null >"$WORK/client.$i" 2>&1 &
		clients+=" $!"
	done
	# shellcheck disable=SC2086 # numbers of processes
	wait $clients
	good=$(grep -l 'Verification: OK' "$WORK"/client.[0-9]* | wc -l)
	[ "$good" = $CLIENTS ] || fail "$1: $good of $CLIENTS handshakes at a time: $(tail -n 5 "$WORK/web.log" "$WORK/server.log" "$WORK/client.1" 2>&1)"
}

# serves NAME: and not after an unknown file was used; a session of before is not resumed
serves()
{
	many "$1"
	session -tls1_3 || fail "$1: no session: $(cat "$WORK/client.log")"
	: >"$WORK/web.log"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	! handshake -4 || fail "$1: a handshake after an unknown file was used"
	grep -q alert "$WORK/client.log" || fail "$1: refused for another reason: $(cat "$WORK/client.log")"
	cat "$WORK/web.log" "$WORK/server.log" | grep -qiE "$POLICY_FAILS" || fail "$1: refused for another reason: $(cat "$WORK/web.log")"
	! resumes -tls1_3 || fail "$1: resumes a session of before"
	kill -0 "$SERVER" || fail "$1 died"
	stop_server
}

# resumes_else NAME: it would without those lines
resumes_else()
{
	session -tls1_3 || fail "$1: no session: $(cat "$WORK/client.log")"
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	! handshake -4 || fail "$1: a handshake after an unknown file was used"
	resumes -tls1_3 || fail "$1: resumes nothing with tickets either: $(cat "$WORK/client.log")"
	stop_server
}

nginx_start() { nginx_conf "$1" >"$WORK/nginx.conf"; web_start nginx -c "$WORK/nginx.conf"; }
apache_start() { apache_conf "$1" >"$WORK/apache.conf"; web_start apache2 -f "$WORK/apache.conf" -D FOREGROUND; }
# try NAME START LINES
try()
{
	boot state mode enforce
	free_port
	"$2" "$3"
	serves "$1"
	boot state mode enforce
	free_port
	"$2" ""
	resumes_else "$1"
	tried=$((tried + 1))
}

tried=0
# tools/setup does not install nginx: Debian would start it as a server of this machine.
! command -v nginx >/dev/null || try nginx nginx_start 'ssl_session_tickets off; ssl_session_cache off;'
[ ! -e $MODULES/mod_mpm_prefork.so ] || try Apache apache_start $'SSLSessionTickets off\nSSLSessionCache none'
[ $tried -gt 0 ] || skip "neither nginx nor Apache here"
finish
