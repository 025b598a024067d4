#!/bin/bash
# A system whose every file came from a signed RPM, with systemd, under enforce: packages come and go by
# rpm and dnf, rpm is killed at ten places, keys come and go. After each step the kernel's digests are
# those that rpm's database has, and nothing vouched for was refused.
# vm: long=yes kernels=6.12 root=rpm timeout=1800 mem=2048
# vm-files: tests/vm/guest/rpm.sh:/vm/ @BUILD@/tests/rpm/packages:/vm/packages @BUILD@/tests/vm/tools/store-dump:/usr/bin/
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/rpm.sh
. /vm/rpm.sh
P=/vm/packages
[ -f $P/vendor.asc ] || { skip "everything" "no rpmbuild where this was built"; summary; }

# What the test brings is in no package: the owner vouches for it.
not_packaged()
{
	rpm -qa --nosignature --qf '[%{FILENAMES}\n]' | LC_ALL=C sort -u >/tmp/packaged
	find /usr /vm -xdev -type f ! -name '*.pyc' | LC_ALL=C sort | LC_ALL=C comm -23 - /tmp/packaged
}

# falsely_refused: events about files whose digest is in rpm's database now
falsely_refused()
{
	database_digests >/tmp/database
	diglim log --json | jq -r 'select(.event == "refused") | .digest // empty' | LC_ALL=C sort -u |
		LC_ALL=C comm -12 - /tmp/database | wc -l
}

# shellcheck disable=SC2317 # check calls it
dnf_do() { dnf -q -y --releasever=1 --setopt=install_weak_deps=0 --disablerepo='*' --repofrompath=local,/repo --nogpgcheck "$@"; }

packages=$(rpm -qa | wc -l)
check "$packages packages are installed" test "$packages" -ge 100
expect_equal 1 "$(systemctl is-active systemd-journald | grep -c '^active')" "systemd is up"
check "an owner" owner_create
not_packaged >/tmp/unpackaged
# shellcheck disable=SC2046 # no white space in these names
check "who vouches for $(wc -l </tmp/unpackaged) files of the test" owner_sign test $(cat /tmp/unpackaged)
diglim inspect --json /etc/diglim/lists.d/test | jq -r '.files[0].entries[].digest' | LC_ALL=C sort -u >/tmp/baseline
check "the key of the system's packages" diglim key add --vendor --yes /usr/share/rpm-root/vendor.asc
text=$(diglim import --rpmdb --json)
expect_equal 0 $? "import of all installed packages"
expect_equal "$packages" "$(jq '.packages | length' <<<"$text")" "all of them"
expect_equal 0 "$(jq '[.packages[] | select(.vouched | not)] | length' <<<"$text")" "and all are vouched for"
check "the key of the test's packages" diglim key add --vendor --yes $P/vendor.asc
check "attach" diglim attach
check "enforce" diglim mode enforce
agree "the whole system"
check "a service starts anew" systemctl restart systemd-journald
printf '[Service]\nType=oneshot\nExecStart=/usr/bin/true\n' >/run/systemd/system/new.service
check "a new one" systemctl start new.service
cp /usr/bin/true /opt/altered && echo x >>/opt/altered
expect_probe "refused-by-diglim unknown" exec /opt/altered "an altered program does not run"

# rpm: as in rpm-plugin.sh, on this system.
check "install" rpm_do -i $P/tool-1-1.rpm
agree "installed"
cp /opt/changed /opt/copy-1
(while [ ! -e /tmp/stop ]; do /opt/same || echo refused >>/tmp/same; echo ran >>/tmp/runs; done) &
loop=$!
check "upgrade" rpm_do -U $P/tool-2-1.rpm
touch /tmp/stop
wait $loop
expect_equal "" "$(cat /tmp/same 2>/dev/null)" "a file of both versions ran $(wc -l </tmp/runs) times, never refused"
expect_probe allowed exec /opt/changed "the new program runs"
expect_probe "refused-by-diglim unknown" exec /opt/copy-1 "the old one does not any more"
agree "upgraded"
check "the owner permits a downgrade" diglim floor --lower tool=1 --key $OWNER_KEY --cert $OWNER_CERT
check "downgrade" rpm_do -U --oldpackage $P/tool-1-1.rpm
expect_probe allowed exec /opt/copy-1 "what was downgraded to runs"
agree "downgraded"
check "reinstall" rpm_do -U --replacepkgs $P/tool-1-1.rpm
agree "reinstalled"
expect_equal "" "$(grep refused /tmp/scriptlets)" "scriptlets could run what they need"
expect_status 1 "a failing %pre" rpm_do -i $P/badpre-1-1.rpm
agree "after a failing scriptlet"
check "erase" rpm_do -e tool
agree "erased"
check "a package of the system goes" rpm_do -e less
expect_status 127 "and is not there" sh -c 'less --version'
agree "without less"
kill_at_ten_places $P/plain-1-1.rpm plain

# dnf, from a repository on this machine.
mkdir /repo && cp $P/*.rpm /repo/
check "a repository" createrepo_c -q /repo
check "dnf installs" dnf_do install tool-1-1
expect_probe allowed exec /opt/changed "its program runs"
agree "dnf installed"
check "dnf upgrades" dnf_do upgrade tool
expect_equal tool-2-1 "$(rpm -q --qf '%{NAME}-%{VERSION}-%{RELEASE}' tool)" "to version 2"
agree "dnf upgraded"
check "dnf downgrades" dnf_do downgrade tool
agree "dnf downgraded"
check "dnf reinstalls" dnf_do reinstall tool
agree "dnf reinstalled"
check "dnf erases" dnf_do remove tool
agree "dnf erased"

# A third party's key comes with rpm --import and goes with it.
check "rpm --import" rpm --import $P/other.asc
check "key sync" diglim key sync --yes
check "its package" rpm_do -i $P/other-1-1.rpm
expect_probe allowed exec /opt/other "runs"
agree "with a third party"
check "rpm forgets the key" rpm_do -e "$(rpm -qa 'gpg-pubkey*' | head -n 1)"
check "key sync again" diglim key sync --yes
check "sync" diglim sync --quiet
expect_probe "refused-by-diglim unknown" exec /opt/other "its program does not run any more"
agree "without the third party" other
check "erase it" rpm_do -e other
agree "in the end"
expect_equal 0 "$(falsely_refused)" "nothing that rpm installed was refused in all this"
check "detach" diglim detach
expect_probe allowed exec /opt/altered "and without DIGLIM everything runs again"
summary
