# shellcheck shell=bash
# attack: a FUSE server gives a program other content the second time it is started
# event: exec unknown, exec ima-kept, mmap ima-kept
attempt()
{
	local pid
	module fuse
	evil ./evil
	mkdir fs
	fusefs ./fs "$VICTIM" ./evil &
	pid=$!
	until mountpoint -q fs || ! kill -0 $pid; do sleep 0.1; done 2>/dev/null
	fs/victim || echo "skipped the victim"
	kill -USR1 $pid
	sleep 1
	strike fs/victim
	umount fs
	wait $pid
}
