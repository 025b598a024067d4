# shellcheck shell=bash
# attack: a vouched program opens a library at run time (dlopen)
# event: mmap unknown
attempt()
{
	evil ./evil.so so
	strike bash -c 'enable -f ./evil.so nothing || exit 1'
}
