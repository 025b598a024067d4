# shellcheck shell=bash
# Sourced after lib.sh by guest scripts in which rpm installs packages: where its database is, and
# whether kernel and database say the same.

if [ "$VM_ROOT" != rpm ]; then
	mkdir -p /etc/rpm /var/lib/rpm
	echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
fi
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

# Calls that change a file, the database or the kernel.
RPM_CALLS=rename,unlink,fsync,fdatasync,pwrite64,bpf,fchmod

# killed LINE ARGUMENT...: rpm dies at the call on this line of /tmp/calls
killed()
{
	local at=$1 call nth
	shift
	call=$(sed -n "${at}s/(.*//p" /tmp/calls)
	nth=$(head -n "$at" /tmp/calls | grep -c "^$call(")
	(strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=SIGKILL:when=$nth" \
		rpm --force-debian --nodeps --nosignature "$@" >/dev/null; exit $?) 2>/dev/null
}

# kill_at_ten_places FILE NAME [UNVOUCHED...]: evenly over the whole installation of a package, which
# is not installed in the end. After each, sync must make all agree.
kill_at_ten_places()
{
	local file=$1 name=$2 total at i died=0
	shift 2
	check "the calls of an installation" strace -qq -o /tmp/calls -e trace=$RPM_CALLS \
		rpm --force-debian --nodeps --nosignature -i "$file"
	check "erase what was installed" rpm_do -e "$name"
	total=$(grep -c '^[a-z0-9]*(' /tmp/calls)
	[ "$total" -ge 20 ] || fail "at least 20 calls to kill at" "$total"
	for i in 0 1 2 3 4 5 6 7 8 9; do
		at=$((1 + (total - 1) * i / 9))
		if killed $at -i "$file"; then fail "killed at $at of $total" "it ended well"; else died=$((died + 1)); fi
		check "sync after a kill at call $at of $total" diglim sync --quiet
		agree "killed at call $at" "$@"
		! rpm -q "$name" >/dev/null 2>&1 || check "erase it" rpm_do -e "$name"
	done
	expect_equal 10 $died "killed ten times"
}
