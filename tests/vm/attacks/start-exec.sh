# shellcheck shell=bash
# attack: starts a program that nobody vouches for: execve, and a script by #!
# event: exec unknown
attempt()
{
	evil ./evil
	strike ./evil
	printf '#!/bin/sh\nexit 42\n' >script
	chmod 755 script
	strike ./script
}
