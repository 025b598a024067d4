#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Names from outside do nothing to the terminal, and colours are for terminals only.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

no_control()
{
	if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$WORK/out" "$WORK/err"; then
		fail "control characters in what $* prints"
	fi
	! grep -qP '[\x{80}-\x{9f}\x{202e}]' "$WORK/out" "$WORK/err" || fail "$* prints hidden text"
}

owner_key
evil=$(printf 'x\033]0;owned\007\033[31m\nfake line\r\302\233\342\200\256')
mkdir -p "$ROOT/opt/$evil"
cp /bin/true "$ROOT/opt/$evil/tool"
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")

run 0 sign "/opt/$evil" "${sign[@]}"
no_control sign
run 0 sign "/opt/$evil" "${sign[@]}" --name "$evil" --output "$WORK/list"
no_control sign
run 0 inspect --root "$ROOT" "$WORK/list"
no_control inspect
out_has 'x1b\]0;owned'
run 0 inspect --root "$ROOT" --json "$WORK/list"
no_control inspect --json
json 'any("\x1b]0;owned" in e["path"] for e in d["files"][0]["entries"])'
run 0 verify --root "$ROOT" --files "$WORK/list"
no_control verify
run 0 explain --root "$ROOT" "/opt/$evil/tool"
no_control explain
echo >>"$ROOT/opt/$evil/tool"
run 1 explain --root "$ROOT" "/opt/$evil/tool"
no_control explain
run 2 verify --root "$ROOT" "$WORK/$evil"
no_control verify
run 2 "$evil"
no_control "an unknown verb"
run 2 sign "--$evil"
no_control "an unknown option"

# A name that is not UTF-8 is told exactly, beside what can be shown.
bad=$(printf 'y\377z')
mkdir "$ROOT/opt/$bad"
cp /bin/true "$ROOT/opt/$bad/tool"
run 0 sign "/opt/$bad" "${sign[@]}" --name bytes --output "$WORK/bytes"
run 0 inspect --root "$ROOT" --json "$WORK/bytes"
json 'bytes.fromhex(d["files"][0]["entries"][0]["path_bytes"]) == b"/opt/y\xffz/tool"'

# Owner of a certificate.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/k" -out "$WORK/c" -utf8 \
	-subj "/CN=$(printf 'a\033[7mb')" 2>/dev/null
run 2 key add --root "$ROOT" "$WORK/c"
no_control key add

# On a terminal there are colours, unless NO_COLOR says otherwise.
if command -v script >/dev/null; then
	TERM=xterm script -qec "'$DIGLIM' verify --root '$ROOT' '$WORK/bytes'" /dev/null >"$WORK/tty"
	grep -q $'\033\[32m' "$WORK/tty" || fail "no colours on a terminal"
	NO_COLOR=1 TERM=xterm script -qec "'$DIGLIM' verify --root '$ROOT' '$WORK/bytes'" /dev/null \
		>"$WORK/tty"
	! grep -q $'\033' "$WORK/tty" || fail "colours in spite of NO_COLOR"
fi

# An answer that cannot be written is no success.
if [ -e /dev/full ]; then
	"$DIGLIM" verify --root "$ROOT" "$WORK/bytes" >/dev/full 2>"$WORK/err"
	[ $? = 2 ] || fail "a full disk is not noticed"
	"$DIGLIM" --help >/dev/full 2>"$WORK/err"
	[ $? = 2 ] || fail "a full disk is not noticed by --help"
fi
finish
