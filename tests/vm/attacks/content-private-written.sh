# shellcheck shell=bash
# attack: changes a private mapping of a program and then makes it executable
# event: mprotect private-written
attempt()
{
	victim ./victim
	content-race private-written ./victim
}
