#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rpm plugin below another root: lists follow what rpm does there. What the kernel is told is
# tested in a guest.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

command -v rpm >/dev/null || skip "no rpm"
[ "$(id -u)" = 0 ] || skip "rpm --root takes root"
P=$WORK/packages
"$DIGLIM_SOURCE/tests/rpm/make-packages" "$P" >"$WORK/make" 2>&1 || skip "$(tail -n 1 "$WORK/make")"
PLUGIN=$DIGLIM_BUILD/integrations/rpm
CONF=$ROOT/etc/diglim/diglim.conf

# Only what rpm asks for is visible: nothing of ours may meet rpm's own symbols.
symbols=$(nm -D --defined-only "$PLUGIN/diglim.so" | awk '{ print $3 }')
[ "$symbols" = diglim_hooks ] || fail "the plugin exports $symbols"
symbols=$(nm -D --defined-only "$PLUGIN/rpm-judge.so" | awk '{ print $3 }')
[ "$symbols" = diglim_judge ] || fail "the module that verifies exports $symbols"

# OpenSSL costs more than all else: only the module takes it along.
readelf -d "$PLUGIN/rpm-judge.so" | grep -q 'NEEDED.*libcrypto' || fail "the module that verifies is without libcrypto"
! readelf -d "$PLUGIN/diglim.so" | grep 'NEEDED.*libcrypto' || fail "the plugin links libcrypto"

# rpm_run WANT ARGUMENT...: rpm below the root, with the plugin
rpm_run()
{
	local want=$1 status=0
	shift
	rpm --force-debian --root "$ROOT" --dbpath /var/lib/rpm --nodeps --nosignature \
		--define "__plugindir $PLUGIN" --define '__transaction_diglim %{__plugindir}/diglim.so' \
		--define "__diglim_judge $PLUGIN/rpm-judge.so" \
		"$@" >"$WORK/out" 2>"$WORK/err" </dev/null || status=$?
	[ "$status" = "$want" ] || fail "rpm $*: status $status, not $want: $(cat "$WORK/err")"
}

# lists NAME...: just these lists are there, and they are those that sync would make
lists_are()
{
	local got
	got=$(find "$LISTS" -mindepth 1 -printf '%f\n' | sed 's/^rpm-//; s/-1\.x86_64$//' | LC_ALL=C sort | paste -sd' ')
	[ "$got" = "$*" ] || fail "lists are '$got', not '$*'"
	"$DIGLIM" sync --dry-run --quiet --root "$ROOT" >"$WORK/sync" 2>&1 ||
		fail "sync would change something: $(cat "$WORK/sync")"
}

# DIGLIM is not set up there: rpm is not disturbed, and nothing is made.
mkdir -p "$ROOT/var/lib"
rpm_run 0 -i --noscripts "$P/plain-1-1.rpm"
err_is_empty
[ ! -e "$LISTS" ] || fail "lists were made where DIGLIM is not set up"
rpm_run 0 -e plain

mkdir -p "$LISTS"
rpm_run 0 -i --noscripts "$P/plain-1-1.rpm"
err_has 'diglim: plain-1-1.*not among the vendor keys; .*diglim key add FILE'
lists_are ""
rpm_run 0 -e plain
run 0 key add --root "$ROOT" --yes "$P/vendor.asc"

# Installed, upgraded, erased.
rpm_run 0 -i --noscripts "$P/tool-1-1.rpm" "$P/plain-1-1.rpm"
err_is_empty
lists_are plain-1 tool-1
rpm_run 0 -U --noscripts "$P/tool-2-1.rpm"
err_is_empty
lists_are plain-1 tool-2
rpm_run 0 -U --noscripts --oldpackage "$P/tool-1-1.rpm"
lists_are plain-1 tool-1
rpm_run 0 -U --noscripts --replacepkgs "$P/tool-1-1.rpm"
err_is_empty
lists_are plain-1 tool-1
rpm_run 0 -e --noscripts tool
lists_are plain-1

# Only asked what would be: nothing happens.
rpm_run 0 -i --test "$P/tool-1-1.rpm"
rpm_run 0 -e --test plain
lists_are plain-1

# Another build of the same name and version takes the place of the first, in list and database.
cp -a "$LISTS/rpm-plain-1-1.x86_64" "$WORK/first"
mkdir "$WORK/second"
"$DIGLIM_SOURCE/tests/rpm/make-packages" "$WORK/second" >/dev/null 2>&1
run 0 key add --root "$ROOT" --yes "$WORK/second/vendor.asc"
rpm_run 0 -U --noscripts --replacepkgs --replacefiles "$WORK/second/plain-1-1.rpm"
lists_are plain-1
! cmp -s "$WORK/first" "$LISTS/rpm-plain-1-1.x86_64" || fail "the list of the first build stayed"

