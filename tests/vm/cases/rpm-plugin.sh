#!/bin/bash
# rpm with the plugin under enforce: packages run while they are installed and no longer, their own
# scriptlets included; a file that two versions share runs throughout. Whatever moment rpm is killed
# at, "diglim sync" makes kernel, lists and database agree again.
# vm: smoke=yes timeout=900 mem=1536
# vm-files: tests/vm/guest/rpm.sh:/vm/ @BUILD@/tests/rpm/packages:/vm/packages @BUILD@/tests/vm/tools/store-dump:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rpm.sh
. /vm/rpm.sh
P=/vm/packages
check "an ext4 for what is installed" ext4_on_loop /opt 48
[ -f $P/vendor.asc ] || { skip "everything" "no rpmbuild where this was built"; summary; }

# refused_scriptlets: what a scriptlet could not run
refused_scriptlets() { grep refused /tmp/scriptlets; }

machine_start
check "the vendor's key" diglim key add --vendor --yes $P/vendor.asc
check "enforce" diglim mode enforce
store_baseline
agree "in the beginning"

# Installed: before its scriptlets, since they run what it brings. The kernel's word is enough: what
# verifies in user space is not even there.
check "install" rpm_do -i --define '__diglim_judge /absent' $P/tool-1-1.rpm
expect_equal "pre tool-1 1 post tool-1 1" "$(paste -sd' ' /tmp/scriptlets)" "its scriptlets ran"
expect_equal "" "$(refused_scriptlets)" "and could run what the package brings"
expect_probe allowed exec /opt/changed "its program runs"
agree "installed"
cp /opt/changed /opt/copy-1
expect_probe allowed exec /opt/copy-1 "so does a copy of it"

# Upgraded, while somebody keeps running what both versions have.
(while [ ! -e /tmp/stop ]; do /opt/same || echo refused >>/tmp/same; echo ran >>/tmp/runs; done) &
check "upgrade" rpm_do -U $P/tool-2-1.rpm
touch /tmp/stop
wait
runs=$(wc -l </tmp/runs)
check "somebody ran it $runs times meanwhile" test "$runs" -ge 3
expect_equal "" "$(cat /tmp/same 2>/dev/null)" "the file of both versions was never refused"
expect_equal "" "$(refused_scriptlets)" "all scriptlets of the upgrade could run what they need"
expect_probe allowed exec /opt/changed "the new program runs"
expect_probe "refused-by-diglim unknown" exec /opt/copy-1 "the old one does not any more"
agree "upgraded"

# Back: the kernel takes no step back, unless the owner says so.
text=$(rpm_do -U --oldpackage $P/tool-1-1.rpm 2>&1)
case $text in
*"warning: diglim: tool-1-1.x86_64"*"diglim floor --lower"*) ok "a downgrade is warned of, with the way out" ;;
*) fail "a downgrade is warned of, with the way out" "$text" ;;
esac
expect_probe "refused-by-diglim unknown" exec /opt/changed "what was downgraded to does not run"
# What its scriptlets were refused is as it should be.
rm /tmp/scriptlets
check "the owner permits it" diglim floor --lower tool=1 --key $OWNER_KEY --cert $OWNER_CERT
check "sync" diglim sync
expect_probe allowed exec /opt/changed "after that it runs"
agree "downgraded"
check "upgrade again" rpm_do -U $P/tool-2-1.rpm
check "downgrade with permission" rpm_do -U --oldpackage $P/tool-1-1.rpm
agree "downgraded with permission"
check "reinstall" rpm_do -U --replacepkgs $P/tool-1-1.rpm
agree "reinstalled"

# Scriptlets that fail, packages that nobody vouches for.
expect_status 1 "a failing %pre" rpm_do -i $P/badpre-1-1.rpm
agree "after a failing scriptlet"
check "an unsigned package is a warning" rpm_do -i $P/unsigned-1-1.rpm
expect_probe "refused-by-diglim unknown" exec /opt/unsigned "and does not run"
agree "with an unsigned package" unsigned
printf '[packages]\nunvouched = refuse\n' >/etc/diglim/diglim.conf
expect_status 1 "an unknown key is refused, if the owner wishes" rpm_do -i $P/other-1-1.rpm
expect_status 1 "and not installed" test -e /opt/other
rm /etc/diglim/diglim.conf

