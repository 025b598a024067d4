#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A tree of a Debian archive: from the signed InRelease down to the files, and nothing that is not on that way.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/debian.sh
. "$(dirname "$0")/debian.sh"

owner_key
archive_key archive || skip "gpg makes no key"
archive_key other
sign=(--key "$WORK/key.pem" --cert "$WORK/cert.pem" --root "$ROOT" --archive-key "$WORK/archive.asc")
A=$WORK/archive
mkdir -p "$A/pool"
make_deb "$A/pool/one.deb" one 1.0
make_deb "$A/pool/two.deb" two 2:2.0~rc1-1+b2
release "$A" archive "Valid-Until: $(LC_ALL=C date -u -d +1day '+%a, %d %b %Y %H:%M:%S UTC')"
good() { rm -rf "$WORK/a" "$LISTS" && cp -r "$A" "$WORK/a"; }

# refused TEXT: nothing of the archive is taken, and the answer has TEXT
refused()
{
	run 1 import --archive "$WORK/a" "${sign[@]}"
	out_has "$1"
	[ -z "$(ls "$LISTS")" ] || fail "lists in spite of '$1': $(ls "$LISTS")"
}

good
run 0 import --archive "$WORK/a" "${sign[@]}" --json
json 'sorted(p["name"] for p in d["packages"]) == ["one_1.0_all (archive)", "two_2:2.0~rc1-1+b2_all (archive)"]'
run 0 inspect --root "$ROOT" "$LISTS/tlv-one_1.0_all"
out_has "which a signed InRelease lists"
out_has "$(dpkg-deb --fsys-tarfile "$A/pool/one.deb" | tar -xO ./usr/bin/one | sha256sum | cut -d' ' -f1) exec +/usr/bin/one"
out_has '/var/lib/dpkg/info/one.postrm'

# Compressed indexes are the same; a package that the mirror lacks is named.
for how in xz gzip zstd bzip2; do
	good
	$how -q -f "$WORK/a/dists/test/main/binary-all/Packages"
	rm -f "$WORK/a/dists/test/main/binary-all/Packages" "$WORK/a/pool/two.deb"
	run 0 import --archive "$WORK/a" "${sign[@]}" --json
	json '[(p["name"], p["outcome"]) for p in d["packages"]] == [("one_1.0_all (archive)", "imported"), ("pool/two.deb", "absent")]'
	err_has '1 packages that the indexes list are not in .*/a: pool/two.deb$'
done

# A tampered .deb: refused by name, the other is taken.
good
printf x >>"$WORK/a/pool/one.deb"
run 1 import --archive "$WORK/a" "${sign[@]}" --json
json '[(p["name"], p["outcome"]) for p in d["packages"]] == [("pool/one.deb", "refused"), ("two_2:2.0~rc1-1+b2_all (archive)", "imported")]'
good
cp "$WORK/a/pool/two.deb" "$WORK/a/pool/one.deb"
run 1 import --archive "$WORK/a" "${sign[@]}"
out_has 'pool/one.deb: another file than Packages lists'

# Tampered Packages, tampered InRelease, something before or behind the signature.
good
sed -i 's/^Version: 1.0/Version: 9.0/' "$WORK/a/dists/test/main/binary-all/Packages"
refused 'another file than the signed InRelease lists'
good
sed -i 's/^Codename: test/Codename: evil/' "$WORK/a/dists/test/InRelease"
refused 'does not verify with the key of archive'
good
echo 'Codename: evil' >>"$WORK/a/dists/test/InRelease"
refused 'something behind the signature'
good
sed -i '1i Codename: evil' "$WORK/a/dists/test/InRelease"
refused 'no signed text begins here'
good
sed -i '2a Codename: evil' "$WORK/a/dists/test/InRelease"
refused 'header that is not signed'
good
head -c 200 "$A/dists/test/InRelease" >"$WORK/a/dists/test/InRelease"
refused 'no signature behind the text'
good
cp "$WORK/Release" "$WORK/a/dists/test/InRelease"
refused 'no signed text'

# Expired; of the future; without a date; unknown key; expired key; weak hash.
good
release "$WORK/a" archive 'Valid-Until: Sat, 01 Jan 2022 00:00:00 UTC'
refused 'expired on Sat, 01 Jan 2022'
good
release "$WORK/a" archive 'Valid-Until: tomorrow'
refused 'Valid-Until that cannot be read'
good
release "$WORK/a" archive
sed -i '/^Date/s/.*/Date: Sat, 01 Jan 2095 00:00:00 UTC/' "$WORK/Release"
gpg --batch --quiet --yes -u archive@example.org --clearsign -o "$WORK/a/dists/test/InRelease" "$WORK/Release"
refused 'is of the future'
good
release "$WORK/a" other
refused 'key that is not known'
good
gpg --batch --quiet --yes --digest-algo SHA1 --allow-weak-digest-algos -u archive@example.org --clearsign \
	-o "$WORK/a/dists/test/InRelease" "$WORK/Release" 2>/dev/null && refused 'SHA-?1'
if archive_key old 1d "$(($(date +%s) - 30 * 86400))"; then
	good
	gpg --batch --quiet --yes --faked-system-time "$(($(date +%s) - 30 * 86400))" -u old@example.org --clearsign \
		-o "$WORK/a/dists/test/InRelease" "$WORK/Release" 2>/dev/null
	run 1 import --archive "$WORK/a" "${sign[@]:0:6}" --archive-key "$WORK/old.asc"
	out_has 'key of old .* is expired'
fi

# Two signatures: one of a known key is enough.
good
release "$WORK/a" other
gpg --batch --quiet --yes -u other@example.org -u archive@example.org --clearsign \
	-o "$WORK/a/dists/test/InRelease" "$WORK/Release"
run 0 import --archive "$WORK/a" "${sign[@]}"

# A file name that leads out of the archive.
good
sed -i 's,^Filename: pool/one.deb,Filename: ../one.deb,' "$WORK/a/dists/test/main/binary-all/Packages"
cp "$A/pool/one.deb" "$WORK/one.deb"
packages() { cat "$WORK/a/dists/test/main/binary-all/Packages.bad"; }
mv "$WORK/a/dists/test/main/binary-all/Packages" "$WORK/a/dists/test/main/binary-all/Packages.bad"
release "$WORK/a" archive
run 1 import --archive "$WORK/a" "${sign[@]}"
out_has 'one that leads out'

run 2 import --archive "$WORK/build" "${sign[@]}"
err_has 'no archive'
run 2 import "$WORK/build" "${sign[@]}"
err_has 'goes with --archive'
# Without a key: those that apt trusts for everything.
good
run 2 import --archive "$WORK/a" "${sign[@]:0:6}"
err_has 'apt trusts none'
mkdir -p "$ROOT/etc/apt/trusted.gpg.d"
cp "$WORK/other.asc" "$ROOT/etc/apt/trusted.gpg.d"
run 1 import --archive "$WORK/a" "${sign[@]:0:6}"
out_has 'key that is not known'
cp "$WORK/archive.asc" "$ROOT/etc/apt/trusted.gpg.d"
run 0 import --archive "$WORK/a" "${sign[@]:0:6}" --json
json 'len(d["packages"]) == 2'
run 2 import --archive "$WORK/a" "${sign[@]:0:6}" --archive-key "$WORK/nothing"
err_has 'No such file'
run 2 import --archive "$WORK/a" "${sign[@]:0:6}" --archive-key "$WORK/Release"
finish
