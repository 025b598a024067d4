#!/bin/bash
# A container under enforce: an image in OCI layout is imported, unpacked as engines do it (a directory for each
# layer, overlay above them) and started in namespaces of its own. What the image brings runs; what somebody put into
# the container, or an upper layer took away, does not.
# vm: timeout=400 mem=1536
# shellcheck source=tests/vm/guest/lib.sh
. "${VM_LIB:?}"
# shellcheck source=tests/vm/guest/machine.sh
. /vm/machine.sh
load_module overlay || { skip "everything" "no overlay"; summary; }
check "an ext4 for image and container" ext4_on_loop /opt 128
cd /opt || exit 2
mkdir -p oci/blobs/sha256 layer1/bin layer2/bin upper work merged

# bring LAYER PROGRAM: with loader and libraries, none of which has a digest that the machine's have
bring()
{
	local file
	{ echo "$2"; /lib64/ld-linux-x86-64.so.2 --list "$2" | grep -o '/[^ ]*'; } | while read -r file; do
		[ ! -e "layer$1/$file" ] || continue
		mkdir -p "layer$1/${file%/*}"
		{ cat "$file"; echo "of layer $1"; } >"layer$1/$file"
		chmod 755 "layer$1/$file"
	done
}
bring 1 /bin/bash
bring 1 /bin/true
for name in app gone changed; do { cat layer1/bin/true; echo $name; } >layer1/bin/$name; done
{ cat layer1/bin/true; echo "changed by layer 2"; } >layer2/bin/changed
chmod 755 layer1/bin/* layer2/bin/*
: >layer2/bin/.wh.gone

blob()
{
	local digest
	digest=$(sha256sum "$1" | cut -d' ' -f1)
	cp "$1" "oci/blobs/sha256/$digest"
	printf '{"digest": "sha256:%s", "size": %d, "mediaType": "%s"}' "$digest" "$(stat -c %s "$1")" "application/vnd.oci.image.$2"
}
for n in 1 2; do tar -C layer$n -czf $n.tgz .; done
printf '{"schemaVersion": 2, "layers": [%s, %s]}' "$(blob 1.tgz layer.v1.tar+gzip)" "$(blob 2.tgz layer.v1.tar+gzip)" >manifest
printf '{"schemaVersion": 2, "manifests": [%s]}' "$(blob manifest manifest.v1+json)" >oci/index.json

# As an engine unpacks it: a whiteout is a device 0, 0.
rm layer2/bin/.wh.gone && mknod layer2/bin/gone c 0 0
check "overlay" mount -t overlay overlay -o lowerdir=layer2:layer1,upperdir=upper,workdir=work merged
mkdir merged/tmp

# inside WANT NAME PROGRAM ARGUMENT...
inside() { expect_status "$1" "$2" unshare --mount --pid --uts --ipc --net --fork --root=/opt/merged "${@:3}"; }
# refused NAME PATH: the newest event about that path
refused() { expect_equal "$2" "$(diglim log --json | jq -r --arg tail "$3" 'select(.path | endswith($tail)) | .reason' | tail -n 1)" "$1"; }

{ cat layer1/bin/true; echo foreign; } >merged/bin/foreign
{ cat layer1/lib/x86_64-linux-gnu/libc.so.6 2>/dev/null || cat layer1/lib64/libc.so.6; echo foreign; } >merged/tmp/foreign.so
chmod 755 merged/bin/foreign merged/tmp/foreign.so
inside 0 "without DIGLIM what the image brings runs" /bin/app
inside 0 "and what is foreign, too" /bin/foreign
inside 127 "what layer 2 took away is not there" /bin/gone

machine_start
check "enforce" diglim mode enforce
inside 126 "before its image is imported nothing in a container runs" /bin/app
check "import the image" diglim import --oci /opt/oci --name app --key $OWNER_KEY --cert $OWNER_CERT
check "load its list" diglim load /var/lib/diglim/lists/tlv-app*
inside 0 "what the image brings runs" /bin/app
inside 0 "what layer 2 has changed runs" /bin/changed
inside 0 "a shell of the image starts programs of the image" /bin/bash -c '/bin/app && /bin/changed'
inside 126 "a foreign program is refused" /bin/foreign
refused "with DIGLIM's own event" unknown /bin/foreign
inside 126 "by a shell of the image as well" /bin/bash -c /bin/foreign
expect_status 126 "in a user namespace, too" unshare --user --map-root-user --mount --pid --fork --root=/opt/merged /bin/foreign
expect_status 0 "where the image's programs run" unshare --user --map-root-user --mount --pid --fork --root=/opt/merged /bin/app
inside 0 "a foreign library is not loaded" /bin/bash -c 'LD_PRELOAD=/tmp/foreign.so /bin/app 2>/tmp/said'
refused "as DIGLIM says" unknown /tmp/foreign.so
expect_probe "refused-by-diglim unknown" exec /opt/layer1/bin/gone "what a layer took away does not run where it lies"
expect_probe "refused-by-diglim unknown" exec /opt/layer1/bin/changed "nor does what it replaced"
cp merged/bin/app merged/bin/app.new && echo tampered >>merged/bin/app.new && mv merged/bin/app.new merged/bin/app
inside 126 "what was changed in the container is refused" /bin/app
refused "as DIGLIM says, too" unknown /bin/app
rm upper/bin/app
check "overlay again" sh -c 'umount merged && mount -t overlay overlay -o lowerdir=layer2:layer1,upperdir=upper,workdir=work merged'
inside 0 "as it was in the image it runs" /bin/app
check "unload the list" diglim unload /var/lib/diglim/lists/tlv-app*
inside 126 "without the list nothing of the image runs" /bin/app
check "detach" diglim detach
inside 0 "after detaching what is foreign runs" /bin/foreign
summary
