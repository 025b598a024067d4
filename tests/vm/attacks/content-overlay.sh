# shellcheck shell=bash
# attack: changes a program in the lower layer of an overlay, or its upper one, after it ran
# event: exec unknown, exec ima-kept, mmap ima-kept
attempt()
{
	local layer
	mkdir lower upper work merged
	victim lower/one
	victim upper/two
	evil ./evil
	mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged || skip "no overlayfs"
	merged/one && merged/two || echo "skipped the victim"
	for layer in lower/one upper/two; do
		cat ./evil >$layer
		strike merged/${layer#*/}
	done
	umount merged
}
