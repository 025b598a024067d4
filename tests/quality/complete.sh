#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Nothing is forgotten: every meson.build below tests/ was read, every C source is part of a target.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

INFO=$BUILD/meson-info
if [ ! -s "$INFO/intro-targets.json" ]; then
	fail "meson's list of targets" "$INFO is not there"
	summary
fi
jq -r '.[]' "$INFO/intro-buildsystem_files.json" | sed "s,^$SOURCE/,," >"$T/read"
jq -r ".[].target_sources[].sources[]?" "$INFO/intro-targets.json" |
	xargs realpath -ms | sed "s,^$SOURCE/,," | sort -u >"$T/built"

# listed FILE LIST
listed() { if grep -qxF "$1" "$2"; then ok "$1"; else fail "$1" "$3"; fi; }

for f in $(tracked '*/meson.build' 'meson.build'); do listed "$f" "$T/read" "no subdir() leads to it"; done
# The programs of the guest are built by tests/vm/run.
for f in $(tracked '*.c' | grep -vE "^tests/vm/"); do listed "$f" "$T/built" "is in no target"; done

# What is not there is found.
if grep -qxF lib/base/absent.c "$T/built"; then fail "an absent source"; else ok "an absent source"; fi
if [ "$(wc -l <"$T/read")" -gt 3 ] && [ "$(wc -l <"$T/built")" -gt 10 ]; then ok "lists"; else fail "lists" "too short"; fi
summary
