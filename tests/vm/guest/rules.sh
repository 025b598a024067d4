# shellcheck shell=bash
# Sourced after machine.sh by guest scripts about deny, control, limits and floor lists. Leaves the
# script in a directory of its own.

SECOND_KEY=/root/second.pem SECOND_CERT=/root/second.crt
STRANGER_KEY=/root/stranger.pem STRANGER_CERT=/root/stranger.crt
mkdir -p /root/rules && cd /root/rules || exit 1

# A second owner, who is trusted, and a stranger, who is not.
second_owner()
{
	mkdir -p /etc/diglim/keys.d/owner
	check "a second owner" diglim key create --name Second --key $SECOND_KEY --cert $SECOND_CERT
	check "who is trusted" diglim key add --owner --yes $SECOND_CERT
	check "a stranger" diglim key create --name Stranger --key $STRANGER_KEY --cert $STRANGER_CERT
	check "the stranger's deny list" diglim deny --key $STRANGER_KEY --cert $STRANGER_CERT \
		--output stranger-deny /usr/bin/true
}

# sign_with KEY CERT FILE PATH...: a list, not loaded
sign_with()
{
	diglim sign --all --use exec --name "$3" --key "$1" --cert "$2" --output "$3" "${@:4}"
}

# split_list LIST: the payload and the PKCS#7 of a list file as LIST.payload and LIST.sig
split_list()
{
	local size sig
	size=$(stat -c %s "$1")
	sig=$((16#$(tail -c 32 "$1" | head -c 4 | od -An -tx1 | tr -d ' ')))
	head -c $((size - 40 - sig)) "$1" >"$1.payload"
	tail -c $((40 + sig)) "$1" | head -c $sig >"$1.sig"
}

# flip FILE OFFSET: changes one bit
flip()
{
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# refused_with NUMBER NAME LIST: the kernel's own answer to this list
refused_with()
{
	split_list "$3"
	expect_equal "$1" "$(request add "$3.payload" "$3.sig")" "$2"
}

# list_id NAME: identity of a loaded list
list_id()
{
	diglim status --lists --json | jq -r --arg name "$1" \
		'.loaded_lists[] | select(.name == $name) | .id'
}

# order OPTION...: a signed order for this machine in the file order
order()
{
	diglim control new "$@" --output order && diglim control sign --key "$OWNER_KEY" --cert "$OWNER_CERT" order
}
