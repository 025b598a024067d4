#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# "Would anything break if it were enforced now?", of a system below a root.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
command -v cpio >/dev/null || skip "no cpio"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
mkdir -p "$ROOT"/{usr/bin,usr/lib/systemd/system/x.service.d,etc/cron.d,etc/cron.daily,boot,opt} \
	"$ROOT"/usr/lib/modules/6.1/kernel
ln -s usr/bin "$ROOT/bin"
ln -s usr/lib "$ROOT/lib"

# Different programs all of them.
program()
{
	cat /bin/true - <<<"$1" >"$ROOT/$1"
	chmod 755 "$ROOT/$1"
}
for p in usr/bin/tool opt/unit opt/dropin opt/argument opt/cron opt/daily; do program "$p"; done
ln -s /opt/daily "$ROOT/etc/cron.daily/job"
echo text >"$ROOT/usr/bin/readme"
printf '[Service]\nExecStart=-/opt/unit --run /opt/argument --conf /usr/bin/readme\nExecStop=/opt/absent\n' \
	>"$ROOT/usr/lib/systemd/system/x.service"
printf '[Service]\nExecStart=\nExecStart=/opt/dropin %%i\n' >"$ROOT/usr/lib/systemd/system/x.service.d/o.conf"
printf '* * * * * root test -x /opt/cron && /opt/cron\n' >"$ROOT/etc/cron.d/job"
echo module >"$ROOT/lib/modules/6.1/kernel/a.ko"
printf 'kernel/a.ko:\nkernel/absent.ko: kernel/a.ko\n' >"$ROOT/lib/modules/6.1/modules.dep"
mkdir -p "$WORK/early/kernel" "$WORK/main/bin"
echo microcode >"$WORK/early/kernel/code"
cat /bin/true - <<<initramfs >"$WORK/main/bin/init"
chmod 755 "$WORK/main/bin/init"
# newc has the content with the last of several names.
for n in one two three; do ln "$WORK/main/bin/init" "$WORK/main/bin/$n"; done
(cd "$WORK/early" && find . | cpio -o -H newc --quiet >"$WORK/a.cpio" && cd ../main &&
	find . | cpio -o -H newc --quiet | gzip >"$WORK/b.cpio.gz")
cat "$WORK/a.cpio" "$WORK/b.cpio.gz" >"$ROOT/boot/initrd.img-6.1"

paths() { echo "sorted(i['path'] for i in d['refused']['$1']) == $2"; }
run 1 check --root "$ROOT" --json
json "$(paths unit "['/opt/argument', '/opt/dropin', '/opt/unit']")"
json "$(paths cron "['/etc/cron.daily/job', '/opt/cron']")"
json "$(paths path "['/bin/tool']") or $(paths path "['/usr/bin/tool']")"
json "$(paths module "['/lib/modules/6.1/kernel/a.ko']")"
json "$(paths initramfs "['/bin/init', '/bin/one', '/bin/three', '/bin/two']")"
json 'len({i["digest"] for i in d["refused"]["initramfs"]}) == 1'
json 'd["would_break"] == 7 and not d["not_looked_at"] and d["refused"]["unit"][0]["who"] == "x.service"'
run 1 check --root "$ROOT" --json --early
json 'd["would_break"] == 11'
run 1 check --root "$ROOT"
out_has '/opt/unit, x.service: no list with a good signature'

# Signed one after the other; a module signed as a program is no module.
run 0 sign /usr/bin /opt --name programs "${sign[@]}"
run 0 sign /usr/lib/modules --use exec --name wrong "${sign[@]}"
run 1 check --root "$ROOT" --json
json 'd["would_break"] == 1 and d["refused"]["module"][0]["reason"] == "wrong-use"'
run 0 sign /usr/lib/modules --name modules "${sign[@]}"
run 0 check --root "$ROOT" --json
json 'd["would_break"] == 0 and d["looked_at"]["unit"] == 3'
run 1 check --root "$ROOT" --early
run 0 sign "$WORK/main/bin/init" --name init "${sign[@]:0:4}" --output "$LISTS/tlv-init"
run 0 check --root "$ROOT" --early
out_has 'None of [0-9]+ files'

# A changed program, and a damaged image: said, and the answer is no.
echo changed >>"$ROOT/opt/cron"
run 1 check --root "$ROOT" --json
json "$(paths cron "['/opt/cron']")"
run 0 sign /opt --name programs2 "${sign[@]}"
head -c 200 "$WORK/a.cpio" >"$ROOT/boot/initrd.img-6.1"
run 1 check --root "$ROOT" --json
json 'd["would_break"] == 0 and [i["source"] for i in d["not_looked_at"]] == ["initramfs"]'
printf 'nonsense' >"$ROOT/boot/initrd.img-6.1"
run 1 check --root "$ROOT"
out_has 'boot/initrd.img-6.1'
rm "$ROOT/boot/initrd.img-6.1"
run 0 check --root "$ROOT"

# This machine: this shell is running, and no list of ours vouches for it.
if [ ! -e /sys/fs/bpf/diglim ]; then
	cp /bin/sleep "$WORK/sleeper"
	"$WORK/sleeper" 60 &
	pid=$!
	run 1 check --json
	kill "$pid"
	json "any(i['path'] == '$WORK/sleeper' and i['who'] == '$pid (sleeper)' for i in d['refused']['running'])"
fi
run 2 check /opt

# A vouched script whose interpreter nobody vouches for does not run either.
program opt/interpreter
printf '#! /opt/interpreter -x\n' >"$ROOT/usr/bin/script"
chmod 755 "$ROOT/usr/bin/script"
run 0 sign "${sign[@]}" --name script /usr/bin/script
run 1 check --root "$ROOT" --json
json "$(paths path "['/opt/interpreter']")"
json 'd["refused"]["path"][0]["who"] in ("/bin/script", "/usr/bin/script") and d["would_break"] == 1'
finish
