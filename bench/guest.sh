#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Guest script of bench/run: bench/guest.sh calls ROUNDS REPETITIONS DYNAMIC | load
cd /vm/files || exit 2
case $1 in
calls)
	echo "This file is in no list." >/vm/files/plain
	result=$(./bench-calls cert.pem lists "$2" "$3" /vm/files/bench-nothing "$4" /vm/files/plain)
	;;
load) result=$(./bench-load cert.pem lists) ;;
*) exit 2 ;;
esac
status=$?
echo "RESULT $result"
exit "$status"
