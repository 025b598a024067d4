# shellcheck shell=bash
# attack: a FUSE server gives a program other content once it is mapped
# unstopped: a FUSE server may do so whenever it likes; strict = yes refuses FUSE
# event: mmap ima-kept
attempt()
{
	local pid
	module fuse
	evil ./evil
	mkdir fs
	fusefs ./fs "$VICTIM" ./evil &
	pid=$!
	until mountpoint -q fs || ! kill -0 $pid; do sleep 0.1; done 2>/dev/null
	alter watch "kill -USR1 $pid" fs/victim ./evil
	umount fs
	wait $pid
}
