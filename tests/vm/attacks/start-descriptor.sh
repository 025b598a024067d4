# shellcheck shell=bash
# attack: starts a program by a descriptor: fexecve, execveat, /proc/self/fd
# event: exec unknown
attempt()
{
	local way
	evil ./evil
	for way in fexecve execveat proc-fd; do start $way ./evil; done
}
