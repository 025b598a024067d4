#!/bin/bash
# The guest's part of tools/demo-attest, in both boots of one machine: what has to stay (keys, lists, certificates;
# the TPM keeps its own) goes out between the lines KEPT at the end of the first, and comes in for the second.
# Every step prints the command and whether that was to be expected; one that goes another way fails the whole.
set -u
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/tls.sh
. /vm/tls.sh

REGISTERS=0,4,9,12,13 PEER=4434 LOG=/run/diglim/measure.log
KEPT=/vm/files/kept.tar.gz
STEP=0
title() { STEP=$((STEP + 1)); printf '\n=== %d. %s\n' "$STEP" "$1"; }
note() { printf '    (%s)\n' "$1"; }
wrong()
{
	printf '!!! %s\n' "$1"
	tail -n 5 $TLS_LOG /tmp/diglimd.log 2>/dev/null
	exit 1
}
# run WANT COMMAND...: as tests/vm/demo/guest.sh has it
run()
{
	local want=$1 status=0
	shift
	printf '\n$ %s\n' "$*"
	"$@" 2>&1 | cat
	status=${PIPESTATUS[0]}
	[ "$status" = "$want" ] || wrong "status $status, not $want"
}
pcr() { tpm2_pcrread sha256:13 | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
quiet() { "$@" >/tmp/quiet 2>&1 || { cat /tmp/quiet; wrong "$*"; }; }

answers()
{
	printf '\n$ openssl s_client -connect 127.0.0.1:%s -CAfile ca.crt\n' $TLS_PORT
	tls_handshake || { cat /tmp/client.log; wrong "no handshake"; }
	grep -E '^(Protocol|Ciphersuite|Verification)' /tmp/client.log
}
refuses()
{
	printf '\n$ openssl s_client -connect 127.0.0.1:%s -CAfile ca.crt\n' $TLS_PORT
	! tls_handshake || wrong "a handshake that should have failed"
	grep -i alert /tmp/client.log || { cat /tmp/client.log; wrong "it failed for another reason"; }
	kill -0 $TLS_SERVER || wrong "the server died"
}

# Another machine, with an ordinary key, which wants to see a certificate of the CA.
peer()
{
	# Ed25519: the signatures that the TPM knows tpm2-openssl has the TPM check, and loses them (diglim-attest(7)).
	quiet openssl req -x509 -newkey ed25519 -nodes -keyout /root/peer.key -out /root/peer.crt \
		-subj /CN=peer -addext subjectAltName=DNS:peer -days 2
	openssl s_server -key /root/peer.key -cert /root/peer.crt -accept 127.0.0.1:$PEER -www -CAfile /root/ca.crt -Verify 1 \
		-verify_return_error -num_tickets 0 -no_ticket -no_cache >/tmp/peer.log 2>&1 &
	soon grep -q ACCEPT /tmp/peer.log || wrong "the peer does not start"
}
ask()
{
	printf '\n$ curl --cert tls.crt --key tls.plain https://peer:%s/\n' $PEER
	OPENSSL_CONF=$(find /usr -name openssl-attest.cnf | head -n 1) timeout 60 curl -sS --resolve peer:$PEER:127.0.0.1 --no-sessionid \
		--cacert /root/peer.crt --cert /root/tls.crt --key /root/tls.plain -o /dev/null -w 'HTTP %{http_code}\n' \
		https://peer:$PEER/ >/tmp/curl.log 2>&1
}
served() { ask || { cat /tmp/curl.log /tmp/peer.log; wrong "curl is not served"; }; grep 'HTTP 200' /tmp/curl.log || wrong "not served"; }
turned_away() { ! ask || wrong "curl was served"; cat /tmp/curl.log; }

attach()
{
	run 0 diglim attach
	diglimd 2>/tmp/diglimd.log &
	for _ in $(seq 100); do
		[ "$(pcr)" = "$1" ] && break
		sleep 0.2
	done
	printf '\nregister 13: %s\npredicted:   %s\n' "$(pcr)" "$1"
	[ "$(pcr)" = "$1" ] || wrong "the register is another than predicted"
}
predicted() { jq -r '.pcrs.sha256."13"[0]' /root/predicted.json; }

first_boot()
{
	title "An owner, who vouches for what this machine has"
	mkdir -p /etc/diglim /root/keys
	printf '[attest]\nregister = 13\n' >/etc/diglim/diglim.conf
	machine_vouch || wrong "nobody vouches for this machine"
	run 0 cat /etc/diglim/diglim.conf
	quiet tls_authorities

	title "What the TPM's register will hold, told from lists, keys and settings alone"
	run 0 diglim attest predict
	diglim attest predict --json >/root/predicted.json
	note "the register itself is still: $(pcr)"

	title "A TLS key of this TPM, usable only in states that the approver signs"
	: >/tmp/no.log
	quiet diglim attest key create /root/ak.pem --ak
	quiet diglim attest quote /root/now --ak /root/ak.pem --nonce 00 --pcrs $REGISTERS --log /tmp/no.log
	run 0 diglim attest key create /root/keys/tls.pem --approver /root/approver.crt --public /root/tls.pub --plain /root/tls.plain
	run 0 diglim attest key approve /root/keys/tls.pem --values /root/now/pcrs.json --values /root/predicted.json --pcrs $REGISTERS \
		--key /root/approver.key --cert /root/approver.crt --name predicted
	quiet tls_certificate
	note "its certificate is an ordinary one; boot registers 0, 4, 9 and 12 are as they are now, 13 as predicted"

	title "Before DIGLIM is attached the key is of no use"
	tls_serve || wrong "the server does not start"
	refuses

	title "Attached, the same server answers"
	attach "$(predicted)"
	answers
	answers

	title "And as a client curl shows this certificate to a server that asks for one"
	peer
	served

	title "An unknown program runs (audit mode: nothing is refused)"
	mkdir -p /opt/local
	cp /usr/bin/id /opt/local/unknown && printf x >>/opt/local/unknown
	run 0 /opt/local/unknown
	for _ in $(seq 100); do
		[ "$(pcr)" != "$(predicted)" ] && break
		sleep 0.2
	done
	run 1 diglim attest log $LOG

	title "The same server, not restarted, can complete no handshake any more"
	refuses
	refuses
	turned_away
	note "and nothing but starting the machine anew helps"
	tar -C / -czf /tmp/kept etc/diglim root
	echo KEPT
	base64 /tmp/kept
	echo KEPT
}

second_boot()
{
	title "The machine was started anew"
	tar -C / -xzf $KEPT || wrong "nothing was kept"
	tls_serve || wrong "the server does not start"
	refuses
	note "not yet: diglim=off would look like this"
	attach "$(predicted)"

	title "The same key with the same certificate answers again"
	answers
}

if [ -e $KEPT ]; then second_boot; else first_boot; fi
tpm2_shutdown -c 2>/dev/null
exit 0
