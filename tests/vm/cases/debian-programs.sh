#!/bin/bash
# Real programs under enforce, scope all, on a Debian whose files are all vouched for by its owner:
# package managers, services with file systems of their own, interpreters, a compiler, a virtual machine with a
# JIT, containers, and SELinux beside us. What nobody vouches for is refused in each of these places, and
# nothing else is.
# vm: long=yes root=debian mem=2048 timeout=3600 packages=nodejs,gcc,libc6-dev,perl,python3,openjdk-17-jre-headless,ecj,selinux-basics,selinux-policy-default,policycoreutils,ruby,lua5.4,php-cli
# vm: long=yes root=debian mem=2048 timeout=3600 packages=nodejs,gcc,libc6-dev,perl,python3,openjdk-17-jre-headless,ecj,selinux-basics,selinux-policy-default,policycoreutils,ruby,lua5.4,php-cli cmdline=lsm=landlock,lockdown,yama,integrity,selinux,bpf
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh

# SELinux, where it is on, would keep a service like the one that started this from most of what follows: it
# is not what we look at. An administrator's shell is not confined.
if [ -d /sys/fs/selinux ] && [ -z "${UNCONFINED:-}" ]; then
	export UNCONFINED=yes
	exec runcon unconfined_u:unconfined_r:unconfined_t:s0 "$BASH" "$0" "$@"
fi

own=/opt/own
mkdir -p $own/class $own/tree /srv/repo /etc/diglim
cd $own || exit 1

# package NAME: a Debian package with a program and a script of its maintainer, below /srv
package()
{
	local dir=/srv/$1
	mkdir -p "$dir/DEBIAN" "$dir/usr/bin"
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: Owner <o@example.org>\nDescription: test\n' \
		"$1" >"$dir/DEBIAN/control"
	printf '#!/bin/sh\n# %s\necho configured >/run/%s\n' "$1" "$1" >"$dir/DEBIAN/postinst"
	printf '#!/bin/sh\necho hello from %s\n' "$1" >"$dir/usr/bin/$1"
	chmod 755 "$dir/DEBIAN/postinst" "$dir/usr/bin/$1"
	dpkg-deb --build --root-owner-group "$dir" "/srv/repo/$1.deb" >/dev/null
	{
		sed '/^$/d' "$dir/DEBIAN/control"
		printf 'Filename: ./%s.deb\nSize: %s\nSHA256: %s\n\n' "$1" "$(stat -c %s "/srv/repo/$1.deb")" \
			"$(sha256sum "/srv/repo/$1.deb" | cut -d' ' -f1)"
	} >>/srv/repo/Packages
}

package owner-hello
package nobody-hello
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
printf 'print(sum(range(10)))\n' >sum.py
printf 'print 45, "\\n";\n' >sum.pl
printf 'console.log([...Array(10).keys()].reduce((a, b) => a + b))\n' >sum.js
printf 'puts 45\n' >sum.rb
printf 'print(45)\n' >sum.lua
# shellcheck disable=SC2016 # PHP's own
printf '<?php echo 45, "\\n";\n' >sum.php
# shellcheck disable=SC2016 # for that shell to expand
printf '#!/bin/bash\necho $((40 + 5))\n' >tree/sum.sh
printf '#include <stdio.h>\nint main(void) { puts("45"); return 0; }\n' >sum.c
printf 'int answer(void) { return 45; }\n' >answer.c
printf 'public class Sum { public static void main(String[] a) {\n int s = 0; for (int r = 0; r < 200000; r++) { s = 0; for (int i = 0; i < 10; i++) s += i; }\n System.out.println(s); } }\n' >Sum.java
# What a service tries that had the pins mounted into its own tree
cat >tree/unbind.sh <<'END'
#!/bin/bash
for dir in "$1" /sys/fs/bpf /sys; do
	umount "$dir" && echo "unmounted $dir"
	umount -l "$dir" && echo "detached $dir"
