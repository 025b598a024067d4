# shellcheck shell=bash
# attack: executable mappings of POSIX and System V shared memory
# event: mmap shared-writable
attempt()
{
	evil ./evil
	start shm-posix ./evil
	start shm-sysv ./evil
}
