# shellcheck shell=bash
# Sourced after machine.sh by guest scripts in which dpkg installs packages: an owner who vouches for what
# is there, and whether the kernel and dpkg say the same.

export DEBIAN_FRONTEND=noninteractive

# What somebody could run or load, of the paths on standard input: by mode, name and first bytes, as the
# manual has it and not as the program does it. Where an administrator kept his configuration file, the
# shipped one is beside it.
PROGRAMS='
chomp;
$_ .= ".dpkg-dist" if -e "$_.dpkg-dist";
next if -l || !-f _;
my ($mode, $head) = ((stat _)[2], "");
if (open my $f, "<", $_) { read $f, $head, 20 }
my $elf = $head =~ /^\x7fELF/;
my $other = ($mode & 0111) || /\/[^\/]+\.(R|r|sh|py|pl|pm|rb|js|ksh|zsh|csh|pyc|pyo|pyw|lua|tcl|php|mjs|cjs|awk|bash|fish)$/ ||
	/\.ko(\.(xz|gz|zst))?$/ || m,^/boot/, || m,^(/usr)?/lib/(modules|firmware)/, || $head =~ /^#!/;
my $type = length($head) < 20 ? 0 : unpack("v", substr($head, 16, 2));
print "$_\n" if $other || $elf && $type != 1 && $type != 4;
'

# digests_of <PATHS: digests of those that are programs
digests_of() { perl -ne "$PROGRAMS" | sort -u | xargs -r -d '\n' sha256sum | sed 's/^\\//' | cut -d' ' -f1; }

# The installed packages, and what dpkg says is theirs; a diverted file lies elsewhere.
dpkg_installed() { dpkg-query -W -f '${db:Status-Status} ${binary:Package}=${Version}\n' | sed -n 's/^installed //p' | sort; }
dpkg_paths()
{
	xargs -r dpkg-query -L | sed -E -n -e 's/^diverted by [^ ]+ to: //' -e 's/^locally diverted to: //' \
		-e '/^(package diverts others to|\/)/!d' -e 's/^package diverts others to: .*//' -e '/^\//p'
}

# What cannot change any more while the test runs is hashed once.
dpkg_baseline()
{
	dpkg_installed >/tmp/packages.base
	cut -d= -f1 /tmp/packages.base | dpkg_paths | grep -vxFf /tmp/left-out | digests_of >/tmp/digests.base
}

# What dpkg has now: packages as they were in the beginning, those that came, and scripts of maintainers.
dpkg_digests()
{
	dpkg_installed >/tmp/packages.now
	[ -z "$(comm -23 /tmp/packages.base /tmp/packages.now)" ] || dpkg_baseline
	{
		cat /tmp/digests.base
		comm -13 /tmp/packages.base /tmp/packages.now | cut -d= -f1 | dpkg_paths | digests_of
		find /var/lib/dpkg/info \( -name '*.preinst' -o -name '*.postinst' -o -name '*.prerm' -o -name '*.postrm' \
			-o -name '*.config' \) -exec sha256sum {} + | cut -d' ' -f1
	} | sort -u
}

# agree NAME: beside what the owner signed, the kernel holds what dpkg has installed, and so do the lists
agree()
{
	dpkg_digests | sort -u - /tmp/digests.owner >/tmp/digests.dpkg
	store-dump | cut -d' ' -f1 | sort -u >/tmp/digests.kernel
	if cmp -s /tmp/digests.dpkg /tmp/digests.kernel; then
		ok "$1: kernel and dpkg agree on $(wc -l </tmp/digests.kernel) digests"
	else
		fail "$1: kernel and dpkg agree" "$(diff /tmp/digests.dpkg /tmp/digests.kernel | grep -c '^<') only dpkg," \
			"$(diff /tmp/digests.dpkg /tmp/digests.kernel | grep -c '^>') only the kernel"
		diff /tmp/digests.dpkg /tmp/digests.kernel | sed -n 's/^> //p' | head -n 5 | while read -r digest; do
			echo "  kernel: $digest $(diglim explain "$digest" 2>&1 | head -n 4 | tr '\n' ' ')"
		done
		diff /tmp/digests.dpkg /tmp/digests.kernel | sed -n 's/^< //p' | sort >/tmp/missing
		dpkg_installed | cut -d= -f1 | dpkg_paths | perl -ne "$PROGRAMS" | xargs -d '\n' sha256sum 2>/dev/null |
			grep -Ff /tmp/missing | head -n 5 | sed 's/^/  dpkg: /'
	fi
}

# An owner as diglim(8) has it: dpkg's packages are imported, what is left is looked at and signed.
dpkg_vouch()
{
	local status=0
	owner_create
	diglim import --dpkg --json >/tmp/import.json 2>/tmp/import.err || status=$?
	[ $status -lt 2 ] || { cat /tmp/import.err; return 1; }
	jq -r '.. | objects | select(.outcome? == "left-out") | .path' /tmp/import.json | sort >/tmp/left-out
	diglim scan / --propose /root/rest >/tmp/scan 2>&1
	grep -oE '^[0-9a-f]{64} ' /root/rest | tr -d ' ' | sort -u >/tmp/digests.owner
	diglim sign --from /root/rest --name rest
}
