# shellcheck shell=bash
# attack: fallocate: punches a hole, zeroes, collapses or inserts a range, before and after the file is mapped
# event: open-write vouched-write, mmap writer
attempt()
{
	local order way
	for way in punch zero collapse insert; do
		for order in old new; do alters $order $way; done
	done
}
