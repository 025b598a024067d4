# shellcheck shell=bash
# attack: stores through a shared writable mapping that outlives its descriptor
# event: mmap writer, mmap tainted
attempt()
{
	alters closed mapping
	alters old mapping
}
