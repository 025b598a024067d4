#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# run.sh VERB DRIVE SHIM: allocations of one verb fail, each in a run of its own: all but OpenSSL's, and of
# those together with them every 211th ("make check-long", or OOM_STEP=1: each).
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

verb=$1 drive=$2 shim=$3
case $(readelf -d "$DIGLIM") in *libasan*) skip "the sanitizer's allocator cannot be replaced" ;; esac

# Where OpenSSL's allocations come from (lib/crypto/memory.c).
skip=$(nm -S "$DIGLIM" | awk '$4 == "guarded_malloc" || $4 == "guarded_realloc" { print $1, $2 }' |
	while read -r from size; do printf '%x-%x ' "0x$from" $((0x$from + 0x$size)); done)
[ -n "$skip" ] || skip "a program without symbols"

# fails OUT ARGUMENT...: OUT is the file that the verb writes, or -
fails()
{
	local out=$1
	shift
	mkdir -p "$WORK/answers"
	echo "diglim $*"
	OOM_SKIP=$skip OOM_STEP=1 "$drive" "$shim" "$WORK/answers" "$out" "$DIGLIM" "$@" || fail "diglim $*"
	OOM_STEP=${OOM_STEP:-211} "$drive" "$shim" "$WORK/answers" "$out" "$DIGLIM" "$@" || fail "diglim $*"
}

owner_key
mkdir -p "$ROOT/opt/app" "$WORK/made"
cp /bin/true "$ROOT/opt/app/program"
printf '#!/bin/sh\necho hello\n' >"$ROOT/opt/app/script"
chmod 755 "$ROOT/opt/app"/*
sign=(sign --root "$ROOT" --key "$WORK/key.pem" --cert "$WORK/cert.pem" --name app)
case $verb in
import | inspect)
	need_testdata
	package=$DIGLIM_TESTDATA/signed/lua-5.4.2-1.fc33.x86_64.rpm
	run 0 key add --root "$ROOT" --yes --vendor "$DIGLIM_TESTDATA/keys/RPM-GPG-KEY-fedora-33-primary.asc"
	;;
esac
case $verb in
key-list) fails - key list --root "$ROOT" --json ;;
key-add) fails "$(echo "$ROOT"/etc/diglim/keys.d/owner/*)" key add --root "$ROOT" --yes "$WORK/cert.pem" ;;
import) fails "$WORK/made/rpm-lua-5.4.2-1.fc33.x86_64" import --root "$ROOT" --output "$WORK/made" "$package" ;;
inspect)
	run 0 import --root "$ROOT" --output "$WORK/made" "$package"
	fails - inspect --json --root "$ROOT" "$WORK/made/rpm-lua-5.4.2-1.fc33.x86_64"
	;;
sign) fails "$WORK/made/list" "${sign[@]}" --output "$WORK/made/list" /opt/app ;;
verify)
	run 0 "${sign[@]}" --output "$WORK/made/list" /opt/app
	fails - verify --files --root "$ROOT" "$WORK/made/list"
	;;
esac
finish
