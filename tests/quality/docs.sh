#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the documents name is there: files they link to or name, verbs, and make targets.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

# links FILE, paths FILE, verbs FILE, targets FILE: what it names, a line each
links() { grep -oE '\]\([^)#]+' "$1" | sed 's/^](//' | grep -vE '^[a-z]+:' | sort -u; }
paths()
{
	grep -oE '`(abi|core|bpf|lib|programs|tests|tools|docs|bench|man)/[A-Za-z0-9_./*-]*`' "$1" | tr -d '`' | sort -u
}
verbs() { grep -oE '(^|[`( ])diglim [a-z]+' "$1" | awk '{ print $NF }' | sort -u; }
targets() { grep -oE '(^ *|`)make [a-z-]+' "$1" | awk '{ print $NF }' | sort -u; }

# exists PATTERN: is there such a file?
exists() { compgen -G "$1" >/dev/null; }

# judge FILE: prints what it names that is not there
judge()
{
	local x dir
	dir=$(dirname "$1")
	while read -r x; do
		[ -e "$dir/$x" ] || [ -e "$(dirname "${2:-$1}")/$x" ] || echo "link to $x"
	done < <(links "$1")
	while read -r x; do exists "$x" || echo "file $x"; done < <(paths "$1")
	while read -r x; do
		case $x in VERB | verb | contains | in | makes | is | does | gives) continue ;; esac
		[ -e "programs/diglim/cmd-$x.c" ] || echo "verb $x"
	done < <(verbs "$1")
	while read -r x; do grep -q "^$x:" Makefile || echo "target $x"; done < <(targets "$1")
}

n=0
for f in $(tracked '*.md' | grep -v '^docs/results/'); do
	n=$((n + 1))
	text=$(judge "$f")
	if [ -z "$text" ]; then ok "$f"; else fail "$f" "names what is not there: $text"; fi
done
if [ $n -ge 5 ]; then ok "documents"; else fail "documents" "only $n"; fi

# should_find TEXT WHAT
should_find()
{
	echo "$1" >"$T/sample.md"
	if [ "$(judge "$T/sample.md" README.md)" = "$2" ]; then ok "$2"; else fail "$2" "not found in \"$1\""; fi
}
should_find 'see [x](docs/ABSENT.md)' 'link to docs/ABSENT.md'
should_find 'in `lib/base/absent.c`' 'file lib/base/absent.c'
should_find 'run `diglim frobnicate x`' 'verb frobnicate'
should_find '    make absent' 'target absent'
summary
