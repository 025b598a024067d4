# shellcheck shell=bash
# attack: LD_PRELOAD and LD_AUDIT bring a library into a vouched program
# event: mmap unknown
# The dynamic loader goes on without what it was refused.
attempt()
{
	evil ./evil.so so
	strike env LD_PRELOAD=./evil.so /usr/bin/true | sed 's/unchanged/refused not loaded/'
	strike env LD_AUDIT=./evil.so /usr/bin/true | sed 's/unchanged/refused not loaded/'
}