# A failing scriptlet: the package is not installed, and its list goes again.
rpm_run 1 -i "$P/badpre-1-1.rpm"
lists_are plain-1
# The same for a list that was there already, whoever made it: it stays as it was.
run 0 import --root "$ROOT" "$P/badpre-1-1.rpm"
before=$(sha256sum "$LISTS"/*)
rpm_run 1 -i "$P/badpre-1-1.rpm"
[ "$(sha256sum "$LISTS"/*)" = "$before" ] || fail "a list that was there before was changed"
rm "$LISTS"/rpm-badpre-1-1.x86_64

# Nobody vouches for it: a warning, or by configuration a refusal, always with a way out.
for name in unsigned other; do
	rpm_run 0 -i "$P/$name-1-1.rpm"
	err_has "^warning: diglim: $name-1-1.x86_64: .*; .*diglim (sign|key add)"
done
lists_are plain-1
rpm_run 0 -e unsigned other
err_is_empty
printf '[packages]\nunvouched = refuse\n' >"$CONF"
rpm_run 2 -i "$P/unsigned-1-1.rpm" "$P/other-1-1.rpm"
err_has "^error: diglim: unsigned-1-1.x86_64: .*not signed; .*unvouched in \[packages\] of diglim.conf"
err_has "^error: diglim: other-1-1.x86_64: signed by key"
for name in unsigned other; do
	[ ! -e "$ROOT/opt/$name" ] || fail "$name was refused, and is there"
done
rpm_run 0 -i --noscripts "$P/nofiles-1-1.rpm"
err_is_empty
rpm_run 0 -e --noscripts nofiles

# One of several is refused: the others are installed, and an upgrade that is refused erases nothing.
rpm_run 2 -i --noscripts "$P/unsigned-1-1.rpm" "$P/tool-1-1.rpm"
lists_are plain-1 tool-1

# What verifies cannot be loaded: nobody vouches for anything.
rm "$CONF"
echo "no module" >"$WORK/module"
for module in /absent "$WORK/module"; do
	rpm_run 0 -i --noscripts --nodigest "$P/other-1-1.rpm" --define "__diglim_judge $module"
	err_has "^warning: diglim: other-1-1.x86_64: signatures cannot be verified: $module: .*; 'diglim sync' tries again"
	rpm_run 0 -e --noscripts other --define "__diglim_judge $module"
	printf '[packages]\nunvouched = refuse\n' >"$CONF"
	rpm_run 1 -U --noscripts "$P/tool-2-1.rpm" --define "__diglim_judge $module"
	err_has "^error: diglim: tool-2-1.x86_64: signatures cannot be verified: $module: .*refused by unvouched"
	rm "$CONF"
	lists_are plain-1 tool-1
done

# A configuration that cannot be read does not stop the system from being updated.
echo nonsense >"$CONF"
rpm_run 0 -e --noscripts tool
err_has "^error: diglim: configuration: .*diglim.conf:1"
rm "$CONF"
lists_are plain-1

# No room for lists: said, the package is there, and sync makes up for it.
if unshare -m true 2>/dev/null; then
	unshare -m bash -c "$(declare -f rpm_run fail); WORK='$WORK' ROOT='$ROOT' PLUGIN='$PLUGIN' FAILED=0
		mount -t tmpfs -o size=4k none '$LISTS' && head -c 4096 /dev/zero >'$LISTS/.full' && rpm_run 0 -i --noscripts '$P/tool-1-1.rpm'
		exit \$FAILED" || fail "rpm on a full disk"
	err_has "^(error|warning): diglim: tool-1-1.*No space left"
	run 0 sync --root "$ROOT"
	out_has '^\[\+\] tool-1-1.x86_64: written'
	lists_are plain-1 tool-1
fi

# Killed at any moment: sync puts it right.
for try in 1 2 3 4 5 6; do
	rpm_run 0 -e --noscripts tool
	rpm --force-debian --root "$ROOT" --dbpath /var/lib/rpm --nodeps --nosignature --noscripts \
		--define "__plugindir $PLUGIN" --define '__transaction_diglim %{__plugindir}/diglim.so' \
		--define "__diglim_judge $PLUGIN/rpm-judge.so" \
		-i "$P/tool-1-1.rpm" >/dev/null 2>&1 &
	sleep "0.0$((try * 2))"
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
	# A list that was being written: sync takes it away once it is over a minute old.
	find "$LISTS" -name '.rpm-*' -exec touch -d '2 minutes ago' {} +
	run 0 sync --root "$ROOT"
	if rpm --root "$ROOT" --dbpath /var/lib/rpm -q tool >/dev/null 2>&1; then
		lists_are plain-1 tool-1
	else
		lists_are plain-1
		# rpm names its temporary files by the second: those of the killed one would be in its way.
		sleep 1
		rpm_run 0 -i --noscripts --replacefiles "$P/tool-1-1.rpm"
	fi
done

# Somebody's sync and a transaction do not meet.
rpm_run 0 -e --noscripts tool
exec 9<"$LISTS"
flock 9
rpm_run 0 -i --noscripts "$P/tool-1-1.rpm" 9<&- &
sleep 2
[ ! -e "$ROOT/opt/same" ] || fail "rpm did not wait for sync"
exec 9<&-
wait $!
lists_are plain-1 tool-1
finish
