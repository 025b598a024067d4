#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Guest script of bench/run: what diglim-init does before the first program, with more and more packages, and the same
# work in user space. bench/boot.sh PACKAGES...
# Started with ICOUNT=1 the clock counts instructions, so that a microsecond of diglim-init's record is a thousand.
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"

LISTS=/var/lib/diglim/lists RECORD=/run/diglim/boot
# What this shell and its children have read, in bytes.
bytes_read()
{
	local name value
	while read -r name value; do
		[ "$name" != rchar: ] || echo "$value"
	done </proc/$$/io
}

# boot PACKAGES: a line of JSON
boot()
{
	local before after n=$1
	rm -rf $LISTS
	mkdir -p $LISTS
	find /vm/files/lists -name '*.list' | sort | head -n "$n" | xargs cp -t $LISTS
	before=$(bytes_read)
	diglim-init --root / --files /var/lib/diglim/boot >&2 || return
	after=$(bytes_read)
	[ "$(sed -n 's/^lists = //p' $RECORD)" = "$n" ] || return
	/vm/files/bench-boot /vm/files/cert.pem $LISTS >/tmp/parts || return
	diglim detach >&2 || return
	sed -n 's/^\(digests\|lists\|lists-refused\|[a-z]*-us\) = \(.*\)/\1 \2/p' $RECORD | tr - _ |
		jq -Rcn --argjson read $((after - before)) --slurpfile parts /tmp/parts \
			'[inputs | split(" ") | {(.[0]): .[1] | tonumber}] | add | {init: ., read_bytes: $read} + $parts[0]'
}

# What udev loads on a real machine, for the kernel's hashing.
load_module sha256_ssse3
mkdir -p /etc/diglim/keys.d/vendor /etc/diglim/keys.d/owner $LISTS
printf '[boot]\nstart = late\n[mode]\ndefault = audit\n' >/etc/diglim/diglim.conf
diglim key add --vendor --yes /vm/files/cert.pem >&2 && diglim prepare >&2 || exit 2
for packages; do
	boot "$packages" >>/tmp/rows || exit 2
done
jq -cs . /tmp/rows | sed 's/^/RESULT /'
ok "measured"
summary
