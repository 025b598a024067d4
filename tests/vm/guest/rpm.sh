# shellcheck shell=bash
# Sourced after lib.sh by guest scripts in which rpm installs packages: where its database is, and
# whether kernel and database say the same.

mkdir -p /etc/rpm /var/lib/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
rm -f /tmp/scriptlets

# What packages of the tests are installed from; the signatures are the kernel's business here.
rpm_do() { rpm --force-debian --nodeps --nosignature "$@"; }

# Digests of regular files that are no ghosts, as rpm's database has them. Packages that nobody
# vouches for are named as arguments and left out.
database_digests()
{
	local without
	without=$(printf '%s|' "$@")
	rpm -qa --nosignature --nodigest --qf '[%{=NAME} %{FILEDIGESTS} %{FILEFLAGS}\n]' 2>/dev/null |
		grep -vE "^(${without}gpg-pubkey) " |
		awk 'length($2) == 64 && int($3 / 64) % 2 == 0 { print $2 }' | LC_ALL=C sort -u
}

store_digests() { store-dump | cut -d' ' -f1 | LC_ALL=C sort -u; }

# Before the first package: what is in the store for other reasons.
store_baseline() { store_digests >/tmp/baseline; }

# agree NAME [PACKAGE...]: the kernel holds what the database says, and the list directory, too
agree()
{
	local name=$1 text
	shift
	database_digests "$@" | LC_ALL=C comm -13 /tmp/baseline - >/tmp/database
	store_digests | LC_ALL=C comm -13 /tmp/baseline - >/tmp/store
	if ! cmp -s /tmp/database /tmp/store; then
		fail "$name: kernel and rpm agree" \
			"rpm $(wc -l </tmp/database), kernel $(wc -l </tmp/store): $(diff /tmp/database /tmp/store | head -n 3)"
	elif ! text=$(diglim sync --dry-run --quiet 2>&1); then
		fail "$name: lists agree" "$text"
	else
		ok "$name: kernel, lists and rpm agree on $(wc -l </tmp/store) digests"
	fi
}