done
mkdir -p /run/own.away
mount --move "$1" /run/own.away && umount -l /run/own.away && echo moved
mount --rbind /sys /run/own.away && umount -l /run/own.away && echo bound
echo tried
END
chmod 755 tree/sum.sh tree/unbind.sh
cp /usr/bin/true unknown
printf 'x' >>unknown

# jar FILE FOLDER CLASS: an archive that java -jar starts
jar()
{
	python3 - "$@" <<-'END'
		import sys, zipfile
		out, folder, name = sys.argv[1:]
		with zipfile.ZipFile(out, "w") as z:
		    z.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: %s\n" % name)
		    z.write("%s/%s.class" % (folder, name), name + ".class")
	END
}

# answer WANT NAME COMMAND...: its last line
answer()
{
	local want=$1 name=$2
	shift 2
	expect_equal "$want" "$("$@" 2>&1 | tail -n 1)" "$name"
}

# refuses NAME PATH COMMAND...: it fails, and DIGLIM has refused a file of this path or, where the hook
# knows no path, of this name
refuses()
{
	local name=$1 path=$2 mark
	shift 2
	mark=$(diglim_mark)
	if "$@" >/tmp/said 2>&1; then
		fail "$name" "it went through"
	elif [ -n "$(diglim_event_since "$mark" | jq --arg path "$path" --arg base "${path##*/}" \
		'select(.event == "refused" and ((.path // "") | (endswith($path) or . == $base)))')" ]; then
		ok "$name"
	else
		fail "$name" "no event about $path: $(tail -n 3 /tmp/said)"
	fi
}

MACHINE_TREES="/usr /etc /opt/own/tree /vm /var/lib/dpkg/info /srv/owner-hello"
printf '[policy]\nscope = all\n[mode]\ndefault = off\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
start=$SECONDS
check "everything is vouched for" machine_vouch
echo "signing took $((SECONDS - start)) s: $(stat -c %s /etc/diglim/lists.d/machine) bytes"
check "attach" diglim attach
if [ -d /sys/fs/selinux ] && [ "$(getenforce 2>/dev/null)" != Disabled ]; then
	check "labels for SELinux" restorecon -R /usr /etc /opt /var /root /srv /vm
	check "memory that Node makes executable" setsebool allow_execmem=1
	check "what a service may execute" chcon -t bin_t tree/sum.sh unknown
	check "SELinux enforces" setenforce 1
	expect_equal Enforcing "$(getenforce)" "SELinux says so"
fi
DAEMONS=yes
systemctl restart systemd-udevd systemd-journald 2>/dev/null || DAEMONS=no
check "enforce" diglim mode enforce
begin=$(diglim_mark)

answer 45 "bash" tree/sum.sh
answer 45 "Python" python3 sum.py
answer 45 "Perl" perl sum.pl
answer 45 "Node" node sum.js
answer 45 "Ruby" ruby sum.rb
answer 45 "Lua" lua5.4 sum.lua
answer 45 "PHP" php sum.php
refuses "a program that nobody vouches for" $own/unknown ./unknown

answer configured "dpkg configures by hand" sh -c 'dpkg -i /srv/repo/owner-hello.deb && cat /run/owner-hello'
check "dpkg removes" dpkg -P owner-hello
rm -f /run/owner-hello
check "apt-get update" apt-get -q update
check "apt-get install" apt-get -qy install owner-hello
answer "hello from owner-hello" "the installed program" owner-hello
refuses "apt refuses a package with a script that nobody vouches for" nobody-hello.postinst \
	apt-get -qy install nobody-hello
refuses "its program, which is in place" /usr/bin/nobody-hello nobody-hello
check "dpkg takes it away again" dpkg -P nobody-hello

# A service that sees other mounts, as another user.
# service COMMAND: prints what it says; the manager is asked over its own socket, there is no bus here
# shellcheck disable=SC2317 # answer and refuses call it
service()
{
	rm -f /run/own.said
	printf '[Service]\nType=oneshot\nExecStart=%s\nStandardOutput=file:/run/own.said\n' "$1" \
		>/run/systemd/system/own.service
	printf '%s\n' PrivateTmp=yes ProtectSystem=strict ProtectHome=yes PrivateDevices=yes \
		DynamicUser=yes StateDirectory=own >>/run/systemd/system/own.service
	systemctl daemon-reload
	systemctl start own.service && cat /run/own.said
}
mkdir -p /run/systemd/system
answer 45 "a service with mounts of its own" service $own/tree/sum.sh
refuses "and an unknown program in it" $own/unknown service $own/unknown
refuses "a copy in its private /tmp" /tmp/copy \
	service "/bin/sh -c 'cp $own/unknown /tmp/copy && exec /tmp/copy'"
check "generators and daemon-reload" systemctl daemon-reload
if [ $DAEMONS = yes ]; then
	check "daemons start again" systemctl restart systemd-udevd systemd-journald
else
	skip "daemons start again" "SELinux keeps them from it without DIGLIM, too"
fi

check "gcc compiles and links" gcc -O1 -o sum sum.c
refuses "what it made" $own/sum ./sum
check "signed" diglim sign --name sum --key $OWNER_KEY --cert $OWNER_CERT --output /etc/diglim/lists.d/sum $own/sum
check "loaded" diglim load /etc/diglim/lists.d/sum
answer 45 "it runs" ./sum
check "gcc makes a library" gcc -shared -fPIC -o answer.so answer.c
refuses "Python loads it not" $own/answer.so python3 -c "import ctypes; ctypes.CDLL('$own/answer.so')"

check "Java's compiler, in Java" ecj -proc:none -source 17 -target 17 -d class Sum.java
answer 45 "Java with its JIT" java -cp class Sum
jar sum.jar class Sum
answer 45 "Java from an archive" java -jar sum.jar

# Containers: other namespaces, an own tree, an overlay.
answer 45 "unshare as another user" setpriv --reuid 65534 --clear-groups \
	unshare --user --map-root-user --mount --pid --fork --mount-proc $own/tree/sum.sh
refuses "an unknown program there" $own/unknown setpriv --reuid 65534 --clear-groups \
	unshare --user --map-root-user --mount --pid --fork $own/unknown
mkdir -p /run/c/{upper,work,root}
check "an overlay of the system" mount -t overlay overlay -o lowerdir=/,upperdir=/run/c/upper,workdir=/run/c/work /run/c/root
answer 45 "a container on it" unshare --mount --pid --uts --ipc --fork --root=/run/c/root /bin/bash $own/tree/sum.sh
refuses "an unknown program in the container" $own/unknown \
	unshare --mount --pid --uts --ipc --fork --root=/run/c/root $own/unknown

if [ "$(getenforce 2>/dev/null)" = Enforcing ]; then
	mark=$(diglim_mark)
	expect_status 126 "SELinux refuses what it would refuse" runcon system_u:system_r:passwd_t:s0 /usr/bin/perl -e 1
	expect_equal "" "$(diglim_event_since "$mark" | jq -r 'select(.event == "refused") | .path')" "and that is not ours"
fi

# Everything that was refused was meant to be.
expect_equal "" "$(diglim_event_since "$begin" | jq -r 'select(.event == "refused") | "\(.path) \(.reason) \(.program)"' |
	grep -vE '^([^ ]*/)?(unknown|copy|sum|answer\.so|nobody-hello|nobody-hello\.postinst) ' | sort | uniq -c | head -20)" \
	"nothing else was refused"
