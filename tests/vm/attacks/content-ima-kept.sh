# shellcheck shell=bash
# attack: changes a file of which IMA may keep the digest, in ways that IMA misses: truncate(2), two who write at once, writing while somebody reads
# event: exec unknown, exec ima-kept
patch_open() { printf '\052' | dd bs=1 seek="$1" conv=notrunc status=none >&7; }
attempt()
{
	local at
	at=$(($(grep -abom1 DIGLIM-VICTIM: "$VICTIM" | cut -d: -f1) + 15))
	cp /usr/libexec/victim-text text && cat text >/dev/null
	content-race cut text
	strike ./text
	victim two && cat two >/dev/null
	exec 7<>two 8<>two
	patch_open "$at"
	exec 7<&- 8<&-
	strike ./two
	victim readers
	exec 7<>readers
	cat readers >/dev/null
	patch_open "$at"
	exec 7<&-
	strike ./readers
}
