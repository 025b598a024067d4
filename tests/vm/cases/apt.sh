#!/bin/bash
# apt and dpkg under enforce, scope all, with packages of Debian's archive and their real signatures: what is
# installed runs at once, what is replaced or removed does not run any more, and after each step the kernel
# holds just what dpkg has. What the archive did not sign is not installed.
# vm: long=yes root=debian archive=1 mem=2048 timeout=3600
# vm-files: tests/vm/guest/dpkg.sh:/vm/ @BUILD@/tests/vm/tools/store-dump:/usr/bin/
# vm-files: integrations/apt/apt-hook:/usr/lib/diglim/ integrations/apt/apt.conf:/etc/apt/apt.conf.d/50diglim integrations/apt/dpkg.cfg:/etc/dpkg/dpkg.cfg.d/diglim
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
# shellcheck source=tests/vm/guest/dpkg.sh
. /vm/dpkg.sh

LISTS=/var/lib/apt/lists
mkdir -p /opt/own
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
cp /srv/archive/sources /etc/apt/sources.list.d/archive.sources
echo 'Acquire::Languages "none";' >/etc/apt/apt.conf.d/99languages
settings()
{
	printf '%s\n' '[policy]' 'scope = all' '[mode]' 'default = off' '[hash]' 'limit = 1G' '[sign]' "key = $OWNER_KEY" \
		"cert = $OWNER_CERT" '[apt]' "untraced = $1" >/etc/diglim/diglim.conf
}
mkdir -p /etc/diglim
settings refuse

install() { apt-get -qy -o Dpkg::Options::=--force-confold --no-install-recommends install "$@"; }

# versions NAME: what the archive has, oldest first
versions() { apt-cache madison "$1" | cut -d'|' -f2 | tr -d ' ' | sort -uV; }

# refuses NAME WORDS COMMAND...: it fails and says so; of an update it is a warning where older indexes are there
refuses()
{
	local name=$1 words=$2
	shift 2
	if "$@" >/tmp/said 2>&1 && [ "${*: -1}" != update ]; then
		fail "$name" "it went through: $(tail -n 3 /tmp/said)"
	elif grep -q "$words" /tmp/said; then
		ok "$name"
	else
		fail "$name" "not for that reason: $(tail -n 5 /tmp/said)"
	fi
}

# took NAME: seconds since the last one
took() { echo "# $1: $((SECONDS - started)) s"; started=$SECONDS; }
started=$SECONDS

# ---- An owner takes in what is there
check "dpkg's packages are imported, the rest is signed" dpkg_vouch
echo "# left out: $(wc -l </tmp/left-out): $(head -n 5 /tmp/left-out | tr '\n' ' ')"
took "import, scan and sign"
expect_status 0 "scan finds nothing more" diglim scan --all-file-systems /
took "scan"
expect_status 0 "check: enforcing would break nothing" diglim check
check "attach" diglim attach
check "enforce" diglim mode enforce
begin=$(diglim_mark)
dpkg_baseline
agree "imported"
took "baseline"
case $(diglim explain /usr/bin/dpkg 2>&1) in
*"matched dpkg's md5sums"*) ok "explain says where an imported digest is from" ;;
*) fail "explain says where an imported digest is from" "$(diglim explain /usr/bin/dpkg 2>&1)" ;;
esac

# ---- Install, upgrade, remove, purge
check "update" apt-get -q update
took "update"
for name in unzip antiword iotop-c bootlogd; do
	expect_equal 2 "$(versions $name | wc -l)" "the archive has two versions of $name"
	old+=("$name=$(versions $name | head -n 1)")
	new+=("$name=$(versions $name | tail -n 1)")
