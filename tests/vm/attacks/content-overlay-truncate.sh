# shellcheck shell=bash
# attack: truncates a program through an overlay whose upper layer it lies in, and starts it there
# event: truncate vouched-write
attempt()
{
	local answer
	mkdir lower upper work merged
	victim upper/one
	mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged || skip "no overlayfs"
	upper/one || echo "skipped the victim"
	# What is cut off are headers of sections: the program runs without.
	answer=$(content-race truncate-tail merged/one)
	if [ "$answer" != unchanged ] || cmp -s upper/one "$VICTIM"; then
		echo "$answer"
	elif upper/one; then
		echo ran
	else
		echo "refused status $?"
	fi
	umount merged
}
