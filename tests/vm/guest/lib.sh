# shellcheck shell=bash
# Sourced by guest scripts: . "${VM_LIB:?}"
# A script counts its checks with ok, fail and skip and ends with "summary". One that
# ends before it fails, and so does one that checked nothing.

VM_PASSED=0 VM_FAILED=0 VM_SKIPPED=0 VM_SUMMARY=no
# Which boot of the machine this is, by the serial number of a disk: the command line is what a boot may be
# judged by. Counts of those before.
export VM_BOOT=1
[ ! -e /sys/block/vdb/serial ] || VM_BOOT=$(</sys/block/vdb/serial) VM_BOOT=${VM_BOOT#boot}
# shellcheck source=/dev/null
[ "$VM_BOOT" = 1 ] || . /vm/counts

ok() { VM_PASSED=$((VM_PASSED + 1)); echo "ok - $1"; }
fail() { VM_FAILED=$((VM_FAILED + 1)); echo "FAIL - $1${2:+: $2}"; }
skip() { VM_SKIPPED=$((VM_SKIPPED + 1)); echo "skip - $1${2:+: $2}"; }

# check NAME COMMAND...: the command succeeds
check()
{
	local name=$1 text
	shift
	if text=$("$@" 2>&1); then ok "$name"; else fail "$name" "\"$*\" gave $?: $text"; fi
}

# expect_status NUMBER NAME COMMAND...: the command ends with just this status
expect_status()
{
	local want=$1 name=$2 text status=0
	shift 2
	text=$("$@" 2>&1) || status=$?
	if [ "$status" = "$want" ]; then
		ok "$name"
	else
		fail "$name" "\"$*\" gave $status, not $want: $text"
	fi
}

# expect_equal WANT GOT NAME
expect_equal()
{
	if [ "$1" = "$2" ]; then ok "$3"; else fail "$3" "'$2' is not '$1'"; fi
}

summary()
{
	VM_SUMMARY=yes
	echo "$VM_PASSED passed, $VM_FAILED failed, $VM_SKIPPED skipped"
	[ "$VM_FAILED" = 0 ] || exit 1
	[ "$VM_PASSED" = 0 ] || exit 0
	[ "$VM_SKIPPED" = 0 ] || exit 77
	exit 1
}

vm_at_exit()
{
	local status=$?
	[ "$VM_SUMMARY" = yes ] && exit "$status"
	echo "FAIL - the script ended before its summary, with status $status"
	[ "$status" != 0 ] || status=1
	exit "$status"
}
trap vm_at_exit EXIT

# boot_again CMDLINE [INITRD [EXPECT OTHERWISE]]: ends this boot; the script starts anew in the next one, with
# VM_BOOT one higher. EXPECT: that boot ends by itself with this on its console, and the one after it has
# OTHERWISE for its command line. See tests/vm/lib/reboot.sh.
boot_again()
{
	rm -rf /vm/next
	mkdir /vm/next
	echo "$1" >/vm/next/cmdline
	[ -z "${2-}" ] || cp "$2" /vm/next/initrd
	[ -z "${3-}" ] || { echo "$3" >/vm/next/expect && echo "$4" >/vm/next/otherwise; }
	boot_next
}

# boot_cuts: the same with standard input, a boot a line, for the file "cuts" of tests/vm/lib/reboot.sh
boot_cuts()
{
	rm -rf /vm/next
	mkdir /vm/next
	cat >/vm/next/cuts
	boot_next
}

# What was counted so far lasts, whatever happens to the power.
counts_keep()
{
	echo "VM_PASSED=$VM_PASSED VM_FAILED=$VM_FAILED VM_SKIPPED=$VM_SKIPPED" >/vm/counts.new &&
		sync /vm/counts.new && mv /vm/counts.new /vm/counts && sync /vm
}

# shellcheck disable=SC2034 # VM_SUMMARY is for the trap
boot_next()
{
	counts_keep
	tar -cf - -C /vm/next . | dd of=/dev/vdb bs=1M iflag=fullblock conv=fsync status=none || exit 1
	VM_SUMMARY=yes
	exit 99
}

# ext4_on_loop DIR [MB [MKFS-OPTION...]]: a new ext4 of its own at DIR
ext4_on_loop()
{
	local dir=$1 size=${2:-64} image loop
	shift $(($# > 1 ? 2 : 1))
	image=$(mktemp /tmp/ext4.XXXXXX) &&
		truncate -s "${size}M" "$image" &&
		mkfs.ext4 -q -F "$@" "$image" &&
		loop=$(losetup --find --show "$image") &&
		mkdir -p "$dir" &&
		mount -t ext4 "$loop" "$dir"
}

load_module() { /vm/load-module "$1"; }

# Newest event number of DIGLIM, as a mark for diglim_event_since.
diglim_mark()
{
	diglim log --json --since-seq 0 2>/dev/null | jq -s 'map(.seq) | max // 0'
}

# diglim_event_since MARK: DIGLIM's events after the mark, one JSON object per line
diglim_event_since()
{
	diglim log --json --since-seq "$1"
}

# probe OPERATION PATH: makes just the system call in question and says what came of it:
#   allowed | refused-by-diglim REASON | refused-by-other ERRNO | not-attempted WHY
# Only an event of DIGLIM about this very file shows that the refusal is its own. Where the hook knows
# no path, inode and last component stand for it; what is in memory has a name of its own, or none.
# shellcheck disable=SC2016
PROBE_FILTER='select(.path == $path
	or (.path_is_last_component and .inode == $inode and .path == $base)
	or ($operation == "memfd" and (.path // "" | startswith("/memfd:")))
	or ($operation == "module-memory" and .hook == "load-data")) | .reason'

probe()
{
	local operation=$1 path=$2 mark='' answer reason=''
	! command -v diglim >/dev/null || mark=$(diglim_mark)
	answer=$(/vm/try "$operation" "$path" 2>&1)
	case $answer in
	allowed | not-attempted\ *) echo "$answer" ;;
	refused\ *)
		[ -z "$mark" ] || reason=$(diglim_event_since "$mark" |
			jq -r --arg path "$path" --arg base "${path##*/}" --arg operation "$operation" \
				--argjson inode "$(stat -c %i "$path")" "$PROBE_FILTER" | tail -n 1)
		if [ -n "$reason" ]; then
			echo "refused-by-diglim $reason"
		else
			echo "refused-by-other ${answer#refused }"
		fi
		;;
	*) echo "not-attempted try said: $answer" ;;
	esac
}

# expect_probe WANT OPERATION PATH NAME: WANT is the beginning of the answer
expect_probe()
{
	local want=$1 got
	got=$(probe "$2" "$3")
	case $got in
	"$want" | "$want "*) ok "$4" ;;
	*) fail "$4" "$2 of $3: '$got', not '$want'" ;;
	esac
}