done
check "install ${old[*]}" install "${old[@]}"
took "install"
agree "installed"
took "agree"
cp /usr/bin/unzip /opt/own/unzip-1
expect_probe allowed exec /opt/own/unzip-1 "the installed program runs, so does a copy"
expect_probe allowed exec /usr/sbin/iotop "so does an alternative"
case $(diglim explain /usr/bin/unzip 2>&1) in
*"which a signed InRelease listed"*) ok "explain says where an installed digest is from" ;;
*) fail "explain says where an installed digest is from" "$(diglim explain /usr/bin/unzip 2>&1)" ;;
esac
printf '# changed here\n' >>/etc/init.d/bootlogd
expect_probe "refused-by-diglim unknown" exec /etc/init.d/bootlogd "a changed conffile is not vouched for"
check "upgrade ${new[*]}" install "${new[@]}"
took "upgrade"
agree "upgraded"
expect_probe allowed exec /usr/bin/unzip "the new program runs"
expect_probe "refused-by-diglim unknown" exec /opt/own/unzip-1 "the old one does not any more"
check "a package with diversions" install molly-guard
agree "diverted"
check "reinstall" apt-get -qy --reinstall install antiword
agree "reinstalled"
cp /usr/bin/antiword /opt/own/antiword
check "remove" apt-get -qy remove antiword bootlogd
agree "removed, one with its configuration left"
expect_probe "refused-by-diglim unknown" exec /opt/own/antiword "what was removed does not run"
check "purge" apt-get -qy purge bootlogd iotop-c molly-guard
agree "purged"
took "remove and purge"

# ---- What maintainer scripts make
if install python3-six >/tmp/said 2>&1; then ok "Python, and a module of it"; else fail "Python" "$(tail -n 5 /tmp/said)"; fi
grep '^\[' /tmp/said
case $(cat /tmp/said) in
*"files such as /usr/lib/python3"*.pyc*"takes the source"*) ok "what it compiled is reported" ;;
*) fail "what it compiled is reported" "$(grep '^\[' /tmp/said)" ;;
esac
took "python"
agree "with Python"
check "the module is there" python3 -c 'import six'

# ---- Plain dpkg
antiword=$(find /srv/archive -name "antiword_$(versions antiword | tail -n 1)_*.deb")
check "dpkg -i" dpkg -i "$antiword"
agree "by dpkg"
expect_probe allowed exec /opt/own/antiword "it runs again"
check "dpkg -P" dpkg -P antiword
agree "purged by dpkg"

# ---- Tampered with
mkdir -p /root/evil
dpkg-deb -R "$antiword" /root/evil/tree
printf 'x' >>/root/evil/tree/usr/bin/antiword
dpkg-deb --root-owner-group -b /root/evil/tree /root/evil/antiword.deb >/dev/null
refuses "dpkg does not install a tampered package" "tampered with" dpkg -i /root/evil/antiword.deb
refuses "nor does apt" "tampered with" install /root/evil/antiword.deb
cp -a "$antiword" /root/evil/good.deb
cp /root/evil/antiword.deb "$antiword"
refuses "apt itself sees a tampered one in the archive" . install antiword
agree "after tampered packages"

