# shellcheck shell=bash
# Sourced by guest scripts that start from an initramfs: one for this virtual machine, by the tool that is there.

INITRD=/boot/initrd.img-$(uname -r)
if command -v update-initramfs >/dev/null; then TOOL=initramfs-tools; else TOOL=dracut; fi

# shellcheck disable=SC2317 # called by check
make_initramfs()
{
	if [ "$TOOL" = dracut ]; then
		printf 'hostonly=yes\nhostonly_mode=sloppy\nearly_microcode=no\ncompress="zstd -1"\nadd_drivers+=" virtio_pci virtio_blk "\n' \
			>/etc/dracut.conf.d/test.conf
		dracut --force "$INITRD" "$(uname -r)"
	else
		printf 'virtio_pci\nvirtio_blk\n' >>/etc/initramfs-tools/modules
		printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' >/etc/initramfs-tools/conf.d/test
		update-initramfs -c -k "$(uname -r)"
	fi
}

# initramfs_contents: names of the files in $INITRD
initramfs_contents()
{
	if [ "$TOOL" = dracut ]; then
		lsinitrd "$INITRD" | sed -nE 's/^[-bcdlps][-rwxsStT]{9} .* ([0-9]{2}:[0-9]{2}|[0-9]{4}) +/initrd /p'
	else
		lsinitramfs "$INITRD" | sed 's/^/initrd /'
	fi
}
