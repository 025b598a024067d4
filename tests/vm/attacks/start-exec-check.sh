# shellcheck shell=bash
# attack: asks with AT_EXECVE_CHECK whether a program may run, as interpreters do
# event: exec unknown
attempt()
{
	evil ./evil
	tried exec-check ./evil
}
