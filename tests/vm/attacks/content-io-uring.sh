# shellcheck shell=bash
# attack: io_uring writes with a registered buffer: to a registered file, and to a file that the ring opens
# event: mmap writer, open-write vouched-write
attempt()
{
	evil ./evil
	victim ./one
	ring registered ./one ./evil
	victim ./two
	ring new ./two ./evil
}
