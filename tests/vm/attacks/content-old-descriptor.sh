# shellcheck shell=bash
# attack: writes through a descriptor that was open for writing before the file was judged
# event: mmap writer
attempt()
{
	local way
	for way in write truncate copy-range sendfile splice vmsplice; do alters old $way; done
}
