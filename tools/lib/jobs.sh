# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs jobs side by side. The caller has set LOGS (a folder) and SLOTS (how many at once), calls
# job NAME COMMAND... for each and jobs_wait in the end. Output goes to $LOGS/NAME.log. When a job
# ends, the caller's function job_ended NAME STATUS SECONDS is called. A line at least once a
# minute says what is still running.

declare -A JOB_PID=() JOB_START=()
JOBS_SPOKE=0

jobs_reap()
{
	local name status
	for name in "${!JOB_PID[@]}"; do
		kill -0 "${JOB_PID[$name]}" 2>/dev/null && continue
		status=0
		wait "${JOB_PID[$name]}" || status=$?
		unset "JOB_PID[$name]"
		job_ended "$name" "$status" $((SECONDS - JOB_START[$name]))
		JOBS_SPOKE=$SECONDS
	done
	if [ ${#JOB_PID[@]} -gt 0 ] && [ $((SECONDS - JOBS_SPOKE)) -ge 60 ]; then
		for name in "${!JOB_PID[@]}"; do
			echo "      ... $name, since $((SECONDS - JOB_START[$name])) s"
		done
		JOBS_SPOKE=$SECONDS
	fi
}

# Waits until fewer than $1 jobs run.
jobs_below()
{
	while :; do
		jobs_reap
		[ ${#JOB_PID[@]} -ge "$1" ] || return 0
		sleep 0.5
	done
}

job()
{
	local name=$1
	shift
	jobs_below "$SLOTS"
	[ ${#JOB_PID[@]} -gt 0 ] || JOBS_SPOKE=$SECONDS
	# A process group of its own, so that all of it can be stopped.
	set -m
	"$@" >"$LOGS/$name.log" 2>&1 </dev/null &
	JOB_PID[$name]=$!
	set +m
	JOB_START[$name]=$SECONDS
}

jobs_wait() { jobs_below 1; }

jobs_stop()
{
	local name
	for name in "${!JOB_PID[@]}"; do kill -- "-${JOB_PID[$name]}" 2>/dev/null; done
	wait
}
