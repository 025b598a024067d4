/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write tracking: content must not change under a verdict.
 *
 * file_open      for writing: a file that was used by permission is refused (it may be running or
 *                about to be mapped); any other loses its cached digest
 * path_truncate  the same for truncate(2), which needs no open file
 * file_truncate  (since 6.2; before, path_truncate) ftruncate(2) and O_TRUNC, which opening for
 *                reading may ask for, too
 * inode_setattr  a change of size that comes from elsewhere: overlayfs does it to the file below
 * file_ioctl     exchanging what a block device consists of
 *
 * Under [policy] immutable the first three refuse immutable files, too, as far as a digest is known
 * (immutable.bpf.c finds it out).
 *
 * The same for what lies below a file system from which something was used (device.h).
 *
 * Opening for reading must cost next to nothing: the programs are not sleepable and look at f_mode
 * first.
 */
#include "guard.h"
#include "immutable.h"

/* Returns the reason why writing is not allowed, or VOUCHED for "go on". */
static __always_inline __u32 write_reason(struct judge *j, struct inode *inode,
					  struct inode_state *s, bool unopened)
{
	if (j->selftest)
		return DIGLIM_REASON_VOUCHED_WRITE;
	if (!s || !(s->flags & INODE_USED))
		return immutable_known(j, inode, s, unopened);
	/*
	 * Whether a list still has it is not asked, nor whether the digest was kept: it may be
	 * mapped in processes that were allowed to, and nobody judges those again.
	 */
	j->has_digest = inode_digest_get(s, j->digest);
	return DIGLIM_REASON_VOUCHED_WRITE;
}

static __always_inline bool judge_write(struct inode *inode, __u32 hook, bool unopened, int *ret,
					struct event_facts *f, struct judge *j)
{
	struct inode_state *s;
	bool event = false;
	bool judged;

	*ret = 0;
	s = bpf_inode_storage_get(&inodes, inode, 0, 0);
	judged = judge_start(j, hook, DIGLIM_USE_EXEC);
	unopened = unopened && j->flags & DIGLIM_CONTROL_IMMUTABLE;
	if (judged && (s || j->selftest || unopened))
		event = verdict_answer(j, write_reason(j, inode, s, unopened), ret, f);
	if (s && !*ret)
		__sync_fetch_and_add(&s->writes, 1);
	return event;
}

/* A refusal without a path: file_ioctl_compat may build none. */
static __noinline int judge_dentry(struct dentry *dentry, __u32 hook, __u32 reason)
{
	struct event_facts f;
	struct judge j;
	int ret;

	if (!judge_start(&j, hook, DIGLIM_USE_DATA))
		return 0;
	if (verdict_answer(&j, reason, &ret, &f))
		event_dentry(&f, dentry);
	return ret ? -EPERM : 0;
}

static __always_inline int judge_device(struct dentry *dentry)
{
	return judge_dentry(dentry, DIGLIM_HOOK_DEVICE, DIGLIM_REASON_DEVICE_WRITE);
}

/* What cannot be remembered must not happen. */
static __noinline int judge_unremembered(struct dentry *dentry, __u32 hook)
{
	return judge_dentry(dentry, hook, DIGLIM_REASON_STORAGE_FAILED);
}

/*
 * Is a file system in use above this block device or backing file? Whoever opens is announced
 * before we look, and device_check() looks for him after it has entered the file system.
 */
static __noinline int device_write(struct file *file, struct inode *inode)
{
	bool block = (inode->i_mode & S_IFMT) == S_IFBLK;
	struct device_key k = {.dev = block ? inode->i_rdev : inode->i_sb->s_dev,
			       .ino = block ? 0 : inode->i_ino};
	struct device_state *st;
	__u64 addr = 0;
	int ret = 0;

	st = block ? device_opened(&k) : bpf_map_lookup_elem(&devices, &k);
	if (!st)
		return 0;
	/* An entry that is being forgotten is one that could not be made. */
	__sync_fetch_and_add(&st->opening, 1);
	if (bpf_map_lookup_elem(&devices, &k) != st)
		device_blind = bpf_ktime_get_boot_ns();
	if (device_in_use(k.dev, k.ino))
		ret = judge_device(file->f_path.dentry);
	if (!ret) {
		if (block && !bpf_probe_read_kernel(&addr, sizeof(addr), &file))
			device_note(k.dev, addr);
		*(volatile __u64 *)&st->opened_ns = bpf_ktime_get_boot_ns();
		__sync_fetch_and_add(&device_opens, 1);
	}
	__sync_fetch_and_add(&st->opening, -1);
	return ret ? -EPERM : 0;
}

/* A function of its own: opening for reading need not save the registers that this takes. */
static __noinline int open_to_write(struct file *file)
{
	struct inode *inode = file->f_inode;
	struct event_facts f;
	struct judge j;
	bool known = true;
	int ret;

	/* The kernel has counted this opener already. */
	if (inode_writers(inode) > 1 || inode_has_reader(inode))
		known = inode_doubt_ima(inode);
	else if (inode->i_flags & S_IMA)
		known = inode_reopen(inode);
	if (!known && judge_unremembered(file->f_path.dentry, DIGLIM_HOOK_OPEN_WRITE))
		return -EPERM;
	if (guard_process_memory(file) || guard_exported_device(file) || device_write(file, inode))
		return -EPERM;
	if (judge_write(inode, DIGLIM_HOOK_OPEN_WRITE, false, &ret, &f, &j))
		event_file(&f, file);
	return ret ? -EPERM : 0;
}

