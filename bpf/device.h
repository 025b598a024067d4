/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies below a file system: its content changes, too, when somebody writes to the block
 * device, to the whole disk, to what device mapper or md made it of, or to the file behind a loop
 * device.
 *
 * device_steady() is asked at each verdict. The first time for a file system it enters it as the
 * user of everything below, and looks whether somebody can write there already; from then on
 * write.bpf.c refuses to open that for writing. What cannot be followed or is being written to is
 * not steady: the file system then counts as one that can change silently.
 */
#ifndef DIGLIM_BPF_DEVICE_H
#define DIGLIM_BPF_DEVICE_H

#include "maps.h"

/* The entry of a device or backing file, made if there is none; NULL if there is no room. */
static __always_inline struct device_state *device_entry(const struct device_key *k)
{
	static const struct device_state none;
	struct device_state *st = bpf_map_lookup_elem(&devices, k);

	if (st)
		return st;
	bpf_map_update_elem(&devices, k, &none, BPF_NOEXIST);
	st = bpf_map_lookup_elem(&devices, k);
	if (!st)
		device_blind = 1;
	return st;
}

/* Functions of their own to the verifier (device.bpf.c): it looks at them once, not at each call.
 */

/* Is a file system alive that uses what @dev and @ino are the key of? */
int device_in_use(__u64 dev, __u64 ino);
/* Looks at all that is below the super block at this address. 1: it is steady. */
int device_check(__u64 sb);

/*
 * Local file systems whose content changes only through calls that our hooks see. For all others a
 * digest is not kept, since a server (or a FUSE daemon) may answer differently the next time.
 * Overlayfs is one of them: who writes to a file below it does so through another inode.
 * Magic numbers: include/uapi/linux/magic.h.
 */
static __always_inline bool fs_is_local(unsigned long magic)
{
	switch (magic) {
	case 0xef53:	 /* ext2, ext3, ext4 */
	case 0x58465342: /* xfs */
	case 0x9123683e: /* btrfs */
	case 0x01021994: /* tmpfs */
	case 0x858458f6: /* ramfs */
	case 0x73717368: /* squashfs */
	case 0xe0f5e1e2: /* erofs */
	case 0xf2f52010: /* f2fs */
	case 0x9660:	 /* iso9660 */
	case 0x4d44:	 /* vfat */
	case 0x2011bab0: /* exfat */
	case 0xca451a4e: /* bcachefs */
	case 0x2fc12fc1: /* zfs */
	case 0x958458f6: /* hugetlbfs */
		return true;
	}
	return false;
}

/* Can the content of its file system not change behind our back, through what is below? */
static __always_inline bool device_steady(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	struct block_device *bdev = sb->s_bdev;
	struct device_state *st;
	struct device_key k = {};
	__u64 addr = 0;

	if (!bdev)
		return true;
	k.dev = bdev->bd_dev;
	st = bpf_map_lookup_elem(&devices, &k);
	/* A number to the verifier, not a pointer: only those may be passed on. */
	if (bpf_core_read(&addr, sizeof(addr), &inode->i_sb))
		return false;
	if (st && st->checked_sb == addr && st->checked_at == *(volatile __u64 *)&device_opens + 1)
		return true;
	return device_check(addr);
}

#endif
