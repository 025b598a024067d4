# shellcheck shell=bash
# attack: kexec: another kernel, from a file and from memory
# event: read-file unknown, load-data no-file
# The image could not boot: ENOEXEC (8) says that the kernel read and looked at it.
attempt()
{
	head -c 8192 /dev/zero >image
	said "$(kexec file image)" 8
	said "$(kexec memory)" 0
}
said() { if [ "$1" = "$2" ]; then echo ran; else echo "refused errno $1"; fi; }
