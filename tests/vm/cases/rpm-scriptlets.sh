#!/bin/bash
# Scriptlets of packages where interpreters may read only what somebody vouches for. rpm writes them to
# files of its own making: the owner's key vouches for the text in the signed header, while rpm runs.
# vm: kernels=6.12,7 timeout=600 mem=1536
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

ran() { paste -sd' ' /tmp/scriptlets 2>/dev/null; rm -f /tmp/scriptlets; }
scriptlet_lists() { diglim status --lists --json | jq -r '.loaded_lists[].name' | grep -c '^rpm scriptlets'; }
# refusals MARK: how many files of rpm's scriptlets were refused to interpreters since
refusals() { diglim_event_since "$1" | jq -r 'select(.hook == "interp-read") | .path' | grep -c /rpm-tmp; }

printf '[policy]\ninterpreters = strict\n' >/etc/diglim/diglim.conf
check "the machine's files" machine_vouch
check "those that interpreters read, too" owner_sign etc --all /etc /usr/lib/locale /usr/lib/rpm
check "the vendor's key" diglim key add --vendor --yes $P/vendor.asc
check "attach" diglim attach

# Before enforcing: they run.
check "install without enforcing" rpm_do -i $P/plain-1-1.rpm $P/nofiles-1-1.rpm
expect_equal "pre nofiles-1 1 post nofiles-1 1" "$(ran)" "its scriptlets ran"
check "erase without enforcing" rpm_do -e nofiles
ran >/dev/null

check "enforce" diglim mode enforce
mark=$(diglim_mark)
text=$(rpm_do -i $P/nofiles-1-1.rpm 2>&1)
case $text in
*"diglim: scriptlets: interpreters = strict"*"[sign] of diglim.conf"*) ok "without an owner's key rpm says what is missing" ;;
*) fail "without an owner's key rpm says what is missing" "$text" ;;
esac
expect_equal "" "$(ran)" "and no scriptlet runs"
check "DIGLIM refused them ($(refusals "$mark") times)" test "$(refusals "$mark")" -ge 1
# Its %preun fails likewise: rpm would not erase it.
rpm_do -e --noscripts nofiles >/dev/null 2>&1

printf '[policy]\ninterpreters = strict\n[sign]\nkey = %s\ncert = %s\n' $OWNER_KEY $OWNER_CERT >/etc/diglim/diglim.conf
mark=$(diglim_mark)
check "install a trigger" rpm_do -i $P/trigger-1-1.rpm
check "install with the owner's key" rpm_do -i $P/tool-1-1.rpm
expect_equal "pre tool-1 1 post tool-1 1 trigger 1 1" "$(ran)" "scriptlets and the trigger of another package ran"
check "upgrade" rpm_do -U $P/tool-2-1.rpm
expect_equal "pre tool-2 2 post tool-2 2 trigger 1 2 preun tool-1 1 postun tool-1 1" "$(ran)" "all of an upgrade ran"
check "with rpm's own debugging" rpm_do -e -vv tool
expect_equal "preun tool-2 0 postun tool-2 0" "$(ran)" "all of an erasure ran"
expect_equal 0 "$(refusals "$mark")" "nothing of them was refused"
expect_equal 0 "$(scriptlet_lists)" "nobody vouches for them any more"
rpm -qp --nosignature --qf '%{PREIN}' $P/tool-1-1.rpm >/opt/prein
echo "echo other" >/opt/other
expect_status 2 "the same text as a file of somebody is refused again" sh /opt/prein
expect_status 2 "as any other" sh /opt/other

# Somebody's package: not signed, so neither is its scriptlet.
check "a package that nobody vouches for" rpm_do -i $P/unsigned-1-1.rpm
expect_status 1 "its failing scriptlet is refused, which fails the same" rpm_do -i $P/badpre-1-1.rpm

# rpm is killed while a scriptlet runs (each process takes its time to begin): what it was vouched for with goes by sync.
strace -f -qq -o /dev/null -e trace=execve -e inject=execve:delay_enter=5000000 \
	rpm --force-debian --nodeps --nosignature -i $P/nofiles-1-1.rpm >/dev/null 2>&1 &
for ((i = 0; i < 150; i++)); do
	[ "$(scriptlet_lists)" = 0 ] || break
	sleep 0.2
done
expect_equal 2 "$(scriptlet_lists)" "vouched for while rpm runs, and the trigger, too"
kill -9 "$(pgrep -x rpm | head -n 1)"
wait
expect_equal 2 "$(scriptlet_lists)" "and after it was killed"
check "sync" diglim sync --quiet
expect_equal 0 "$(scriptlet_lists)" "not after sync"
check "detach" diglim detach
summary
