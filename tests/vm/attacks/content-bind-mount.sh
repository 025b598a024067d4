# shellcheck shell=bash
# attack: swaps a vouched program for another by bind mounts, while it is started over and over
# event: exec unknown
attempt()
{
	local i ran=no
	victim ./program
	evil ./bad
	(while :; do mount --bind ./bad ./program; umount ./program; done 2>/dev/null) &
	for ((i = 0; i < 40; i++)); do
		./program 2>/dev/null
		[ $? != 42 ] || ran=yes
	done
	kill $!
	wait $! 2>/dev/null
	while umount ./program; do :; done 2>/dev/null
	if [ $ran = yes ]; then echo ran; else echo "refused"; fi
}
