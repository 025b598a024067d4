# shellcheck shell=bash
# Sourced after lib.sh by guest scripts that need an owner: a key, and a list that vouches for
# everything the guest's root has, so that enforcing does not stop the test itself; and a wait.

OWNER_KEY=/root/owner.pem OWNER_CERT=/root/owner.crt

# Places that a guest has outside of /usr; links into /usr are followed once.
MACHINE_TREES="/usr /vm"

owner_create()
{
	mkdir -p /etc/diglim/keys.d/vendor /etc/diglim/keys.d/owner /etc/diglim/lists.d \
		/var/lib/diglim/lists /run/diglim
	diglim key create --name "Test owner" --key $OWNER_KEY --cert $OWNER_CERT >/dev/null &&
		diglim key add --owner --yes $OWNER_CERT >/dev/null
}

# owner_sign NAME PATH...: a list in lists.d, not loaded yet; its path is printed
owner_sign()
{
	local name=$1
	shift
	diglim sign --name "$name" --key $OWNER_KEY --cert $OWNER_CERT \
		--output "/etc/diglim/lists.d/$name" "$@" >/dev/null 2>&1 &&
		echo "/etc/diglim/lists.d/$name"
}

machine_vouch()
{
	local trees=() tree
	for tree in $MACHINE_TREES /bin /sbin /lib /lib64; do
		[ -d "$tree" ] && [ ! -L "$tree" ] && trees+=("$tree")
	done
	owner_create && owner_sign machine "${trees[@]}" >/dev/null
}

# The start of most scripts: everything vouched for, attached, nothing enforced yet.
machine_start()
{
	check "the machine's own files are vouched for" machine_vouch
	check "attach" diglim attach
}

# newest_reason PATH: DIGLIM's newest event about this path
newest_reason()
{
	diglim log --json | jq -r --arg path "$1" 'select(.path == $path) | .reason' | tail -n 1
}

# soon COMMAND...: within 30 seconds
soon()
{
	for _ in $(seq 100); do
		"$@" && return
		sleep 0.3
	done
	return 1
}
