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

# Loader and libraries of a program that does not run, where glibc would find them.
if ! command -v cc >/dev/null || ! command -v ldconfig >/dev/null; then
	echo "no compiler, or no ldconfig: loaders and libraries are not checked"
	finish
fi
rm -r "${ROOT:?}"/{usr,etc/cron*,opt,boot} "${LISTS:?}"/*
mkdir -p "$ROOT"/{usr/bin,usr/lib64,usr/lib/deep,etc,opt/app/lib,opt/app/other,srv/cached}
ln -sf usr/lib64 "$ROOT/lib64"
# library PATH NAME ARGUMENT...: NAME is what others need it by
library() { echo "int x_$RANDOM;" >"$WORK/l.c" && cc -shared -nostdlib -o "$ROOT$1" -Wl,-soname,"$2" -Wl,--no-as-needed -Wl,--allow-shlib-undefined "$WORK/l.c" "${@:3}"; }
library /usr/lib64/libstandard.so.1 libstandard.so.1
library /srv/cached/libcached.so.1 libcached.so.1
library /opt/app/other/libinherited.so.1 libinherited.so.1
library /opt/app/lib/liborigin.so.1 liborigin.so.1 "$ROOT/srv/cached/libcached.so.1" "$ROOT/usr/lib64/libstandard.so.1"
library /usr/lib/deep/libdeep.so.1 libdeep.so.1 "$ROOT/opt/app/other/libinherited.so.1"
library /opt/app/lib/libunfindable.so.1 libunfindable.so.1
library /usr/lib64/loader.so loader.so
echo 'int main(void) { return 0; }' >"$WORK/m.c"
program_needing() { cc -o "$ROOT$1" "$WORK/m.c" -Wl,--dynamic-linker=/lib64/loader.so -Wl,--no-as-needed -nodefaultlibs -nostartfiles -Wl,-e,main -Wl,--allow-shlib-undefined "${@:2}"; }
# shellcheck disable=SC2016 # the loader replaces it
program_needing /usr/bin/origin -Wl,--enable-new-dtags '-Wl,-rpath,$ORIGIN/../../opt/app/lib' "$ROOT/opt/app/lib/liborigin.so.1"
program_needing /usr/bin/inherits -Wl,--disable-new-dtags '-Wl,-rpath,/usr/lib/deep:/opt/app/other' "$ROOT/usr/lib/deep/libdeep.so.1"
program_needing /usr/bin/lost "$ROOT/opt/app/lib/libunfindable.so.1"
echo /srv/cached >"$ROOT/etc/ld.so.conf"
ldconfig -r "$ROOT" -f /etc/ld.so.conf -X || fail "ldconfig"
strings -a "$ROOT/etc/ld.so.cache" | grep -q libcached || fail "no libcached in the cache"
cp "$ROOT/usr/lib64/libstandard.so.1" "$ROOT/opt/preload.so"
echo preloaded >>"$ROOT/opt/preload.so"
echo /opt/preload.so >"$ROOT/etc/ld.so.preload"
run 0 sign "${sign[@]}" --name programs /usr/bin
run 1 check --root "$ROOT" --json
json "sorted(i['path'].rsplit('/', 1)[1] for i in d['refused']['path']) == ['libcached.so.1', 'libdeep.so.1', 'libinherited.so.1', 'liborigin.so.1', 'libstandard.so.1', 'loader.so', 'preload.so']"
json "[i['who'] for i in d['refused']['path'] if i['path'].endswith('libcached.so.1')][0].endswith('/liborigin.so.1')"
json "[(i['path'], i['reason']) for i in d['unresolved']] == [('/usr/bin/lost', 'needs libunfindable.so.1, which is not where the loader looks by itself')]"
run 1 check --root "$ROOT"
out_has '/usr/bin/lost: needs libunfindable.so.1'
run 0 sign "${sign[@]}" --name libraries /usr/lib64 /usr/lib /opt /srv
run 0 check --root "$ROOT" --json
json 'd["would_break"] == 0 and len(d["unresolved"]) == 1'
# A damaged cache, and a damaged program: said; the directories are still looked into.
head -c 60 "$ROOT/etc/ld.so.cache" >"$WORK/cache" && cp "$WORK/cache" "$ROOT/etc/ld.so.cache"
run 0 check --root "$ROOT" --json
json "any(i['path'] == '/etc/ld.so.cache' and 'damaged' in i['reason'] for i in d['unresolved'])"
json "any('libcached.so.1' in i['reason'] for i in d['unresolved'])"
head -c 100 "$ROOT/usr/bin/lost" >"$ROOT/usr/bin/cut"
chmod 755 "$ROOT/usr/bin/cut"
run 0 sign "${sign[@]}" --name cut /usr/bin/cut
run 0 check --root "$ROOT" --json
json "any(i['path'] == '/usr/bin/cut' and 'damaged ELF' in i['reason'] for i in d['unresolved'])"
finish
