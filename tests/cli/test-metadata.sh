#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Owner, mode, capabilities and label of files: written by import, compared by verify, also with what
# RPM headers say and with lists that an earlier generation wrote.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

owner_key
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT")
META=$ROOT/var/lib/diglim/metadata
mkdir -p "$ROOT/opt/app/sub" "$ROOT/etc"
cp /bin/true "$ROOT/opt/app/tool"
echo text >"$ROOT/opt/app/sub/notes"
ln -s tool "$ROOT/opt/app/link"
chmod 755 "$ROOT/opt/app/tool"
chmod 640 "$ROOT/opt/app/sub/notes"
# differs PATTERN: verify names just one file, for this reason
differs()
{
	run 1 verify --root "$ROOT" --metadata /opt
	out_has "$1"
	run 1 verify --root "$ROOT" --metadata /opt --json
	json "d['files_differ'] + d['files_missing'] == 1 and len(d['metadata']) == 1"
}

run 1 verify --root "$ROOT" --metadata /opt
out_has 'no list says anything'
run 0 import "${sign[@]}" --metadata /opt
list=$META/0-metadata_list-compact_tlv-opt
[ -f "$list" ] || fail "no list in $META"
run 0 key add --root "$ROOT" --owner --yes "$WORK/cert.pem"
run 0 verify --root "$ROOT" --metadata /opt
out_has '6 as listed, 0 differ'
run 0 verify --root "$ROOT" --metadata /opt/app/sub/
out_has '2 as listed'
run 0 verify --root "$ROOT" --metadata /
run 1 verify --root "$ROOT" --metadata /op
run 2 verify --root "$ROOT" --metadata opt
run 2 verify --root "$ROOT" --metadata /opt --files

chmod 4755 "$ROOT/opt/app/tool"
differs '/opt/app/tool: differs: mode 4755, listed 0755'
chmod 755 "$ROOT/opt/app/tool"
rm "$ROOT/opt/app/link"
differs '/opt/app/link: missing'
echo file >"$ROOT/opt/app/link"
differs '/opt/app/link: differs: another kind of file'
ln -sf tool "$ROOT/opt/app/link"
run 0 verify --root "$ROOT" --metadata /opt

# As root only: owner, capabilities, label. The list has them, and says when they are gone.
if [ "$(id -u)" = 0 ] && chown 12:34 "$ROOT/opt/app/sub/notes"; then
	differs 'owner 12, listed 0, group 34, listed 0'
	chown 0:0 "$ROOT/opt/app/sub/notes"
fi
# xattr NAME VALUE: of the tool; without VALUE it is taken away. Fails where this is not allowed.
xattr()
{
	python3 - "$ROOT/opt/app/tool" "$@" <<-'END' 2>/dev/null
		import os, sys
		path, name = sys.argv[1:3]
		if len(sys.argv) > 3:
		    os.setxattr(path, name, sys.argv[3].encode("latin-1").decode("unicode_escape").encode("latin-1"))
		else:
		    os.removexattr(path, name)
	END
}
# cap_net_raw=ep, as the file system keeps it (struct vfs_cap_data, revision 2)
raw='\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
if xattr security.capability "$raw"; then
	differs '/opt/app/tool: differs: capabilities .*cap_net_raw.*, listed none'
	run 0 import "${sign[@]}" --metadata /opt
	run 0 verify --root "$ROOT" --metadata /opt
	xattr security.capability
	differs 'capabilities none, listed .*cap_net_raw'
	run 0 import "${sign[@]}" --metadata /opt
fi
if xattr security.selinux system_u:object_r:bin_t:s0; then
	run 0 import "${sign[@]}" --metadata /opt
	run 0 verify --root "$ROOT" --metadata /opt
	xattr security.selinux system_u:object_r:tmp_t:s0
	differs 'label system_u:object_r:tmp_t:s0, listed system_u:object_r:bin_t:s0'
	run 0 import "${sign[@]}" --metadata /opt
fi

# A list that was altered, or is not signed, counts for nothing.
cp "$list" "$WORK/good"
flip "$list" 40
run 1 verify --root "$ROOT" --metadata /opt
err_has 'not used'
out_has 'no list says anything'
cp "$WORK/good" "$list"

# Of an earlier generation: signed with the trailer, numbers of 2 bytes, file type absent.
python3 - "$WORK/0-metadata_list-compact_tlv-old" <<'END'
import struct, sys
item = lambda id, data: struct.pack("<BI", id, len(data)) + data
entry = b"\x04" + item(2, b"/opt/app/tool\0") + item(3, struct.pack("<H", 0)) + item(4, struct.pack("<H", 0))
entry += item(5, struct.pack("<H", 0o700))
open(sys.argv[1], "wb").write(struct.pack("<BBHHHII", 2, 0, 3, 0, 4, 1, len(entry)) + entry)
END
run 1 verify --root "$ROOT" --metadata /opt "$WORK/0-metadata_list-compact_tlv-old"
err_has 'no signature'

# What a package says of its files.
if [ -f "$DIGLIM_BUILD/tests/rpm/packages/vendor.asc" ]; then
	P=$DIGLIM_BUILD/tests/rpm/packages
	rm "$list"
	run 0 key add --root "$ROOT" --vendor --yes "$P/vendor.asc"
	run 0 import --root "$ROOT" "$P/plain-1-1.rpm"
	run 1 verify --root "$ROOT" --metadata /opt
	out_has '/opt/plain: missing'
	cp /bin/true "$ROOT/opt/plain"
	chmod 711 "$ROOT/opt/plain"
	run 1 verify --root "$ROOT" --metadata /opt/plain
	out_has '/opt/plain: differs: mode 0711, listed 0755'
	chmod 755 "$ROOT/opt/plain"
	run 0 verify --root "$ROOT" --metadata /opt/plain
fi
finish
