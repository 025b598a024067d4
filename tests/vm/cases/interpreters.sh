#!/bin/bash
# What interpreters read as program text must be vouched for: script arguments, sourced files and
# imported modules by suffix and execute bit, in strict mode every regular file. Commands (-c) and
# programs on standard input are allowed or not. Kernels without file_post_open say so.
# vm: timeout=900
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

READS=yes
[ "$VM_KERNEL" != 6.1 ] || READS=no

check "an ext4 for the probes" ext4_on_loop /mnt 48
mkdir -p /mnt/own/lib /mnt/vouched
cp "$(command -v bash)" /mnt/own/renamed
for dir in own vouched; do
	printf 'echo ran # %s\n' $dir >/mnt/$dir/script.sh
	printf 'echo ran # %s plain\n' $dir >/mnt/$dir/plain
	printf 'echo ran # %s bit\n' $dir >/mnt/$dir/bit
	printf 'print("ran") # %s\n' $dir >/mnt/$dir/program.py
	chmod 755 /mnt/$dir/bit
done
printf 'print("ran")\n' >/mnt/own/lib/unvouched_module.py
printf 'BEGIN { print "ran" }\n' >/mnt/own/program.awk
printf 'data\n' >/mnt/own/data.txt
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

# The small root has the interpreter, perhaps without its library.
PYTHON=yes
python3 -c pass 2>/dev/null || PYTHON=no

# runs WANT FILE HOOK NAME COMMAND...: "ran" is printed, or DIGLIM refused this file
runs()
{
	local want=$1 file=$2 hook=$3 name=$4 mark=0 got reason
	shift 4
	if [ $PYTHON = no ] && [[ "$*" == *python3* ]]; then
		skip "$name" "python3 does not run here"
		return
	fi
	! diglim status >/dev/null 2>&1 || mark=$(diglim_mark)
	got=$("$@" 2>/dev/null </dev/null | tail -n 1)
	reason=''
	if [ "$got" != ran ] && diglim status >/dev/null 2>&1; then
		reason=$(diglim_event_since "$mark" | jq -r --arg f "$file" --arg h "$hook" \
			'select(.path == $f and .hook == $h and .event == "refused") | .reason' |
			tail -n 1)
	fi
	expect_equal "$want" "${got:-refused $reason}" "$name"
}

# all_reads WANT-SUFFIX WANT-PLAIN WHAT: the same ways to run unvouched text
all_reads()
{
	local suffix=$1 plain=$2 what=$3
	runs "$suffix" /mnt/own/script.sh interp-read "$what: sh script.sh" sh /mnt/own/script.sh
	runs "$suffix" /mnt/own/script.sh interp-read "$what: . script.sh" bash -c '. /mnt/own/script.sh'
	runs "$suffix" /mnt/own/script.sh interp-read "$what: bash <script.sh" bash -c 'bash </mnt/own/script.sh'
	runs "$suffix" /mnt/own/script.sh interp-read "$what: a copy of bash under another name" \
		/mnt/own/renamed /mnt/own/script.sh
	runs "$suffix" /mnt/own/bit interp-read "$what: sh FILE, with an execute bit" sh /mnt/own/bit
	runs "$suffix" /mnt/own/program.py interp-read "$what: python3 program.py" python3 /mnt/own/program.py
	runs "$suffix" /mnt/own/lib/unvouched_module.py interp-read "$what: import module" \
		python3 -c 'import sys; sys.path.insert(0, "/mnt/own/lib"); import unvouched_module'
	runs "$suffix" /mnt/own/program.awk interp-read "$what: awk -f program.awk" awk -f /mnt/own/program.awk
	runs "$plain" /mnt/own/plain interp-read "$what: sh FILE, neither suffix nor execute bit" sh /mnt/own/plain
	runs ran /mnt/vouched/script.sh - "$what: a vouched script" sh /mnt/vouched/script.sh
	runs ran /mnt/vouched/plain - "$what: a vouched file" sh /mnt/vouched/plain
	runs ran /mnt/vouched/program.py - "$what: a vouched Python program" python3 /mnt/vouched/program.py
	runs ran - - "$what: who is no interpreter reads anything" \
		bash -c 'cat /mnt/own/script.sh >/dev/null && echo ran'
}

