#!/bin/bash
# Volumes that systemd opens in approved states only: one enrolled by systemd-cryptenroll, one with a token of ours.
# Both stay shut before anything is measured, open in the state that predict told, and stay shut after an unknown program.
# vm: long=yes root=debian tpm=1 mem=1536 timeout=600 packages=cryptsetup-bin
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

DROPIN=/etc/systemd/system/diglimd.service.d SIGNATURES=/root/signatures.json PLUS=0+1+2+3+4+5+6+7+8+9+12+13
# shellcheck disable=SC2317 # called by is
pcr() { tpm2_pcrread sha256:13 | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
# shellcheck disable=SC2317 # called by soon
is() { [ "$(pcr)" = "$1" ]; }
# shellcheck disable=SC2317
is_not() { local now; now=$(pcr) && [ -n "$now" ] && [ "$now" != "$1" ]; }

# volume NAME: with a password, a word inside, and no token
# shellcheck disable=SC2317 # called by check
volume()
{
	printf 'a password' >/root/password
	truncate -s 24M "/root/$1"
	cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "/root/$1" /root/password &&
		cryptsetup open --key-file /root/password "/root/$1" "$1" && echo "this is $1" >"/dev/mapper/$1" && cryptsetup close "$1"
}
# Its own program, as an entry of crypttab(5) would have it called; nobody is there to be asked for a password.
# shellcheck disable=SC2317
attach()
{
	/lib/systemd/systemd-cryptsetup attach "$1" "/root/$1" - tpm2-device=auto,tpm2-signature=$SIGNATURES,headless=true \
		>"/tmp/attach.$1" 2>&1
}
opens()
{
	check "$2: systemd opens $1" attach "$1" || { cat "/tmp/attach.$1"; return; }
	expect_equal "this is $1" "$(head -n 1 "/dev/mapper/$1")" "$2: $1 has what was put in"
	check "$2: $1 is closed again" cryptsetup close "$1"
	diglim attest secret open "/root/$1.pem" | base64 -w0 | cryptsetup open --test-passphrase --key-file - "/root/$1"
	check "$2: $1 is opened with what diglim gives" test $? = 0
}
stays_shut()
{
	attach "$1"
	check "$2: $1 stays shut" test ! -e "/dev/mapper/$1"
	diglim attest secret open "/root/$1.pem" >/tmp/out 2>&1
	expect_equal 1 $? "$2: diglim does not get it either"
}

mkdir -p /etc/diglim $DROPIN
printf '[attest]\nregister = 13\ngate = on\n' >/etc/diglim/diglim.conf
ln -s /usr/lib/diglim/diglimd-gate.conf $DROPIN/
systemctl daemon-reload
machine_start
for module in loop dm_crypt xts; do load_module $module; done
openssl req -x509 -newkey rsa:2048 -nodes -keyout /root/approver.key -out /root/approver.crt -days 30 -subj /CN=Approver \
	-addext keyUsage=digitalSignature 2>/dev/null
openssl x509 -in /root/approver.crt -pubkey -noout >/root/approver.pub
check "an attestation key" diglim attest key create /root/ak.pem --ak
: >/root/empty.log
check "the registers of the boot" diglim attest quote /root/boot --ak /root/ak.pem --nonce 00 --pcrs 0-9,12 --log /root/empty.log
diglim attest predict --json >/root/predicted.json
want=$(jq -r '.pcrs.sha256."13"[0]' /root/predicted.json)

check "a volume" volume theirs
PASSWORD='a password' systemd-cryptenroll --tpm2-device=auto --tpm2-pcrs= --tpm2-public-key=/root/approver.pub \
	--tpm2-public-key-pcrs=$PLUS /root/theirs
check "systemd-cryptenroll gives it a token" test $? = 0
cryptsetup token export --token-id 0 /root/theirs >/root/theirs.json
check "the token is taken" diglim attest secret import /root/theirs.pem --token /root/theirs.json

check "another volume" volume ours
head -c 32 /dev/urandom >/root/secret
check "a secret with a token" sh -c 'diglim attest secret seal /root/ours.pem --approver /root/approver.crt --token /root/ours.json </root/secret'
base64 -w0 /root/secret >/root/passphrase
check "its passphrase" cryptsetup luksAddKey --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-slot 1 \
	--key-file /root/password /root/ours /root/passphrase
check "cryptsetup takes the token" cryptsetup token import --key-slot 1 --json-file /root/ours.json /root/ours

for name in theirs ours; do
	check "the state is approved for $name" diglim attest key approve /root/$name.pem --values /root/boot/pcrs.json \
		--values /root/predicted.json --key /root/approver.key --cert /root/approver.crt --name first
done
# The policy and its signature are the same for both.
diglim attest secret signatures /root/ours.pem >$SIGNATURES
diglim attest secret signatures /root/theirs.pem >/root/other.json
expect_equal "$(jq -r '.sha256[0].pol' $SIGNATURES)" "$(jq -r '.sha256[0].pol' /root/other.json)" "one policy for both"
stays_shut theirs "nothing measured yet"
stays_shut ours "nothing measured yet"
# As diglim-attest(7) has it for volumes of crypttab: tried until the state is measured.
UNIT=systemd-cryptsetup@ours.service
echo "ours /root/ours - tpm2-device=auto,tpm2-signature=$SIGNATURES,headless=true,_netdev" >/etc/crypttab
mkdir -p /etc/systemd/system/$UNIT.d
printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\nRestartSec=1\n' >/etc/systemd/system/$UNIT.d/diglim.conf
systemctl daemon-reload
systemctl start --no-block $UNIT
check "its unit fails and is tried again" soon sh -c "[ \$(systemctl show -P NRestarts $UNIT) -ge 2 ]"
check "not opened so far" test ! -e /dev/mapper/ours

check "diglimd starts" systemctl start diglimd
check "the register is what predict said" soon is "$want"
check "the unit opens it" soon test -e /dev/mapper/ours
expect_equal "this is ours" "$(head -n 1 /dev/mapper/ours)" "as it was"
check "the unit closes it" systemctl stop $UNIT
opens theirs "approved"
opens ours "approved"

mkdir -p /opt/u && cp /usr/bin/true /opt/u/one && echo x >>/opt/u/one
check "an unknown program runs" /opt/u/one
check "and changes the register" soon is_not "$want"
stays_shut theirs "unknown program"
stays_shut ours "unknown program"
summary
