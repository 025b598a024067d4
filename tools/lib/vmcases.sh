# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Which guest scripts run where. A script in tests/vm/cases/ says so in its head, one run a line:
#
#   # vm: [kernels=6.1,6.12,7] [smoke=yes] [long=yes] [root=mini|debian|rpm] [tpm=0|1] [icount=0|1]
#   #     [mem=MB] [timeout=SECONDS] [diglim=no] [packages=A,B] [archive=0|1] [reboot=1] [uefi=1] [cmdline=ALL THE REST OF THE LINE]
#   # vm-files: PATH[:DEST] ...
#
# (each on one line). kernels: where the run makes sense, all by default. "make check" does it on
# the first of MAIN_KERNELS that is among them, and with smoke=yes on all of them; with long=yes only
# "make check-long" does it. The guest has DIGLIM installed unless diglim=no. Files are taken from the
# source tree; @BUILD@ stands for the build folder and @TESTDATA@ for the folder of real packages:
# where that one is absent the run is skipped. A script without such a line runs with the defaults.

ALL_KERNELS="6.12 6.1 7"

# vm_runs FILE: prints one line for each run: fields with "=", defaults filled in.
vm_runs()
{
	local line word rest
	{ sed -n 's/^# vm: *//p' "$1" | grep . || echo; } | while read -r line; do
		local kernels=6.1,6.12,7 smoke=no long=no root=mini tpm=0 icount=0 mem='' timeout='' \
			diglim=yes packages='' archive=0 reboot='' uefi='' cmdline=''
		rest=$line
		while [ -n "$rest" ]; do
			word=${rest%% *}
			case $word in
			cmdline=*)
				cmdline=${rest#cmdline=}
				rest=
				continue
				;;
			kernels=* | smoke=yes | smoke=no | long=yes | long=no | root=mini | root=debian | root=rpm | \
				tpm=[01] | icount=[01] | archive=[01] | reboot=[01] | uefi=[01] | diglim=yes | diglim=no) declare "$word" ;;
			mem=[0-9]* | timeout=[0-9]* | packages=[a-z0-9]*) declare "$word" ;;
			*)
				echo "$1: \"# vm:\" line: cannot understand \"$word\"" >&2
				return 2
				;;
			esac
			rest=${rest#"$word"}
			rest=${rest#"${rest%%[! ]*}"}
		done
		for word in ${kernels//,/ }; do
			case " $ALL_KERNELS " in
			*" $word "*) ;;
			*)
				echo "$1: \"# vm:\" line: no kernel \"$word\"" >&2
				return 2
				;;
			esac
		done
		echo "kernels=$kernels smoke=$smoke long=$long root=$root tpm=$tpm icount=$icount" \
			"mem=$mem timeout=$timeout diglim=$diglim packages=$packages archive=$archive reboot=$reboot uefi=$uefi cmdline=$cmdline"
	done
}

# vm_field NAME RUN: one field of such a line.
vm_field()
{
	case $1 in
	cmdline) echo "${2#*cmdline=}" ;;
	*) sed -n "s/^\(.* \)\{0,1\}$1=\([^ ]*\) .*/\2/p" <<<"${2%%cmdline=*} " ;;
	esac
}

# vm_kernels MODE RUN: where "check" or "long" does this run.
vm_kernels()
{
	local kernels first
	kernels=$(vm_field kernels "$2")
	kernels=${kernels//,/ }
	if [ "$1" = long ]; then
		echo "$kernels"
	elif [ "$(vm_field long "$2")" = yes ]; then
		echo
	elif [ "$(vm_field smoke "$2")" = yes ]; then
		echo "$kernels"
	else
		for first in $ALL_KERNELS; do
			case " $kernels " in *" $first "*) break ;; esac
		done
		echo "$first"
	fi
}

# vm_files FILE: its files, a line each.
vm_files() { sed -n 's/^# vm-files: *//p' "$1" | tr -s ' ' '\n' | grep . || true; }
