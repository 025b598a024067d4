# shellcheck shell=bash
# attack: starts a program from a memfd
# event: exec writer
attempt()
{
	evil ./evil
	tried memfd ./evil
}
