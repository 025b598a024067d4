# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Results of guest runs, kept for a long run that goes on where it ended. A result belongs to what the
# guest was given: the installed files, the script, what goes with it, the kernel. The caller has set
# BUILD, and LOGS with NAME.tsv and NAME.log of a run.

declare -A KEPT=()

kept_cache=${DIGLIM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/diglim}

# Names and contents of files and folders.
kept_sum()
{
	find "$@" -type f -print0 | sort -z | xargs -0 sha256sum
}

# kept_key NAME KERNEL SCRIPT RUN-LINE FILE...: remembers under which key the run's result belongs
kept_key()
{
	local name=$1 kernel=$2 script=$3 run=$4 item files=()
	shift 4
	for item; do
		item=${item%%:*}
		[ ! -e "$item" ] || files+=("$item")
	done
	KEPT[$name]=$(
		{
			echo "$name $run"
			cat "$kept_cache/kernels/$kernel/version"
			kept_sum "$BUILD/destdir" tests/vm/run tests/vm/lib tests/vm/guest tests/vm/attacks \
				"$script" "${files[@]}"
		} | sha256sum | cut -d' ' -f1
	)
}

# Takes the result of an earlier run, if there is one in which nothing failed.
kept_use()
{
	local from=$BUILD/kept/${KEPT[$1]}
	[ -s "$from.tsv" ] && cp "$from.tsv" "$LOGS/$1.tsv" && cp "$from.log" "$LOGS/$1.log"
}

# Keeps the result of a run unless something failed in it.
kept_put()
{
	local to=$BUILD/kept/${KEPT[$1]:-}
	[ -n "${KEPT[$1]:-}" ] && ! grep -q '^failed' "$LOGS/$1.tsv" || return 0
	mkdir -p "$BUILD/kept" && cp "$LOGS/$1.log" "$to.log" && cp "$LOGS/$1.tsv" "$to.tsv"
}
