/* SPDX-License-Identifier: GPL-2.0-only */
/* What every BPF source includes: helpers, kfuncs and the kernel constants that BTF does not carry.
 */
#ifndef DIGLIM_BPF_KERNEL_H
#define DIGLIM_BPF_KERNEL_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* include/linux/fs.h */
#define FMODE_READ   0x1
#define FMODE_WRITE  0x2
#define SB_KERNMOUNT (1UL << 22)
#define F_SEAL_WRITE 0x0008
#define S_IFMT	     0170000
#define S_IFREG	     0100000
#define S_IFBLK	     0060000
#define S_IMA	     (1U << 10)
#define S_VERITY     (1U << 16)

/* include/uapi/asm-generic/mman-common.h */
#define PROT_WRITE  0x2
#define PROT_EXEC   0x4
#define MAP_TYPE    0x0f
#define MAP_PRIVATE 0x02

/* include/uapi/linux/mount.h */
#define MS_BIND	   4096
#define MS_MOVE	   8192
#define MS_REC	   16384
#define MS_REMOUNT 32
/* MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED */
#define MS_PROPAGATION (1 << 17 | 1 << 18 | 1 << 19 | 1 << 20)

/* include/linux/ptrace.h */
#define PTRACE_MODE_ATTACH 0x02

/* include/uapi/linux/magic.h */
#define PROC_SUPER_MAGIC 0x9fa0
#define BPF_FS_MAGIC	 0xcafe4a11
#define CONFIGFS_MAGIC	 0x62656570
#define TRACEFS_MAGIC	 0x74726163

/* include/linux/mm.h */
#define VM_WRITE    0x2
#define VM_EXEC	    0x4
#define VM_MAYSHARE 0x80

/* include/linux/fs.h, include/uapi/linux/fuse.h */
#define ATTR_SIZE	 (1U << 3)
#define ATTR_FILE	 (1U << 13)
#define FUSE_SUPER_MAGIC 0x65735546

/* include/uapi/linux/magic.h */
#define TMPFS_MAGIC	  0x01021994
#define RAMFS_MAGIC	  0x858458f6
#define HUGETLBFS_MAGIC	  0x958458f6
#define BTRFS_SUPER_MAGIC 0x9123683e
#define OVERLAYFS_MAGIC	  0x794c7630

/* include/uapi/linux/blkpg.h, loop.h */
#define BLKPG		  0x1269
#define LOOP_SET_STATUS	  0x4C02
#define LOOP_SET_STATUS64 0x4C04
#define LOOP_CHANGE_FD	  0x4C06

/* include/uapi/linux/ext4.h */
#define EXT4_IOC_MOVE_EXT  0xc028660f
#define EXT4_IOC_SWAP_BOOT 0x6611

/* include/uapi/linux/dm-ioctl.h; the node is of major number 10, minor 236 */
#define DM_IOCTL       0xfd
#define DM_DEV_SUSPEND 6
#define DM_TABLE_LOAD  9
#define DM_TARGET_MSG  14
#define DM_CONTROL     (10U << 20 | 236)

/* include/uapi/linux/fsverity.h */
#define FS_VERITY_HASH_ALG_SHA256 1

/* include/uapi/linux/capability.h */
#define CAP_SYS_ADMIN 21

/* include/uapi/asm-generic/errno*.h */
#define EPERM	     1
#define ENOENT	     2
#define E2BIG	     7
#define EAGAIN	     11
#define EEXIST	     17
#define ENOMEM	     12
#define EFAULT	     14
#define EINVAL	     22
#define ENOPKG	     65
#define EBADMSG	     74
#define ENOKEY	     126
#define EKEYEXPIRED  127
#define EKEYREVOKED  128
#define EKEYREJECTED 129

/*
 * What a hook returns when a program before ours has refused already: its answer, in the range that
 * the verifier wants to see.
 */
static __always_inline int earlier_answer(int ret)
{
	return ret < 0 && ret >= -4095 ? ret : -EPERM;
}

/*
 * The answer of a map, to be compared with errors: until 6.3 an int, of which the upper half of the
 * register says nothing.
 */
static __always_inline int map_answer(long r)
{
	return (int)r;
}

/*
 * For arguments of hooks that may be NULL: the verifier of 6.12 takes them for valid pointers and
 * removes the comparison with NULL as dead code. Of a number that it does not know it cannot. Later
 * ones want to see that comparison as well.
 */
static __always_inline bool is_null(const void *argument)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &argument);
	return !address;
}

/* kernel/trace/bpf_trace.c (6.1), kernel/bpf/helpers.c, fs/bpf_fs_kfuncs.c */
extern struct bpf_key *bpf_lookup_user_key(__u32 serial, __u64 flags) __ksym;
extern void bpf_key_put(struct bpf_key *key) __ksym;
extern int bpf_verify_pkcs7_signature(struct bpf_dynptr *data, struct bpf_dynptr *sig,
				      struct bpf_key *keyring) __ksym;

/* fs/verity/measure.c, since 6.8; NULL where it is not there. LSM programs only; does not sleep. */
extern int bpf_get_fsverity_digest(struct file *file, struct bpf_dynptr *digest) __ksym __weak;

#endif