# A key comes and goes.
check "another vendor's key" diglim key add --vendor --yes $P/other.asc
check "its package" rpm_do -i $P/other-1-1.rpm
expect_probe allowed exec /opt/other "runs"
agree "a second vendor" unsigned
check "remove the key" diglim key remove --yes "$(rpm -qp --nosignature --qf '%{RSAHEADER:pgpsig}' $P/other-1-1.rpm | grep -o '[0-9a-f]*$')"
check "sync after it" diglim sync
expect_probe "refused-by-diglim unknown" exec /opt/other "does not run any more"
agree "without the key" unsigned other

check "erase" rpm_do -e tool other unsigned
expect_equal "" "$(refused_scriptlets)" "the scriptlets of the erased package could run what it had"
agree "erased"

# A package of lists: what it brings is loaded, what it has no more leaves the kernel.
mkdir -p /root/lists /usr/lib/diglim/lists.d
for name in one two; do
	{ cat /opt/copy-1; echo $name; } >/opt/shipped-$name
	chmod 755 /opt/shipped-$name
	check "list $name" diglim sign --name $name --key $OWNER_KEY --cert $OWNER_CERT --output /root/lists/$name /opt/shipped-$name
done
expect_probe "refused-by-diglim unknown" exec /opt/shipped-one "what no loaded list has"
text=$(rpm_do -i $P/lists-1-1.rpm 2>&1)
expect_probe allowed exec /opt/shipped-one "the first list that a package brings is loaded"
expect_probe allowed exec /opt/shipped-two "and the second"
text=$(rpm_do -U $P/lists-2-1.rpm 2>&1)
case $text in *"one: its package has this list no more: unloaded"*) ok "the list that it has no more is named" ;; *) fail "the list that it has no more is named" "$text" ;; esac
expect_probe "refused-by-diglim unknown" exec /opt/shipped-one "what it vouched for does not run any more"
expect_probe allowed exec /opt/shipped-two "the other one does"
check "erase it" rpm_do -e lists
expect_probe "refused-by-diglim unknown" exec /opt/shipped-two "then neither does"
check "by hand" cp /root/lists/one /usr/lib/diglim/lists.d/
check "sync" diglim sync --quiet
expect_probe allowed exec /opt/shipped-one "sync loads it"
rm /usr/lib/diglim/lists.d/one
text=$(diglim sync --quiet)
case $text in *"one: unloaded"*) ok "sync unloads and names it" ;; *) fail "sync unloads and names it" "$text" ;; esac
expect_probe "refused-by-diglim unknown" exec /opt/shipped-one "and it does not run"
cp /root/lists/two /usr/lib/diglim/lists.d/
mkdir -p /var/lib/dpkg/info
printf 'Package: base\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nMaintainer: x\nDescription: x\n\n' >/var/lib/dpkg/status
check "apt --sync" diglim apt --sync --key $OWNER_KEY --cert $OWNER_CERT
expect_probe allowed exec /opt/shipped-two "loads it"
rm /usr/lib/diglim/lists.d/two
text=$(diglim apt --sync --quiet --key $OWNER_KEY --cert $OWNER_CERT)
case $text in *"two: unloaded"*) ok "apt --sync unloads and names it" ;; *) fail "apt --sync unloads and names it" "$text" ;; esac
expect_probe "refused-by-diglim unknown" exec /opt/shipped-two "and that does not run"

# A database without a package is not believed: something must be left.
check "one stays" rpm_do -i $P/tool-2-1.rpm

kill_at_ten_places $P/plain-1-1.rpm plain
check "install what was killed" rpm_do -i --replacefiles $P/plain-1-1.rpm
expect_probe allowed exec /opt/plain "it runs"
agree "after all"

# Not attached: the lists are kept up to date nevertheless, and attaching is enough.
check "detach" diglim detach
check "erase while detached" rpm_do -e plain
check "install while detached" rpm_do -U --oldpackage $P/tool-1-1.rpm
check "attach" diglim attach
check "enforce" diglim mode enforce
expect_probe allowed exec /opt/changed "what was installed while detached runs"
agree "attached again"
check "detach at the end" diglim detach
summary
