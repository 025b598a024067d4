# shellcheck shell=bash
# attack: changes a program in a layer of an overlay while it is mapped through the overlay
# unstopped: overlayfs is not local: nothing holds the layers while a file of theirs is in use; strict = yes refuses overlays
# event: mmap ima-kept
attempt()
{
	mkdir lower upper work merged
	victim lower/one
	evil ./evil
	mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged || skip "no overlayfs"
	alter watch 'cat ./evil >lower/one' merged/one ./evil
	umount merged
}
