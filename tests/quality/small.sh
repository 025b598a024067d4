#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# diglim-init goes into every initramfs: it needs the libraries named here, and no others.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

PROGRAM=$BUILD/programs/diglim-init/diglim-init
ALLOWED='libbpf.so.1 libc.so.6 libinih.so.1 libinih.so.0 libkeyutils.so.1'
KIB_MAX=950 # without what debuggers need; most of it are the programs for the kernel, with their types and lines

needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

n=0
for library in $(needed "$PROGRAM"); do
	n=$((n + 1))
	case " $ALLOWED " in
	*" $library "*) ok "$library" ;;
	*) fail "diglim-init needs $library" "it is in every initramfs" ;;
	esac
done
if [ $n -gt 1 ]; then ok "its libraries were read"; else fail "its libraries were read" "$n"; fi
# The same look finds what must not be there in the program that has it.
if needed "$BUILD/programs/diglim/diglim" | grep -q libcrypto; then
	ok "OpenSSL is found where it is"
else
	fail "OpenSSL is found where it is"
fi
strip -o "$T/init" "$PROGRAM"
size=$(($(stat -c %s "$T/init") / 1024))
if [ $size -le $KIB_MAX ]; then ok "$size KiB"; else fail "diglim-init has $size KiB" "at most $KIB_MAX"; fi
summary
