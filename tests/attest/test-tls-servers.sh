#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Web servers, unmodified, with several workers, which share the TPM with what was loaded before they were forked:
# with the configuration that diglim-attest(7) shows. Not in threads of one process: tpm2-openssl 1.1.1 fails there,
# with keys without any policy, too.
# shellcheck source=tests/attest/tls.sh
. "$(dirname "$0")/tls.sh"

[ "$(id -u)" = 0 ] || skip "web servers are started as root"
MODULES=/usr/lib/apache2/modules CLIENTS=24
key_create approved --approver "$WORK/approver.crt"
approve approved approver first
# Workers are of another user: they read the policies, and reach the TPM, by themselves.
chmod 755 "$WORK" "$WORK/keys"
chmod 644 "$WORK"/keys/*

nginx_conf()
{
	cat <<-CONF
		daemon off; master_process on; worker_processes 4; user root; pid $WORK/nginx.pid; error_log $WORK/web.log;
		env TPM2OPENSSL_TCTI; env OPENSSL_CONF; env LD_LIBRARY_PATH;
		events {}
		http { access_log off; client_body_temp_path $WORK/t1; proxy_temp_path $WORK/t2; fastcgi_temp_path $WORK/t3;
			uwsgi_temp_path $WORK/t4; scgi_temp_path $WORK/t5;
			server { listen 127.0.0.1:$PORT ssl reuseport; ssl_certificate $WORK/approved.crt;
				ssl_certificate_key $WORK/approved.plain; ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off; } }
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
		Mutex file:$WORK default
		User www-data
		Group www-data
		Listen 127.0.0.1:$PORT
		StartServers 4
		SSLEngine on
		SSLCertificateFile $WORK/approved.crt
		SSLCertificateKeyFile $WORK/approved.plain
		SSLProtocol TLSv1.3
		SSLSessionTickets off
		SSLSessionCache none
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
		kill -0 $SERVER 2>/dev/null || break
		sleep 0.1
	done
	fail "$1 does not serve: $(tail -n 5 "$WORK/web.log" "$WORK/server.log" "$WORK/client.log" 2>&1)"
}

# serves NAME: many at a time, and none after an unknown file was used
serves()
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
	"$RECORD" "$TCTI" 13 "$WORK/log" unknown file /tmp/evil || fail "seal-record"
	! handshake -4 || fail "$1: a handshake after an unknown file was used"
	grep -q alert "$WORK/client.log" || fail "$1: refused for another reason: $(cat "$WORK/client.log")"
	kill -0 $SERVER || fail "$1 died"
	stop_server
}

tried=0
# tools/setup does not install nginx: Debian would start it as a server of this machine.
if command -v nginx >/dev/null; then
	boot state mode enforce
	free_port
	nginx_conf >"$WORK/nginx.conf"
	web_start nginx -c "$WORK/nginx.conf"
	serves nginx
	tried=$((tried + 1))
fi
if [ -e $MODULES/mod_mpm_prefork.so ]; then
	boot state mode enforce
	free_port
	apache_conf >"$WORK/apache.conf"
	web_start apache2 -f "$WORK/apache.conf" -D FOREGROUND
	serves Apache
	tried=$((tried + 1))
fi
[ $tried -gt 0 ] || skip "neither nginx nor Apache here"
finish
