#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# enforce and confirm, as far as they go without a kernel that is attached.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run 2 enforce
err_has 'confirm-within TIME'
for time in x 0 0s -1 1w 31d 99999999999999999999s; do
	run 2 enforce --confirm-within $time
	err_has 'must be like 90s'
done
run 2 enforce --confirm-within 1m more
run 2 confirm now
many=()
for i in $(seq 65); do many+=(--accept "/$i"); done
run 2 enforce --confirm-within 1m "${many[@]}"
err_has 'at most 64'
if [ ! -e /sys/fs/bpf/diglim ]; then
	run 2 enforce --confirm-within 1m "${many[@]:2}"
	err_has 'not attached'
	run 2 confirm
	err_has 'not attached'
	run 2 confirm --json
	json '"not attached" in d["error"]'
fi
finish
