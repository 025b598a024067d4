#!/bin/bash
# Every attack of tests/vm/attacks without DIGLIM, under enforce and after detaching. Each state of each
# attack prints a line that tools/threat-table reads:
#   ATTACK <tab> kernel <tab> ima policy or - <tab> name <tab> state <tab> outcome <tab> events or why
# vm: timeout=1500
# vm: long=yes timeout=1500 cmdline=ima_policy=tcb
# vm-files: tests/vm/attacks:/vm/attacks tests/vm/guest/attack:/vm/ @BUILD@/tests/vm/tools/alter:/usr/bin/
# vm-files: @BUILD@/tests/vm/tools/victim:/usr/libexec/ @BUILD@/tests/vm/tools/victim.so:/usr/libexec/
# vm-files: @BUILD@/tests/vm/tools/content-race:/usr/bin/ @BUILD@/tests/vm/tools/kexec:/usr/bin/
# vm-files: @BUILD@/tests/vm/tools/start:/usr/bin/ @BUILD@/tests/vm/tools/ring:/usr/bin/
# vm-files: @BUILD@/tests/vm/tools/fusefs:/usr/bin/ @BUILD@/tests/vm/tools/exchange:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

CONF=/etc/diglim/diglim.conf
IMA=-
! grep -q ima_policy= /proc/cmdline || IMA=tcb

# head_of SCRIPT FIELD: what its head says, e.g. "# event: exec unknown"
head_of() { sed -n "/^[^#]/q; s/^# $2: *//p" "$1"; }

# unstopped SCRIPT: why this kernel does not stop it, if it does not
unstopped()
{
	# An event beside it is what stops it where IMA has a policy.
	[ $IMA != - ] && [ -n "$(head_of "$1" event)" ] || head_of "$1" unstopped
	head_of "$1" lost | while read -r kernels why; do
		case ,$kernels, in *",$VM_KERNEL,"*) echo "$why" ;; esac
	done
}

# outcome_of LINES: of several tries, those that could be made
outcome_of()
{
	local kinds
	kinds=$(grep -v '^skipped' <<<"$1" | awk 'NF { print $1 }' | sort -u | paste -sd+)
	[ -n "$kinds" ] || kinds=$(awk 'NF { print $1; exit }' <<<"$1")
	echo "${kinds:-nothing}"
}

# say_line NAME STATE OUTCOME DETAIL
say_line() { printf 'ATTACK\t%s\t%s\t%s\t%s\t%s\t%s\n' "$VM_KERNEL" "$IMA" "$1" "$2" "$3" "$4"; }

# try_one STATE SCRIPT: sets LINES and OUTCOME
try_one()
{
	local dir
	dir=/mnt/$1-$(basename "$2" .sh)
	mkdir "$dir"
	LINES=$(cd "$dir" && timeout -k 5 120 /vm/attack "$2" 2>/tmp/attack.err)
	OUTCOME=$(outcome_of "$LINES")
	rm -rf "$dir"
}

# judge_events NAME SCRIPT: the refusals are DIGLIM's own, for a reason that the script names
judge_events()
{
	local wanted refusals events
	wanted=$(head_of "$2" event | tr ',' '\n' | sed 's/^ *//; s/ *$//')
	refusals=$(grep -c '^refused' <<<"$LINES")
	events=$(diglim_event_since "$SEQ" | jq -r 'select(.event == "refused") | "\(.seq) \(.hook) \(.reason)"')
	SEQ=$(awk -v seq="$SEQ" '$1 > seq { seq = $1 } END { print seq + 0 }' <<<"$events")
	EVENTS=$(cut -d' ' -f2- <<<"$events" | sort -u | paste -sd, | sed 's/,/, /g')
	if ! cut -d' ' -f2- <<<"$events" | grep -qxF "$wanted"; then
		fail "$1" "no event \"$wanted\" but \"$EVENTS\"; $LINES"
	elif [ "$(grep -c . <<<"$events")" -lt "$refusals" ]; then
		fail "$1" "$refusals refusals, but DIGLIM tells of \"$events\" only; $LINES"
	else
		ok "$1"
	fi
}

# enforced SCRIPT: what must come of it under enforce
enforced()
{
	local name why
	name=$(basename "$1" .sh)
	why=$(unstopped "$1")
	EVENTS=$why
	try_one enforced "$1"
	case $OUTCOME in
	skipped) skip "enforced: $name" "$LINES" && EVENTS=${LINES#skipped } ;;
	ran) if [ -n "$why" ]; then ok "enforced: $name is not stopped"; else fail "enforced: $name" "$LINES"; fi ;;
	refused) if [ -z "$why" ]; then judge_events "enforced: $name" "$1"; else fail "enforced: $name" "is stopped: $LINES"; fi ;;
	*) fail "enforced: $name" "$LINES $(tail -n 3 /tmp/attack.err)" ;;
	esac
	say_line "$name" enforced "$OUTCOME" "$EVENTS"
}

# free STATE SCRIPT: without DIGLIM every attack works, or it is none
free()
{
	local name
	name=$(basename "$2" .sh)
	try_one "$1" "$2"
	case $OUTCOME in
	ran) ok "$1: $name" ;;
	skipped) skip "$1: $name" "${LINES#skipped }" ;;
	*) fail "$1: $name" "$LINES $(tail -n 3 /tmp/attack.err)" ;;
	esac
	say_line "$name" "$1" "$OUTCOME" "$([ "$OUTCOME" = ran ] || echo "${LINES#skipped }" | head -n 1)"
}

# with_config SCRIPT...: attached with the configuration that the first one asks for
with_config()
{
	local script
	head_of "$1" config | sed 's/] */]\n/' >$CONF
	check "attach: $(tr '\n' ' ' <$CONF)" diglim attach
	check "enforce" diglim mode enforce
	SEQ=$(diglim_mark)
	for script; do enforced "$script"; done
	check "detach" diglim detach
}

# Vouched for, too: two blocks of a script that ends with 0; without the second one, with 42.
{
	{ printf "#!/bin/sh\ntrap 'exit 42' EXIT\n" && yes '' | head -n 4096; } | head -c 4096
	{ echo "trap - EXIT" && yes '' | head -n 4096; } | head -c 4096
} >/usr/libexec/victim-text
chmod 755 /usr/libexec/victim-text
# Vouched for, as everything in /vm: its interpreter is not.
printf '#!/run/interpreter\n' >/vm/attack-script
chmod 755 /vm/attack-script
check "an ext4" ext4_on_loop /mnt 256
mapfile -t ATTACKS < <(compgen -G "/vm/attacks/${1:-*}.sh")
for script in "${ATTACKS[@]}"; do free before "$script"; done
check "the machine's own files are vouched for" machine_vouch
while read -r config; do
	group=()
	for script in "${ATTACKS[@]}"; do
		[ "$(head_of "$script" config | sort | paste -sd ';')" != "$config" ] || group+=("$script")
	done
	with_config "${group[@]}"
done < <(for script in "${ATTACKS[@]}"; do head_of "$script" config | sort | paste -sd ';'; done | sort -u)
for script in "${ATTACKS[@]}"; do free after "$script"; done
summary
