#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# setup and setup --undo on a system below --root: everything is said before it is done, a dry run changes
# nothing, and undoing leaves exactly what was there, also after setup was killed anywhere.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/debian.sh
. "$(dirname "$0")/debian.sh"

[ "$(id -u)" = 0 ] || skip "running a program below another root takes root"
SHELL_LIBS=$(ldd /bin/busybox 2>/dev/null | grep -o '/[^ ]*')
[ -z "$SHELL_LIBS" ] || skip "busybox is not static"
# The program itself and its libraries, for hooks below the root.
mkdir -p "$WORK/own/usr/sbin"
{ readlink -f "$DIGLIM"; ldd "$DIGLIM" | grep -o '/[^ ]*'; } | while read -r file; do
	case $file in */diglim) to=$WORK/own/usr/sbin/diglim ;; *) to=$WORK/own$file ;; esac
	mkdir -p "${to%/*}" && cp -L "$file" "$to"
done
state() { (cd "$ROOT" && find . -type f -printf '%m ' -exec sha256sum {} \; | sort -k3; find . ! -type f | sort); }

# A system with a shell, an initramfs tool that leaves a trace, and two packages' worth of dpkg.
untouched()
{
	rm -rf "$ROOT"
	mkdir -p "$ROOT"/{bin,usr/sbin,usr/bin,etc/diglim/keys.d,var/lib/diglim/lists,var/lib/dpkg/info,boot}
	cp /bin/busybox "$ROOT/bin/busybox"
	ln -s busybox "$ROOT/bin/sh"
	cp -al "$WORK/own/." "$ROOT/"
	# As the hook of an initramfs does, and for every kernel.
	cat >"$ROOT/usr/sbin/update-initramfs" <<-'S'
		#!/bin/sh
		[ -e /boot/vmlinuz ] || exit 0
		/usr/sbin/diglim prepare --hook --output /boot/files >/boot/said || [ $? = 1 ] || exit 1
		/bin/busybox rm -rf /boot/files /boot/said
		echo "made $*" >/boot/initrd
	S
	: >"$ROOT/boot/vmlinuz"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\ncase $1 in enable) echo "$@" >/boot/enabled ;; disable) /bin/busybox rm -f /boot/enabled ;; esac\n' \
		>"$ROOT/usr/bin/systemctl"
	mkdir -p "$ROOT/usr/lib/systemd/system"
	: >"$ROOT/usr/lib/systemd/system/diglimd.service"
	printf '#!/bin/sh\necho hello\n' >"$ROOT/usr/bin/hello"
	chmod 755 "$ROOT"/usr/sbin/* "$ROOT"/usr/bin/*
	printf 'Package: hello\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: x <x@y.z>\nDescription: x\n\n' \
		>"$ROOT/var/lib/dpkg/status"
	printf '/.\n/usr\n/usr/bin\n/usr/bin/hello\n' >"$ROOT/var/lib/dpkg/info/hello.list"
	(cd "$ROOT" && md5sum usr/bin/hello) >"$ROOT/var/lib/dpkg/info/hello.md5sums"
	echo 'made -u -k all' >"$ROOT/boot/initrd"
}

untouched
state >"$WORK/before"
run 2 setup --root "$ROOT" --yes
err_has 'owner.s key has to vouch'
run 0 setup --root "$ROOT" --dry-run --create-key
out_has 'start = late'
out_has 'import --dpkg'
out_has 'update-initramfs'
state | cmp -s - "$WORK/before" || fail "a dry run changes something: $(state | diff "$WORK/before" -)"
run 2 setup --root "$ROOT" --undo
err_has 'nothing to undo'

run 0 setup --root "$ROOT" --yes --create-key
grep -qx 'start = late' "$ROOT/etc/diglim/diglim.conf" || fail "no start in diglim.conf"
[ -n "$(ls "$LISTS")" ] || fail "no lists"
grep -q 'enable diglimd.service' "$ROOT/boot/enabled" || fail "no unit is enabled"
[ -n "$(ls "$ROOT/etc/diglim/keys.d/owner")" ] || fail "no key"
run 2 setup --root "$ROOT" --yes --create-key
err_has 'undo.* first'
run 0 prepare --root "$ROOT" --hook --output "$WORK/files"
[ -n "$(ls "$WORK/files/owner")" ] || fail "the initramfs gets no key"
run 0 setup --root "$ROOT" --undo --dry-run
out_has 'remove .*owner.pem'
run 0 setup --root "$ROOT" --undo
state | diff "$WORK/before" - >"$WORK/diff" || fail "not as before: $(cat "$WORK/diff")"

# An initramfs tool that finds no kernel is content, and has made nothing; so is one without our hook.
for missing in kernel hook; do
	untouched
	[ $missing = hook ] || rm "$ROOT/boot/vmlinuz"
	[ $missing = kernel ] || sed -i '/diglim/d' "$ROOT/usr/sbin/update-initramfs"
	state >"$WORK/nothing"
	run 2 setup --root "$ROOT" --yes --create-key
	err_has 'no initramfs has taken diglim-init'
	run 0 setup --root "$ROOT" --undo
	state | diff "$WORK/nothing" - >"$WORK/diff" || fail "no $missing, not as before: $(cat "$WORK/diff")"
done

# What others have changed or put there since stays, and is named.
untouched
printf '# mine\n[boot]\nseal = no\n' >"$ROOT/etc/diglim/diglim.conf"
run 0 setup --root "$ROOT" --yes --create-key
printf '# mine\n[boot]\nstart = late\nseal = no\n[sign]\nkey = /etc/diglim/owner.pem\ncert = /etc/diglim/owner.crt\n' |
	diff - "$ROOT/etc/diglim/diglim.conf" || fail "the configuration is another one"
echo '# later' >>"$ROOT/etc/diglim/diglim.conf"
echo mine >"$ROOT/etc/diglim/mine"
echo mine >"$ROOT/etc/diglim/keys.d/mine"
run 1 setup --root "$ROOT" --undo
out_has 'changed since: /etc/diglim/diglim.conf'
grep -qx '# later' "$ROOT/etc/diglim/diglim.conf" || fail "a change by others was undone"
[ -e "$ROOT/etc/diglim/mine" ] || fail "a file of others was removed"
[ -e "$ROOT/etc/diglim/keys.d/mine" ] || fail "a file of others in a folder that was there was removed"
[ ! -e "$ROOT/etc/diglim/owner.pem" ] || fail "the key is still there"

# A start that was refused before is replaced; lists that came later were generated, and go with the rest.
untouched
printf '[boot]\n# mine\nstart = no\n' >"$ROOT/etc/diglim/diglim.conf"
state >"$WORK/refused"
run 0 setup --root "$ROOT" --yes --create-key
grep -qx 'start = late' "$ROOT/etc/diglim/diglim.conf" || fail "start is not late"
run 0 prepare --root "$ROOT"
echo later >"$ROOT/var/lib/diglim/lists/later"
run 0 setup --root "$ROOT" --undo
state | diff "$WORK/refused" - >"$WORK/diff" || fail "not as before: $(cat "$WORK/diff")"

# Measuring: rules of the owner stay behind ours, and what became of them since stays when ours go.
untouched
mkdir -p "$ROOT/usr/lib/diglim" "$ROOT/etc/systemd/system"
cp "$DIGLIM_SOURCE/integrations/systemd/diglimd-gate.conf" "$ROOT/usr/lib/diglim/"
POLICY=$ROOT/etc/ima/ima-policy DROPIN=$ROOT/etc/systemd/system/diglimd.service.d/diglimd-gate.conf
state >"$WORK/unmeasured"
run 0 setup --root "$ROOT" --measure --dry-run --create-key
out_has 'ima-policy: rules'
state | diff "$WORK/unmeasured" - >"$WORK/diff" || fail "a dry run changes something: $(cat "$WORK/diff")"
run 0 setup --root "$ROOT" --measure --yes --create-key
grep -q '^measure func=KEY_CHECK keyrings=diglim_vendor|diglim_owner|diglim_restricted uid=0$' "$POLICY" || fail "no rule for keys"
run 0 verify --root "$ROOT" "$LISTS/tlv-ima-policy"
run 0 inspect --root "$ROOT" --json "$LISTS/tlv-ima-policy"
out_has "$(sha256sum <"$POLICY" | cut -c 1-64)"
[ "$(readlink "$DROPIN")" = /usr/lib/diglim/diglimd-gate.conf ] || fail "no drop-in"
grep -A2 '^\[attest\]' "$ROOT/etc/diglim/diglim.conf" | sort | diff - <(printf '%s\n' '[attest]' 'log = yes' 'register = 13') >"$WORK/diff" ||
	fail "the configuration: $(cat "$WORK/diff")"
run 0 setup --root "$ROOT" --undo
state | diff "$WORK/unmeasured" - >"$WORK/diff" || fail "not as before: $(cat "$WORK/diff")"

mkdir -p "$ROOT/etc/ima" && printf '# mine\nmeasure func=BPRM_CHECK' >"$POLICY"
printf '[attest]\nregister = 11\n' >"$ROOT/etc/diglim/diglim.conf"
state >"$WORK/owners"
run 0 setup --root "$ROOT" --measure --yes --create-key
[ "$(sed '1,/^# DIGLIM end/d' "$POLICY")" = "$(printf '# mine\nmeasure func=BPRM_CHECK')" ] || fail "the owner's rules: $(cat "$POLICY")"
grep -qx 'register = 11' "$ROOT/etc/diglim/diglim.conf" || fail "another register than the owner's"
run 0 setup --root "$ROOT" --undo --dry-run
out_has 'take out of /etc/ima/ima-policy'
run 0 setup --root "$ROOT" --undo
state | diff "$WORK/owners" - >"$WORK/diff" || fail "not as before: $(cat "$WORK/diff")"
run 0 setup --root "$ROOT" --measure --yes --create-key
sed -i '1i # first' "$POLICY" && echo '# last' >>"$POLICY"
echo mine >"${DROPIN%/*}/mine.conf"
run 0 setup --root "$ROOT" --undo
printf '# first\n# mine\nmeasure func=BPRM_CHECK# last\n' | diff - "$POLICY" >"$WORK/diff" || fail "rules of others: $(cat "$WORK/diff")"
[ -e "${DROPIN%/*}/mine.conf" ] && [ ! -L "$DROPIN" ] || fail "drop-ins of others"
run 0 setup --root "$ROOT" --measure --yes --create-key
sed -i '/^# DIGLIM end/d' "$POLICY"
run 1 setup --root "$ROOT" --undo
out_has 'changed since: /etc/ima/ima-policy'
grep -q '^measure func=BPRM_CHECK' "$POLICY" || fail "a block without its end took more with it"

# A name that would be a line of the journal: refused, and nothing is changed.
untouched
mkdir -p "$ROOT/etc/diglim/"$'x\nabsent '
echo mine >"$ROOT/etc/diglim/"$'x\nabsent /mine'
state >"$WORK/hostile"
run 2 setup --root "$ROOT" --yes --create-key
err_has 'no journal can hold'
"$DIGLIM" setup --root "$ROOT" --undo >/dev/null 2>&1
rmdir "$ROOT/var/lib/diglim/setup" 2>/dev/null
state | diff "$WORK/hostile" - >"$WORK/diff" || fail "a hostile name changes something: $(cat "$WORK/diff")"

# Killed at any moment.
for delay in 0.02 0.05 0.1 0.2 0.4 0.8; do
	untouched
	timeout -s KILL $delay "$DIGLIM" setup --root "$ROOT" --yes --create-key >/dev/null 2>&1
	sleep 0.3
	status=0
	"$DIGLIM" setup --root "$ROOT" --undo >"$WORK/out" 2>&1 || status=$?
	[ $status = 0 ] || grep -q 'nothing to undo' "$WORK/out" || fail "undo after $delay s: $status $(cat "$WORK/out")"
	rmdir "$ROOT/var/lib/diglim/setup" 2>/dev/null
	state | diff "$WORK/before" - >"$WORK/diff" || fail "killed after $delay s, not as before: $(cat "$WORK/diff")"
done
finish
