#!/bin/bash
# The demo's part inside the guest. Every step prints the command, what it says, and whether that
# was to be expected; one step that goes another way fails the whole.
set -u

STEP=0
title() { STEP=$((STEP + 1)); printf '\n=== %d. %s\n' "$STEP" "$1"; }
note() { printf '    (%s)\n' "$1"; }
wrong() {
	printf '!!! %s\n' "$1"
	exit 1
}
# run WANT COMMAND...: shows and runs the command, which must end with status WANT ("no": any but 0)
run()
{
	local want=$1 status=0
	shift
	printf '\n$ %s\n' "$*"
	# Through a pipe, so that progress bars do not draw over the transcript.
	"$@" 2>&1 | cat
	status=${PIPESTATUS[0]}
	case $want in
	no) [ "$status" != 0 ] || wrong "this should have failed" ;;
	*) [ "$status" = "$want" ] || wrong "status $status, not $want" ;;
	esac
}

cd /vm/files || exit 1
mkdir -p /opt/vendor /opt/local /etc/diglim/keys.d

title "A stock kernel"
run 0 uname -srv
note "Debian's own image, unpatched; DIGLIM is not attached yet"
run 0 diglim doctor
note "it names what is missing: a key, lists, attaching"

title "The vendor's key and package"
run 0 diglim key add --vendor --yes vendor.asc
run 0 diglim import hello.rpm
(cd /opt/vendor && rpm2cpio /vm/files/hello.rpm | cpio -idm --quiet) || wrong "cannot unpack"
note "the package's files were unpacked to /opt/vendor"

title "The rest of this machine is the owner's: one key, one signed list"
run 0 diglim key create --name "Demo owner" --key /root/owner.pem --cert /root/owner.crt
run 0 diglim key add --owner --yes /root/owner.crt
run 0 diglim sign --name this-machine --key /root/owner.pem --cert /root/owner.crt \
	--output /etc/diglim/lists.d/this-machine /usr /bin /sbin /lib /lib64 /vm

title "Attach and enforce"
run 0 diglim attach
run 0 diglim mode enforce
run 0 diglim status

title "The packaged program runs"
run 0 /opt/vendor/usr/bin/hello
run 0 diglim explain /opt/vendor/usr/bin/hello

title "The same program with one byte added is refused"
cp /opt/vendor/usr/bin/hello /opt/local/hello-altered
printf 'x' >>/opt/local/hello-altered
diglim watch >/tmp/watched 2>&1 &
watch=$!
sleep 1
run no /opt/local/hello-altered
sleep 2
kill $watch
printf '\n$ diglim watch\n'
note "it had been running beside"
cat /tmp/watched
grep -q /opt/local/hello-altered /tmp/watched || wrong "watch did not see it"
run 1 diglim explain /opt/local/hello-altered

title "A list with one bit flipped is refused by the kernel"
list=$(ls /var/lib/diglim/lists/rpm-hello-*)
run 0 diglim unload "$list"
run no /opt/vendor/usr/bin/hello
note "unloaded: refused at once, although its verdict had been cached"
cp "$list" /tmp/flipped
middle=$(($(stat -c %s "$list") / 2))
byte=$(od -An -tu1 -j $middle -N 1 /tmp/flipped | tr -d ' ')
# shellcheck disable=SC2059
printf "\\x$(printf %02x $((byte ^ 1)))" |
	dd of=/tmp/flipped bs=1 seek=$middle conv=notrunc status=none
run no diglim load /tmp/flipped
run no /opt/vendor/usr/bin/hello
run 0 diglim load "$list"
run 0 /opt/vendor/usr/bin/hello

title "A local program is signed with the owner's key, loaded, and runs"
printf '#!/bin/sh\necho "made here"\n' >/opt/local/mine
chmod 755 /opt/local/mine
run no /opt/local/mine
run 0 diglim sign --name mine --key /root/owner.pem --cert /root/owner.crt \
	--output /etc/diglim/lists.d/mine /opt/local/mine
run 0 diglim load /etc/diglim/lists.d/mine
run 0 /opt/local/mine

title "And off again"
run 0 diglim detach
run 0 /opt/local/hello-altered
printf '\nEverything went as it should.\n'
