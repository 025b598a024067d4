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

/* Between our hook and the count of openers an open(2) is not to be seen: wait that long. */
#define DEVICE_GRACE_NS 5000000000ULL

/* Is a file system alive that uses what @dev and @ino are the key of? */
int device_in_use(__u64 dev, __u64 ino);

/* Has somebody who was seen to open it for writing still got it open? */
int device_written(__u64 dev, __u64 ino);

/* Forgets the devices of which neither a file system nor a writer is alive. Returns 0. */
int device_sweep(void);

/* The entry of a device or backing file, made if there is none; NULL if there is no room. */
static __always_inline struct device_state *device_entry(const struct device_key *k)
{
	static const struct device_state none;
	struct device_state *st = bpf_map_lookup_elem(&devices, k);

	if (st)
		return st;
	bpf_map_update_elem(&devices, k, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&devices, k);
}

/*
 * The same for a block device that somebody opens. A device number need not have a device: opening
 * nodes without one must not fill the table for good.
 */
static __always_inline struct device_state *device_opened(const struct device_key *k)
{
	struct device_state *st = device_entry(k);

	if (st)
		return st;
	device_sweep();
	st = device_entry(k);
	if (!st) {
		device_forgot = 1;
		device_blind = bpf_ktime_get_boot_ns();
	}
	return st;
}

/* Functions of their own to the verifier (device.bpf.c): it looks at them once, not at each call.
 */

/* Remembers an open file that may write to a block device. Returns 0. */
int device_note(__u64 dev, __u64 file);

/*
 * Enters the file system at @sb, of device number @sb_dev, as a user of @dev and @ino. 1 if it is
 * entered now and nobody is opening that. Negative: there is no room.
 */
int device_enter(__u64 sb, __u64 sb_dev, __u64 dev, __u64 ino);

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
	case BTRFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case 0x73717368: /* squashfs */
	case 0xe0f5e1e2: /* erofs */
	case 0xf2f52010: /* f2fs */
	case 0x9660:	 /* iso9660 */
	case 0x4d44:	 /* vfat */
	case 0x2011bab0: /* exfat */
	case 0xca451a4e: /* bcachefs */
	case 0x2fc12fc1: /* zfs */
	case HUGETLBFS_MAGIC:
		return true;
	}
	return false;
}

static __always_inline bool fs_is_memory(unsigned long magic)
{
	return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC || magic == HUGETLBFS_MAGIC;
}

/* The entry of what the file system lies on. btrfs keeps its devices elsewhere. */
static __always_inline struct device_state *device_of(struct super_block *sb)
{
	struct block_device *bdev = sb->s_bdev;
	struct device_key k = {.dev = bdev ? bdev->bd_dev : sb->s_dev};

	return bpf_map_lookup_elem(&devices, &k);
}

/* Was somebody seen who could write below it? He may be gone, and what he wrote is still there. */
static __always_inline bool device_doubted(struct inode *inode)
{
	struct device_state *st = device_of(inode->i_sb);
	__u64 addr = 0;

	return bpf_core_read(&addr, sizeof(addr), &inode->i_sb) || (st && st->doubted_sb == addr);
}

/* Can the content of its file system not change behind our back, through what is below? */
static __always_inline bool device_steady(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	struct device_state *st;
	__u64 addr = 0;

	/* Without a device of its own: erofs can lie in a file. Only memory has nothing below. */
	if (!sb->s_bdev && fs_is_memory(sb->s_magic))
		return true;
	st = device_of(sb);
	/* A number to the verifier, not a pointer: only those may be passed on. */
	if (bpf_core_read(&addr, sizeof(addr), &inode->i_sb))
		return false;
	if (st && st->checked_sb == addr && st->checked_at == *(volatile __u64 *)&device_opens + 1)
		return true;
	return device_check(addr);
}

#endif
