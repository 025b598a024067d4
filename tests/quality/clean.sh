#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Nothing in the tree depends on the machine it was written on: no build path, no home folder, no
# address of a package archive. And nothing is left to be done by whoever reads it.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

# Licence texts and binary data are not ours to judge, and debian/copyright names its format by an address; this
# file holds the samples.
tracked '*' | grep -vE '^(LICENSES/|tests/data/|debian/copyright$|tests/quality/clean\.sh$)' >"$T/files"

# found REGEX FOLDER: lines of the listed files below FOLDER
found() { (cd "$2" && tr '\n' '\0' <"$T/files" | xargs -0 grep -nIE -e "$1" --) 2>/dev/null; }

MARK='TO''DO|FIX''ME|XX''X'
# /home/me is nobody's.
declare -A RULES=(
	["an archive's address"]='(https?|ftp)://[^ "<>]*(debian|ubuntu|mirror|snapshot|artifactory|nexus)|^deb(-src)? '
	["an absolute path into somebody's home"]='(^|[^A-Za-z0-9_.~]|-[IL])/(home|Users)/([a-ln-z]|m[^e]|me[^/])'
	["a proxy"]='(https?|ftp|no)_proxy='
	["something left to do"]="(^|[^A-Za-z])($MARK)([^A-Za-z]|\$)"
)
# The paths of this very build and of this user.
rule_path()
{
	printf '(^|[^A-Za-z0-9_.-]|-[IL])%s(/|[^A-Za-z0-9_.-]|$)' \
		"$(printf '%s' "$1" | sed 's/[].[*^$+?(){}|\\]/\\&/g')"
}
RULES["the path of the source"]=$(rule_path "$SOURCE")
RULES["the path of the build"]=$(rule_path "$BUILD")
# Root's home is a system path that programs may name.
case ${HOME:-/root} in / | /root) ;; *) RULES["this user's home"]=$(rule_path "$HOME") ;; esac
host=$(uname -n)
[ ${#host} -lt 4 ] || [ "$host" = localhost ] || [ "$host" = debian ] ||
	RULES["this machine's name"]=$(rule_path "$host")

for name in "${!RULES[@]}"; do
	text=$(found "${RULES[$name]}" "$SOURCE")
	if [ -z "$text" ]; then ok "$name"; else fail "$name" "$text"; fi
done

# Each rule finds what it is for.
mkdir "$T/tree"
DISTRO=debian
declare -A SAMPLES=(
	["an archive's address"]="wget http://ftp.$DISTRO.org/$DISTRO/pool"
	["an absolute path into somebody's home"]='cc -I/home/builder/include'
	["a proxy"]='export http_proxy=http://10.0.0.1:3128'
	["something left to do"]="/* ${MARK%%|*}: later */"
	["the path of the source"]="-I$SOURCE/abi"
	["the path of the build"]="-L $BUILD/lib"
	["this user's home"]="cd $HOME/x"
	["this machine's name"]="ssh $host"
)
tree_file=$(head -n 1 "$T/files")
for name in "${!RULES[@]}"; do
	mkdir -p "$(dirname "$T/tree/$tree_file")"
	echo "${SAMPLES[$name]}" >"$T/tree/$tree_file"
	if [ -n "$(found "${RULES[$name]}" "$T/tree")" ]; then ok "$name is found"; else fail "$name is found"; fi
done
summary
