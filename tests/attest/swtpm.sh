# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A TPM of its own for a test: tests/cli/lib.sh, and TCTI in $TCTI.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"

for tool in swtpm tpm2_pcrread; do
	command -v $tool >/dev/null || skip "no $tool here"
done
SWTPM=
export TSS2_LOG=all+NONE

# Ports are tried: who else took one is not known beforehand. TPM_PORT: this one and no other.
tpm_start()
{
	local port try
	mkdir -p "$WORK/tpm"
	for try in 1 2 3 4 5 6 7 8; do
		port=${TPM_PORT:-$((20000 + 2 * ((RANDOM + try) % 10000)))}
		swtpm socket --tpm2 --tpmstate dir="$WORK/tpm" --flags not-need-init,startup-clear --server type=tcp,port="$port" \
			--ctrl type=tcp,port="$((port + 1))" >"$WORK/swtpm.log" 2>&1 &
		SWTPM=$!
		export TCTI="swtpm:host=127.0.0.1,port=$port" TPM2TOOLS_TCTI="swtpm:host=127.0.0.1,port=$port"
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			tpm2_pcrread sha256:0 >/dev/null 2>&1 && return
			kill -0 "$SWTPM" 2>/dev/null || break
			sleep 0.1
		done
		kill "$SWTPM" 2>/dev/null
	done
	skip "swtpm does not start: $(cat "$WORK/swtpm.log")"
}

# As a power cut: registers are zero again.
tpm_stop()
{
	[ -n "$SWTPM" ] || return 0
	tpm2_shutdown -c >/dev/null 2>&1
	kill "$SWTPM" 2>/dev/null
	wait "$SWTPM" 2>/dev/null
	SWTPM=
}
tpm_restart() { tpm_stop; tpm_start; }
trap '[ "$BASHPID" = $$ ] && { tpm_stop; rm -rf "$WORK"; }' EXIT

# pcr N [BANK]: its value in lower case
pcr() { tpm2_pcrread "${2-sha256}:$1" | sed -n 's/.*0x//p' | tr 'A-F' 'a-f'; }