check "detach" diglim detach

# With interpreters watched as well: the distribution's scripts and modules have their lists, ours has not.
if [ "$VM_KERNEL" = 6.1 ]; then
	skip "watched interpreters" "this kernel does not have file_post_open"
else
	printf '[policy]\nscope = all\ninterpreters = on\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	# The self-test loads a module out of a memfd, whose label SELinux does not take for one.
	if [ "$(getenforce 2>/dev/null)" = Enforcing ]; then
		case $(diglim attach 2>&1) in
		*"another security module"*) ok "attach says that SELinux stands in front" ;;
		*) fail "attach says that SELinux stands in front" "$(diglim status 2>&1 | head -1)" ;;
		esac
		setenforce 0
	fi
	check "attach with interpreters = on" diglim attach
	[ ! -d /sys/fs/selinux ] || setenforce 1
	check "enforce" diglim mode enforce
	begin=$(diglim_mark)
	answer 45 "bash, watched" tree/sum.sh
	answer 45 "Python, watched" python3 -c 'import json, decimal, subprocess; print(json.loads("45"))'
	answer 45 "Perl, watched" perl -MFile::Find -MData::Dumper -e 'print 45, "\n"'
	check "dpkg, watched" dpkg -i /srv/repo/owner-hello.deb
	check "apt-get, watched" apt-get -qy purge owner-hello
	check "daemon-reload, watched" systemctl daemon-reload
	answer 45 "a service, watched" service $own/tree/sum.sh
	expect_equal "" "$(diglim_event_since "$begin" | jq -r 'select(.event == "refused") | "\(.path) \(.reason) \(.program)"' |
		sort | uniq -c | head -20)" "nothing was refused"
	for text in "python3 sum.py" "perl sum.pl" "node sum.js" "ruby sum.rb" "lua5.4 sum.lua" "php sum.php" \
		"java -jar sum.jar"; do
		# shellcheck disable=SC2086
		refuses "$text, for which nobody vouches" "$own/${text##* }" $text
	done
	check "texts signed" diglim sign --name texts --key $OWNER_KEY --cert $OWNER_CERT --use exec \
		--output /etc/diglim/lists.d/texts $own/sum.{py,pl,js,rb,lua,php,jar}
	check "texts loaded" diglim load /etc/diglim/lists.d/texts
	for text in "python3 sum.py" "perl sum.pl" "node sum.js" "ruby sum.rb" "lua5.4 sum.lua" "php sum.php" \
		"java -jar sum.jar"; do
		# shellcheck disable=SC2086
		answer 45 "$text, vouched for" $text
	done
	check "detach once more" diglim detach
