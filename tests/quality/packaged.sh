#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever is installed has a place in a package of each kind, or is left out by name.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

# Without leading slash; debian/rules moves the units.
meson introspect --installed "$BUILD" | jq -r '.[] | ltrimstr("/")' >"$T/installed"

# debian_patterns: *.install, not-installed and what debian/rules takes away
debian_patterns()
{
	cat debian/*.install debian/not-installed
	sed -n 's,^\trm -rf ,,p' debian/rules | tr ' ' '\n' | sed 's,^debian/tmp/,,'
}

# rpm_patterns: %files and what %install takes away, macros replaced
rpm_patterns()
{
	{
		sed -n '/^%files/,/^%changelog/p' packaging/diglim.spec | sed -n 's,^%{,%{,p'
		sed -n 's,^rm -rf ,,p' packaging/diglim.spec | tr ' ' '\n' | sed 's,^%{buildroot},,'
	} | sed 's,%{_sbindir},usr/sbin,; s,%{_bindir},usr/bin,; s,%{_prefix},usr,; s,%{_datadir},usr/share,
		s,%{_mandir},usr/share/man,; s,%{diglim_plugindir},usr/lib*/rpm-plugins,; s,%{diglim_libdir},usr/lib*,'
}

# placed PATH PATTERNS: is it, or a folder above it, meant by one of them?
placed()
{
	local pattern
	while read -r pattern; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $1 in $pattern | $pattern/*) return 0 ;; esac
	done <"$2"
	return 1
}

debian_patterns >"$T/debian"
rpm_patterns >"$T/rpm"
while read -r file; do
	if placed "${file/#usr\/lib\/systemd/lib/systemd}" "$T/debian"; then ok "$file"; else fail "$file" "in no Debian package"; fi
	case $file in etc/apt/* | etc/dpkg/* | */apt-hook) continue ;; esac
	if placed "$file" "$T/rpm"; then ok "$file"; else fail "$file" "in no RPM"; fi
done <"$T/installed"

# What has no place is found.
for kind in debian rpm; do
	if placed usr/lib/diglim/absent "$T/$kind"; then fail "$kind: an absent file"; else ok "$kind: an absent file"; fi
done
if [ "$(wc -l <"$T/installed")" -gt 20 ]; then ok "files"; else fail "files" "too few"; fi
summary
