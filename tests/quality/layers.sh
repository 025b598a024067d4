#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/check-layers accepts this tree, and finds each kind of violation in trees made for it.
# shellcheck source=tests/quality/lib.sh
. "$(dirname "$0")/lib.sh"

if text=$(tools/check-layers "$SOURCE" 2>&1); then ok "this tree"; else fail "this tree" "$text"; fi

# A small tree that is in order.
tree()
{
	rm -rf "$T/tree"
	mkdir -p "$T/tree"/{abi,core,bpf,lib/{base,crypto,format,engine,pkgdb,policy,output},programs/x,tests/unit}
	cd "$T/tree" || exit 1
	echo '#include <linux/types.h>' >abi/a.h
	echo '#include "../abi/a.h"' >core/c.h
	printf '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include "../core/c.h"\n' >bpf/p.bpf.c
	echo >bpf/vmlinux.h
	printf '#include <stdio.h>\n#include "../../core/c.h"\n' >lib/base/b.h
	printf '#include <openssl/evp.h>\n#include "../base/b.h"\n' >lib/crypto/k.h
	printf '#include "../crypto/k.h"\n' >lib/format/f.h
	printf '#include <bpf/libbpf.h>\n#include <keyutils.h>\n#include "diglim.skel.h"\n' >lib/engine/e.c
	printf '#include <rpm/rpmlib.h>\n#include "../format/f.h"\n' >lib/pkgdb/rpmdb.c
	printf '#include <ini.h>\n' >lib/policy/y.c
	printf '#include <json-c/json.h>\n' >lib/output/o.c
	printf '#include "../../lib/format/f.h"\n' >programs/x/x.c
	printf '#include <cmocka.h>\n#include "../../lib/crypto/k.h"\n' >tests/unit/t.c
	printf "crypto_lib = static_library('crypto', 'k.c', dependencies: [libcrypto])\n" >lib/crypto/meson.build
	cd "$SOURCE" || exit 1
}

tree
if text=$(tools/check-layers "$T/tree" 2>&1); then ok "a tree in order"; else fail "a tree in order" "$text"; fi

# should_fail FILE LINE WORDS: with this line in this file there is a violation, said in these words
should_fail()
{
	local text status=0
	tree
	mkdir -p "$(dirname "$T/tree/$1")"
	echo "$2" >>"$T/tree/$1"
	text=$(tools/check-layers "$T/tree" 2>&1) || status=$?
	case $status:$text in
	1:*"$1:"*"$3"*"1 violations"*) ok "$1: $2" ;;
	*) fail "$1: $2" "status $status, \"$text\", not \"$3\"" ;;
	esac
}

should_fail abi/a.h '#include "../core/c.h"' 'abi may not include'
should_fail core/c.h '#include "../lib/base/b.h"' 'core may not include'
should_fail core/c.h '#include <string.h>' 'core is freestanding'
should_fail bpf/p.bpf.c '#include "../lib/base/b.h"' 'bpf may not include'
should_fail bpf/p.bpf.c '#include <linux/bpf.h>' 'only "vmlinux.h"'
should_fail lib/base/b.h '#include "../crypto/k.h"' 'lib/base may not include'
should_fail lib/crypto/k.h '#include "../format/f.h"' 'lib/crypto may not include'
should_fail lib/format/f.h '#include "../pkgdb/rpmdb.c"' 'lib/format may not include'
should_fail lib/engine/e.c '#include "../policy/y.c"' 'lib/engine may not include'
should_fail lib/engine/e.c '#include "../../programs/x/x.c"' 'lib/engine may not include'
should_fail lib/policy/y.c '#include "../output/o.c"' 'lib/policy may not include'
should_fail programs/x/x.c '#include "../../bpf/vmlinux.h"' 'programs may not include'
should_fail programs/x/x.c '#include "../../tests/unit/t.c"' 'programs may not include'
should_fail programs/x/x.c '#include <openssl/evp.h>' 'is for'
should_fail programs/x/x.c ' # include <bpf/libbpf.h>' 'is for'
should_fail programs/x/x.c '#include <keyutils.h>' 'is for'
should_fail programs/x/x.c '#include "diglim.skel.h"' 'is for'
should_fail lib/format/f.h '#include <openssl/evp.h>' 'is for'
should_fail lib/pkgdb/db.c '#include <rpm/rpmlib.h>' 'is for'
should_fail lib/pkgdb/db.c '#include <ini.h>' 'is for'
should_fail lib/base/b.h '#include <json-c/json.h>' 'is for'
should_fail lib/base/b.h '#include <cmocka.h>' 'is for'
should_fail lib/base/b.h '#include "absent.h"' 'is not a file of the tree'
should_fail lib/base/b.h '#include "../../../other/x.h"' 'is not a file of the tree'
should_fail lib/other/x.c '#include <stdio.h>' 'belongs to no layer'
should_fail lib/format/meson.build "x = static_library('f', dependencies: libcrypto)" 'links libcrypto'
should_fail programs/x/meson.build "executable('x', dependencies: [dependency('libbpf')])" 'links libbpf'
should_fail lib/base/meson.build "static_library('b', link_with: crypto_lib)" 'may not link crypto_lib'
should_fail lib/engine/meson.build "static_library('e', dependencies: [policy_dep])" 'may not link policy_dep'

mkdir "$T/empty"
status=0
tools/check-layers "$T/empty" >/dev/null 2>&1 || status=$?
if [ $status = 2 ]; then ok "an empty tree is trouble"; else fail "an empty tree is trouble" "$status"; fi
summary
