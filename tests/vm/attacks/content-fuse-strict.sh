# shellcheck shell=bash
# attack: with strict = yes: a FUSE server gives a program other content once it is mapped
# config: [filesystems] strict = yes
# event: mmap fs-untrusted
attempt()
{
	# shellcheck source=tests/vm/attacks/content-fuse.sh
	. /vm/attacks/content-fuse.sh
	attempt
}
