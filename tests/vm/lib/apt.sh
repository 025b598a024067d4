# shellcheck shell=bash
# Package archives as this machine's own apt knows them. No archive address is
# written anywhere in this repository: everything starts from what apt reports.

APT_RETRY=(-o Acquire::Retries=4 -o DPkg::Lock::Timeout=300)

# Runs a command that talks to an archive, again if it fails.
apt_retry()
{
	local try
	for try in 1 2 3; do
		"$@" && return 0
		[ "$try" = 3 ] || sleep $((try * 5))
	done
	return 1
}

# Index records of apt, one per line: label|origin|component|suite|uri|entry
apt_indexes()
{
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format \
		'$(LABEL)|$(ORIGIN)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)|$(SOURCESENTRY)' \
		'Created-By: Packages'
}

# The Signed-By value of a configured source, given as FILE:N and its URI. apt
# itself does not report it. Inline keys keep their continuation lines.
apt_signed_by()
{
	local file=${1%:*} number=${1##*:}
	case $file in
	*.sources)
		awk -v uri="${2%/}" '
			function finish() { if (hit && !done && key != "") { printf "%s", key; done = 1 } }
			/^[ \t]*$/ { finish(); hit = 0; key = ""; field = ""; next }
			/^#/ { next }
			/^[^ \t]/ { field = tolower($1) }
			field == "uris:" && index($0, uri) { hit = 1 }
			field == "signed-by:" {
				sub(/^[^ \t:]*:[ \t]*/, "")
				key = key (key == "" ? "" : "\n") $0
			}
			END { finish() }' "$file"
		;;
	*)
		sed -n "${number}s/^[^[]*\[[^]]*signed-by=\([^] ]*\).*/\1/p" "$file"
		;;
	esac
}

# apt_source LABEL SUITE: a deb822 source for SUITE of the archive that this
# machine uses under LABEL ("Debian", "Debian-Security").
apt_source()
{
	local label=$1 suite=$2 record uri entry key
	record=$(apt_indexes | awk -F'|' -v l="$label" \
		'$1 == l && $2 == "Debian" && $3 == "main" { print; exit }')
	[ -n "$record" ] || return 1
	IFS='|' read -r _ _ _ _ uri entry <<<"$record"
	key=$(apt_signed_by "$entry" "$uri")
	printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$suite"
	case $key in
	'') ;;
	' '*) printf 'Signed-By:\n%s\n' "$key" ;; # a key in place, on lines of its own
	*) printf 'Signed-By: %s\n' "$key" ;;
	esac
}

# Code name of the release that this machine is.
apt_release()
{
	apt_indexes | awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 !~ /-/ { print $4; exit }'
}

# Makes sure that apt has seen its archives: without index files it does not
# know their labels. Somebody who may not write apt's state is told so.
apt_known()
{
	apt_indexes | grep -q '^Debian|Debian|main|' && return 0
	if [ "$(id -u)" = 0 ]; then
		apt_retry apt-get "${APT_RETRY[@]}" -qq update >&2
	fi
	apt_indexes | grep -q '^Debian|Debian|main|' && return 0
	echo "apt knows no Debian archive: run 'apt-get update' as root first" >&2
	return 1
}
