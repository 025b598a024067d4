#!/bin/bash
# The request channel takes nothing on trust: who asks, what signs, what is signed, how large. After
# every refusal the store is what it was.
# vm: timeout=900
# vm-files: @BUILD@/tests/vm/tools/request:/usr/bin/ @BUILD@/tests/vm/tools/store-dump:/usr/bin/ @TESTDATA@/signed/lua-5.4.2-1.fc33.x86_64.rpm @TESTDATA@/keys/RPM-GPG-KEY-fedora-33-primary.asc
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
cd /tmp || exit 1

# split LIST: the payload and the PKCS#7 of a list file as LIST.payload and LIST.sig
split_list()
{
	local size sig
	size=$(stat -c %s "$1")
	sig=$((16#$(tail -c 32 "$1" | head -c 4 | od -An -tx1 | tr -d ' ')))
	head -c $((size - 40 - sig)) "$1" >"$1.payload"
	tail -c $((40 + sig)) "$1" | head -c $sig >"$1.sig"
}

# sign PAYLOAD SIG KEY CERT [OPTION...]: what openssl makes, in or out of our form
sign() { openssl smime -sign -noattr -binary -nocerts -outform DER -in "$1" -out "$2" -inkey "$3" -signer "$4" "${@:5}" 2>/dev/null; }

# answer WANT NAME REQUEST...: and nothing in the store has changed
answer()
{
	local want=$1 name=$2 before got
	shift 2
	before=$(store-dump | sort | sha256sum)
	got=$(request "$@")
	if [ "$got" != "$want" ]; then
		fail "$name" "answer $got, not $want"
	elif [ "$want" != 2000 ] && [ "$(store-dump | sort | sha256sum)" != "$before" ]; then
		fail "$name" "the store has changed"
	else
		ok "$name"
	fi
}

DONE=2000 VERSION=2001 TOO_LARGE=2002 EXISTS=2006 ABSENT=2007 NO_SIGNATURE=2020 SIG_FORMAT=2021
SIG_HASH=2022 SIG_TRAILER=2025 SIG_INVALID=2026 SIG_NO_KEY=2027 FORMAT=2040 EMPTY=2047

check "an owner" owner_create
check "another key, which nobody trusts" diglim key create --key other.pem --cert other.crt
check "the vendor's key" diglim key add --vendor --yes /vm/files/RPM-GPG-KEY-fedora-33-primary.asc
check "the vendor's list" diglim import --output /tmp/vendor /vm/files/lua-5.4.2-1.fc33.x86_64.rpm
check "an owner's list" diglim sign --name own --key $OWNER_KEY --cert $OWNER_CERT --output own /usr/bin/true
check "a list of the other" diglim sign --name other --key other.pem --cert other.crt --output other /usr/bin/false
check "attach" diglim attach
check "mode off" diglim mode off
cp vendor/rpm-lua-5.4.2-1.fc33.x86_64 rpm
for list in own other rpm; do split_list $list; done

expect_equal 1 "$(setpriv --reuid 65534 --clear-groups --inh-caps=-all request op 1 2>/dev/null)" \
	"a caller without the capability"
expect_equal 1 "$(unshare --user --map-root-user request op 1 2>/dev/null)" \
	"root of a user namespace"
answer $DONE "root is heard" op 1
answer $VERSION "an operation that there is not" op 99
answer $VERSION "another version of the interface" version 2
answer 22 "a request that is too short" size 40
answer 14 "memory that is not there" unmapped

answer $SIG_NO_KEY "a list that nobody we trust signed" add other.payload other.sig
answer $SIG_NO_KEY "a vendor's signature under an owner's list" add own.payload rpm.sig
: >empty
cp own.payload altered
printf 'x' >>altered
answer $SIG_INVALID "one byte more than what was signed" add altered own.sig
answer $NO_SIGNATURE "no signature" add own.payload empty
answer $EMPTY "an empty payload" add empty own.sig
answer $FORMAT "no format we know" add /usr/bin/true own.sig
head -c 5000 /dev/zero >zeros
answer $TOO_LARGE "a signature of 5000 bytes" add own.payload zeros
head -c 4096 /dev/zero >zeros
answer $SIG_FORMAT "zeros for a signature" add own.payload zeros
head -c 3000000 /dev/zero >zeros
answer $TOO_LARGE "a payload larger than the buffer" add zeros own.sig
cat own.sig own.sig >twice
answer $SIG_FORMAT "a signature and something behind it" add own.payload twice

# What the kernel's own PKCS#7 code would accept, and we do not.
sign own.payload sha1.sig $OWNER_KEY $OWNER_CERT -md sha1
answer $SIG_HASH "a SHA-1 signature" add own.payload sha1.sig
openssl smime -sign -binary -nocerts -outform DER -in own.payload -out attr.sig \
	-inkey $OWNER_KEY -signer $OWNER_CERT -md sha256 2>/dev/null
answer $SIG_FORMAT "signed attributes" add own.payload attr.sig
openssl smime -sign -noattr -binary -outform DER -in own.payload -out certs.sig \
	-inkey $OWNER_KEY -signer $OWNER_CERT -md sha256 2>/dev/null
answer $SIG_FORMAT "certificates inside" add own.payload certs.sig
openssl smime -sign -noattr -binary -nocerts -outform DER -in own.payload -out two.sig \
	-inkey $OWNER_KEY -signer $OWNER_CERT -inkey other.pem -signer other.crt -md sha256 2>/dev/null
answer $SIG_FORMAT "two signers" add own.payload two.sig
openssl smime -sign -noattr -binary -nocerts -nodetach -outform DER -in own.payload \
	-out inside.sig -inkey $OWNER_KEY -signer $OWNER_CERT -md sha256 2>/dev/null
answer $SIG_FORMAT "the content inside" add own.payload inside.sig

# An owner's signature over a header is no vendor's, and the other way round.
sign rpm.payload rpm-by-owner.sig $OWNER_KEY $OWNER_CERT -md sha256
answer $SIG_NO_KEY "a header signed by the owner" add rpm.payload rpm-by-owner.sig
openssl x509 -in other.crt -outform DER | keyctl padd asymmetric other %:diglim_vendor >/dev/null
answer $SIG_NO_KEY "an owner's list signed with a key of the vendor keyring" add other.payload other.sig
sign rpm.payload rpm-other.sig other.pem other.crt -md sha512
answer $SIG_TRAILER "a hash that the OpenPGP trailer does not name" add rpm.payload rpm-other.sig

for hash in sha256 sha384 sha512; do
	sign own.payload $hash.sig $OWNER_KEY $OWNER_CERT -md $hash
	answer $DONE "an owner's list, $hash" add own.payload $hash.sig
	answer $EXISTS "the same list again, $hash" add own.payload $hash.sig
	id=$(diglim status --lists --json | jq -r '.loaded_lists[] | select(.name == "own") | .id')
	answer $DONE "taken away by its identity" remove "$id"
	answer $ABSENT "taken away again" remove "$id"
done
answer $DONE "the vendor's list" add rpm.payload rpm.sig
answer $EXISTS "the vendor's list again" add rpm.payload rpm.sig
expect_equal "$(rpm -qp --nosignature --qf '[%{FILEDIGESTS}\n]' /vm/files/lua*.rpm 2>/dev/null |
	grep . | sort -u | sha256sum)" "$(store-dump | cut -d' ' -f1 | sort -u | sha256sum)" \
	"the store holds the vendor's digests"

# Many at once: every answer is a clear one, and in the end each list is there once.
mkdir many
for i in $(seq 12); do
	printf 'many %s\n' "$i" >"many/$i.file"
	diglim sign --all --use exec --name "many-$i" --key $OWNER_KEY --cert $OWNER_CERT \
		--output "many/list-$i" "many/$i.file" >/dev/null
done
for _ in 1 2 3 4 5 6; do (diglim load many/list-* >/dev/null 2>&1) & done
wait
expect_equal 12 "$(diglim status --lists --json | jq '[.loaded_lists[] | select(.name | startswith("many-"))] | length')" \
	"six loaders of the same twelve lists"
for _ in 1 2 3; do (diglim unload many/list-* >/dev/null 2>&1) & done
wait
expect_equal 1 "$(diglim status --json | jq .lists)" "three unloaders"
check "detach" diglim detach

# A list that does not fit says what would make it fit.
mkdir files
for i in $(seq 1500); do echo "$i" >"files/a file with a rather long name, for its number is $i"; done
check "a list of 1500 files" diglim sign --all --name large --key $OWNER_KEY --cert $OWNER_CERT \
	--output large files
printf '[ingest]\nbuffer = 64K\n' >/etc/diglim/diglim.conf
expect_status 2 "sign refuses it before the kernel does" diglim sign --all --name large \
	--key $OWNER_KEY --cert $OWNER_CERT --output too-large files
check "attach with a small buffer" diglim attach
text=$(diglim load large 2>&1)
expect_equal 2 $? "a list larger than the buffer is trouble"
case $text in
*"takes "*" bytes, the ingest buffer 65536: raise buffer in [ingest]"*) ok "both sizes and the setting" ;;
*) fail "both sizes and the setting" "$text" ;;
esac
expect_equal 0 "$(diglim status --json | jq .digests)" "nothing of it is in the store"
check "detach from it" diglim detach
summary
