# shellcheck shell=bash
# attack: truncates a mapped program: truncate(2), and O_TRUNC with opening for reading
# event: truncate vouched-write
attempt()
{
	victim ./one
	content-race truncate-mapped ./one
	victim ./two
	content-race truncate-on-read ./two
}
