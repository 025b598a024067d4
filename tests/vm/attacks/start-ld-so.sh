# shellcheck shell=bash
# attack: has the dynamic loader start the program: ld.so PROGRAM
# event: mmap unknown
attempt()
{
	evil ./evil
	strike /lib64/ld-linux-x86-64.so.2 ./evil
}