fi

# Sealed. What process 1 forks may bind the pins into the tree of a service, whose programs may not: the
# pins, and what they hold, outlive whatever these do.
# bound MOUNTFLAGS: prints the last word of such a service
# shellcheck disable=SC2317 # answer calls it
bound()
{
	rm -f /run/own.said
	mkdir -p /run/own.pins
	printf '[Service]\nType=oneshot\nExecStart=%s /run/own.pins\nStandardOutput=file:/run/own.said\n' \
		"$own/tree/unbind.sh" >/run/systemd/system/own.service
	printf '%s\n' BindPaths=/sys/fs/bpf:/run/own.pins "MountFlags=$1" >>/run/systemd/system/own.service
	systemctl daemon-reload
	systemctl start own.service && cat /run/own.said
}
if [ "$(getenforce 2>/dev/null)" = Enforcing ]; then
	skip "sealed" "what SELinux keeps services from is not ours to show"
else
	printf '[policy]\nscope = all\n[hash]\nlimit = 1G\n' >/etc/diglim/diglim.conf
	check "attach to be sealed" diglim attach
	check "enforce, sealed" diglim mode enforce
	check "seal" diglim seal --yes
	for flags in shared slave private; do
		answer tried "a service with the pins in its tree, $flags" bound $flags
		expect_equal true "$(diglim status --json | jq .sealed)" "sealed as before, $flags"
		check "the pins are where they were, $flags" test -d /sys/fs/bpf/diglim
		refuses "an unknown program is refused, $flags" $own/unknown ./unknown
	done
fi
summary
