# shellcheck shell=bash
# attack: had a shared writable mapping, which asynchronous I/O may still reach after it is gone
# event: mmap tainted
attempt()
{
	victim ./victim
	content-race after-shared-mapping ./victim
}
