# shellcheck shell=bash
# attack: opens a mapped program for writing: write, copy_file_range, sendfile, splice, vmsplice
# event: open-write vouched-write
attempt()
{
	local way
	for way in write truncate copy-range sendfile splice vmsplice; do alters new $way; done
}
