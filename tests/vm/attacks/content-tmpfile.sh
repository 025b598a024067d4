# shellcheck shell=bash
# attack: a file without a name (O_TMPFILE): mapped, and given a name while it is open for writing
# event: mmap unknown, mmap writer
attempt()
{
	evil ./evil
	start tmpfile ./evil
	start tmpfile-link "$VICTIM"
}