# all_commands COMMAND STDIN WHAT
all_commands()
{
	local command=$1 stdin=$2 what=$3 sh py
	sh=$(command -v bash) py=$(readlink -f "$(command -v python3)")
	runs "$command" "$sh" command "$what: bash -c" setsid -w bash -c 'echo ran'
	runs "$command" "$sh" command "$what: bash --norc -eo pipefail -c" \
		setsid -w bash --norc -eo pipefail -c 'echo ran'
	runs "$command" /mnt/own/renamed command "$what: -c of a copy" setsid -w /mnt/own/renamed -c 'echo ran'
	runs "$command" "$py" command "$what: python3 -Ic" setsid -w python3 -Ic 'print("ran")'
	runs "$command" "$(readlink -f "$(command -v awk)")" command "$what: awk PROGRAM" \
		setsid -w awk 'BEGIN { print "ran" }'
	runs "$stdin" "$sh" command "$what: a shell without a script" timeout 5 setsid -w /vm/files/feed bash
	runs "$stdin" "$sh" command "$what: bash -s" timeout 5 setsid -w /vm/files/feed bash -s x
	runs "$stdin" "$py" command "$what: python3 -" timeout 5 setsid -w /vm/files/feed python3 -
	runs ran - - "$what: a script" setsid -w bash --norc -e /mnt/vouched/script.sh
	runs ran - - "$what: a Python program" setsid -w python3 -I /mnt/vouched/program.py
}

mkdir -p /vm/files
# echo works in the shell and, as a file of Python, too.
cat >/vm/files/feed <<'END'
#!/bin/bash
case $1 in
python3) echo 'print("ran")' | "$@" ;;
*) echo 'echo ran' | "$@" ;;
esac
END
chmod 755 /vm/files/feed

# restart POLICY...: with these lines in [policy]
restart()
{
	! diglim status >/dev/null 2>&1 || check "detach" diglim detach
	{ echo "[policy]"; printf '%s\n' "$@"; } >/etc/diglim/diglim.conf
	check "attach with $*" diglim attach
	check "enforce" diglim mode enforce
}

all_reads ran ran "before"
all_commands ran ran "before"
check "the machine's own files are vouched for" machine_vouch
# Another program than the one that the machine's list has under its own name.
{ cat "$(command -v cat)" && echo; } >/mnt/vouched/shown
chmod 755 /mnt/vouched/shown
check "a list of scripts" owner_sign scripts --all --use exec /mnt/vouched
expect_equal exec,interpreter "$(diglim inspect --json /etc/diglim/lists.d/machine |
	jq -r '.. | objects | select(.path? == "/usr/bin/bash") | .use' | head -n 1)" \
	"bash is known as an interpreter"

if [ $READS = no ]; then
	printf '[policy]\ninterpreters = on\n' >/etc/diglim/diglim.conf
	expect_equal "file_post_open" "$(diglim attach 2>&1 | grep -o file_post_open | head -n 1)" \
		"without the hook attach names it and stops"
	skip "reads of interpreters" "this kernel does not have file_post_open"
else
	restart "interpreters = off"
	all_reads ran ran "off"
	restart "interpreters = on"
	all_reads "refused unknown" ran "on"
	runs ran - - "a program that is no interpreter" \
		bash -c '/mnt/vouched/shown /mnt/own/script.sh >/dev/null && echo ran'
	restart "interpreters = on" "interpreter-names = other shown"
	runs "refused unknown" /mnt/own/script.sh interp-read "a name of one's own" \
		bash -c '/mnt/vouched/shown /mnt/own/script.sh >/dev/null && echo ran'
	runs ran - - "and what is vouched for" \
		bash -c '/mnt/vouched/shown /mnt/vouched/script.sh >/dev/null && echo ran'
	restart "interpreters = strict"
	all_reads "refused unknown" "refused unknown" "strict"
	runs "refused unknown" /mnt/own/data.txt interp-read "strict: data" \
		bash -c 'read -r x </mnt/own/data.txt && echo ran'
fi

restart "interpreters = off" "interpreter-command = deny"
all_commands "refused command" ran "no commands"
restart "interpreters = off" "interpreter-stdin = deny"
all_commands ran "refused stdin" "no standard input"
check "audit" diglim mode audit
runs ran - - "audit: nothing is killed" setsid -w /vm/files/feed bash
check "detach" diglim detach
all_reads ran ran "after"
all_commands ran ran "after"
summary
