# shellcheck shell=bash
# attack: swaps a vouched program for another by renaming, while it is started over and over
# event: exec unknown
attempt()
{
	local i ran=no
	victim ./good
	evil ./bad
	cp -p ./good ./program
	(while :; do ln -f ./bad ./t && mv -f ./t ./program; ln -f ./good ./t && mv -f ./t ./program; done) &
	for ((i = 0; i < 40; i++)); do
		./program 2>/dev/null
		[ $? != 42 ] || ran=yes
	done
	kill $!
	if [ $ran = yes ]; then echo ran; else echo "refused"; fi
}
