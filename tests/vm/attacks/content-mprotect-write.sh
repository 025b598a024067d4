# shellcheck shell=bash
# attack: makes a private mapping of a program writable and executable at once
# event: mprotect private-written, mmap private-written
attempt()
{
	victim ./victim
	start mprotect-write ./victim
	start mmap-write ./victim
}