# A Packages file that says so, too, convinces apt, which has checked it before.
P=$(grep -l "^Filename: .*/$(basename "$antiword")\$" $LISTS/*_Packages | head -n 1)
sed "s/$(sha256sum </root/evil/good.deb | cut -d' ' -f1)/$(sha256sum </root/evil/antiword.deb | cut -d' ' -f1)/
		s/^Size: $(stat -c %s /root/evil/good.deb)$/Size: $(stat -c %s /root/evil/antiword.deb)/" "$P" >/root/evil/changed
mv "$P" /root/evil/packages
cp /root/evil/changed "$P"
refuses "a tampered Packages file convinces apt, not us" "another file than the signed InRelease lists" install antiword
agree "after a tampered index"
mv /root/evil/packages "$P"
cp -a /root/evil/good.deb "$antiword"

# ---- Keys
source_of() { printf 'deb [signed-by=%s] file:/srv/archive/%s test main\n' "$2" "$1" >"/etc/apt/sources.list.d/$1.list"; }
debian=/usr/share/keyrings/debian-archive-keyring.gpg
refuses "a package of an archive that nobody named" "no signed InRelease" dpkg -i /srv/archive/foreign/pool/foreign.deb
source_of foreign $debian
refuses "apt does not know its key" "NO_PUBKEY\|not signed\|couldn't be verified" apt-get -q update
cp /srv/archive/foreign/dists/test/InRelease $LISTS/_srv_archive_foreign_dists_test_InRelease
cp /srv/archive/foreign/dists/test/main/binary-amd64/Packages $LISTS/_srv_archive_foreign_dists_test_main_binary-amd64_Packages
refuses "nor do we" "key that is not known" dpkg -i /srv/archive/foreign/pool/foreign.deb
source_of foreign /srv/archive/foreign.asc
check "with its own key for its own source" dpkg -i /srv/archive/foreign/pool/foreign.deb
expect_equal "foreign foreign" "$(foreign-foreign)" "it runs"
agree "with a second archive"
check "and goes" dpkg -P foreign
source_of expired /srv/archive/expired.asc
cp /srv/archive/expired/dists/test/InRelease $LISTS/_srv_archive_expired_dists_test_InRelease
cp /srv/archive/expired/dists/test/main/binary-amd64/Packages $LISTS/_srv_archive_expired_dists_test_main_binary-amd64_Packages
refuses "an expired key" "expired" dpkg -i /srv/archive/expired/pool/expired.deb
refuses "of which apt does not take indexes either" "EXPKEYSIG\|not signed\|couldn't be verified" apt-get -q update
rm /etc/apt/sources.list.d/expired.list

# The foreign key is good for its own source; under Debian's name it is not.
D=_srv_archive_debian_dists_bookworm
cp /srv/archive/foreign/dists/test/InRelease $LISTS/${D}-backports_InRelease
rm -f $LISTS/_srv_archive_foreign* $LISTS/${D}-backports_main*
cp /srv/archive/foreign/dists/test/main/binary-amd64/Packages $LISTS/${D}-backports_main_binary-amd64_Packages
refuses "a key vouches for the source that names it, not for another" "key that is not known" dpkg -i /srv/archive/foreign/pool/foreign.deb
rm /etc/apt/sources.list.d/foreign.list
check "update again" apt-get -q update
agree "after strange keys"
took "attacks"

# ---- dpkg is killed
killed()
{
	(strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:signal=SIGKILL:when=$2" "${@:3}" >/dev/null; exit $?) 2>/dev/null
}
for place in rename:3 rename:9 rename:20 fsync:2 fsync:6 unlink:4; do
	if killed "${place%:*}" "${place#*:}" dpkg -i "$antiword"; then
		skip "killed at $place" "it ended before"
	else
		ok "dpkg was killed at $place: $(dpkg-query -W -f '${Status}' antiword 2>&1)"
	fi
	rm -f /var/lib/dpkg/lock*
	check "sync" diglim apt --sync
	check "once more" dpkg -i "$antiword"
	agree "killed at $place"
	expect_probe allowed exec /opt/own/antiword "it runs"
	check "purge it" dpkg -P antiword
	agree "purged after $place"
done
took "kills"

# ---- What nobody vouches for, in the end
expect_equal "" "$(diglim_event_since "$begin" | jq -r 'select(.event == "refused") | "\(.path) \(.reason) \(.program)"' |
	grep -vE '^/opt/own/|^/etc/init.d/bootlogd ' | sort | uniq -c | head -20)" "nothing else was refused"
cp /usr/bin/sleep /opt/own/planted
printf x >>/opt/own/planted
expect_status 1 "scan finds a planted program" diglim scan /opt
diglim scan /opt >/tmp/said 2>/dev/null
check "by its name" grep planted /tmp/said
check "audit" diglim mode audit
/opt/own/planted 600 &
planted=$!
sleep 2
expect_status 1 "check finds it running" diglim check
diglim check >/tmp/said 2>/dev/null
check "by its name" grep /opt/own/planted /tmp/said
kill $planted
rm /opt/own/planted
took "scan and check"
check "detach" diglim detach
summary
