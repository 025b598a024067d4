# shellcheck shell=bash
# attack: maps a program shared, executable and writable at once
# event: mmap shared-writable
attempt()
{
	victim ./victim
	content-race shared-exec ./victim
}