/* Opened for reading while it is being written to, or runs. */
static __noinline int open_in_use(struct file *file)
{
	return !inode_has_writer(file->f_inode) || inode_doubt_ima(file->f_inode)
		       ? 0
		       : judge_unremembered(file->f_path.dentry, DIGLIM_HOOK_OPEN_WRITE);
}

/*
 * "if @mode & FMODE_WRITE goto @label" as one JSET (RFC 9669, section 4.3), for which assemblers
 * have no name yet and which clang makes AND and JNE of. Every instruction counts here.
 */
#define goto_if_write(mode, label)                                                                 \
	asm goto(".byte 0x45, 2; .long ((%l[" #label                                               \
		 "] - . - 6) / 8 & 0xffff) | %0 << 16; .short 0"                                   \
		 :                                                                                 \
		 : "i"(FMODE_WRITE), "r"(mode)                                                     \
		 :                                                                                 \
		 : label)

SEC("lsm/file_open")
int BPF_PROG(diglim_open, struct file *file, int ret)
{
	register __u64 mode asm("r2") = file->f_mode;
	int writers;

	/*
	 * @ret needs no look: the trampoline stops at the first program that refuses
	 * (invoke_bpf_mod_ret() in arch/x86/net/bpf_jit_comp.c).
	 */
	goto_if_write(mode, write);
	writers = inode_writers(file->f_inode);
	/* No writers are the answer as they stand; clang would load another 0. */
	asm goto("if %0 != 0 goto %l[in_use]" : : "r"(writers) : : in_use);
	return writers;
in_use:
	return open_in_use(file);
write:
	return open_to_write(file);
}

static __always_inline int judge_truncate(struct inode *inode, struct dentry *dentry, bool unopened)
{
	struct event_facts f;
	struct judge j;
	int ret;

	/* The file behind a loop device: what is cut off reads as zeros above. */
	if (device_in_use(BPF_CORE_READ(inode, i_sb, s_dev), BPF_CORE_READ(inode, i_ino)) &&
	    judge_device(dentry))
		return -EPERM;
	if (judge_write(inode, DIGLIM_HOOK_TRUNCATE, unopened, &ret, &f, &j))
		event_dentry(&f, dentry);
	return ret ? -EPERM : 0;
}

SEC("lsm/path_truncate")
int BPF_PROG(diglim_truncate, const struct path *path, int ret)
{
	struct inode *inode;

	if (ret)
		return earlier_answer(ret);
	inode = path->dentry->d_inode;
	return inode ? judge_truncate(inode, path->dentry, truncate_unopened) : 0;
}

SEC("lsm/file_truncate")
int BPF_PROG(diglim_ftruncate, struct file *file, int ret)
{
	return ret ? earlier_answer(ret)
		   : judge_truncate(file->f_inode, file->f_path.dentry, false);
}

/* Is the size changed through a descriptor that could write? IMA learns of no other change. */
static __always_inline bool has_writer(struct iattr *attr)
{
	return BPF_CORE_READ(attr, ia_valid) & ATTR_FILE &&
	       BPF_CORE_READ(attr, ia_file, f_mode) & FMODE_WRITE;
}

static __always_inline int judge_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;

	if (!inode || !(BPF_CORE_READ(attr, ia_valid) & ATTR_SIZE))
		return 0;
	if (!has_writer(attr) && !inode_doubt_ima(inode) &&
	    judge_unremembered(dentry, DIGLIM_HOOK_TRUNCATE))
		return -EPERM;
	return judge_truncate(inode, dentry, false);
}

/* With an idmap before it since 6.9: one of the two is loaded. */
SEC("lsm/inode_setattr")
int BPF_PROG(diglim_setattr, struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr,
	     int ret)
{
	return ret ? earlier_answer(ret) : judge_setattr(dentry, attr);
}

SEC("lsm/inode_setattr")
int BPF_PROG(diglim_setattr_old, struct dentry *dentry, struct iattr *attr, int ret)
{
	return ret ? earlier_answer(ret) : judge_setattr(dentry, attr);
}

/*
 * Partitions (BLKPG), and of a loop device another backing file or another part of it: no write
 * access is needed for them.
 */
static __always_inline int judge_ioctl(struct file *file, unsigned int cmd)
{
	struct inode *inode = file->f_inode;

	if (guard_mapper(file, cmd))
		return -EPERM;
	/* The version of neither file moves (fs/ext4/ioctl.c), and the other one is not known. */
	if (cmd == EXT4_IOC_MOVE_EXT || cmd == EXT4_IOC_SWAP_BOOT)
		__sync_fetch_and_add(&content_moves, 1);
	if (cmd != BLKPG && cmd != LOOP_CHANGE_FD && cmd != LOOP_SET_STATUS &&
	    cmd != LOOP_SET_STATUS64)
		return 0;
	if ((inode->i_mode & S_IFMT) != S_IFBLK)
		return 0;
	if (!device_in_use(inode->i_rdev, 0))
		return 0;
	return judge_device(file->f_path.dentry);
}

SEC("lsm/file_ioctl")
int BPF_PROG(diglim_ioctl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? earlier_answer(ret) : judge_ioctl(file, cmd);
}

/* Since 6.8: ioctl(2) of 32-bit programs. */
SEC("lsm/file_ioctl_compat")
int BPF_PROG(diglim_ioctl_compat, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? earlier_answer(ret) : judge_ioctl(file, cmd);
}
