# shellcheck shell=bash
# attack: the kernel starts the helper of core_pattern
# event: exec unknown
attempt()
{
	local was
	was=$(cat /proc/sys/kernel/core_pattern)
	evil /run/evil-helper
	echo '|/run/evil-helper %p' >/proc/sys/kernel/core_pattern
	struck bash -c 'ulimit -c unlimited; kill -SEGV $$'
	echo "$was" >/proc/sys/kernel/core_pattern
	rm -f /run/evil-helper
}
