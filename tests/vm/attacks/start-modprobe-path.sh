# shellcheck shell=bash
# attack: the kernel starts its helper for modules, kernel.modprobe
# event: exec unknown
attempt()
{
	local was
	was=$(cat /proc/sys/kernel/modprobe)
	evil /run/evil-helper
	echo /run/evil-helper >/proc/sys/kernel/modprobe
	# A kind of link that the kernel does not know.
	struck ip link add victim type "nolink$RANDOM"
	echo "$was" >/proc/sys/kernel/modprobe
	rm -f /run/evil-helper
}
