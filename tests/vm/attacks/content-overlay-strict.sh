# shellcheck shell=bash
# attack: with strict = yes: changes a program in a layer of an overlay while it is mapped
# config: [filesystems] strict = yes
# event: mmap fs-untrusted
attempt()
{
	# shellcheck source=tests/vm/attacks/content-overlay-mapped.sh
	. /vm/attacks/content-overlay-mapped.sh
	attempt
}
