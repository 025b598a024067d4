# shellcheck shell=bash
# attack: maps a library for reading and makes the mapping executable afterwards
# event: mprotect not-judged
attempt()
{
	evil ./evil.so so
	tried mprotect ./evil.so
}
