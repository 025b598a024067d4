/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write tracking: content must not change under a verdict.
 *
 * file_open      for writing: a file that is vouched for and was used is refused (it may be running
 *                or about to be mapped); any other loses its cached digest
 * path_truncate  the same for truncate(2), which needs no open file
 * file_truncate  (since 6.2; before, path_truncate) ftruncate(2) and O_TRUNC, which opening for
 *                reading may ask for, too
 *
 * Opening for reading must cost next to nothing: the programs are not sleepable and look at f_mode
 * first.
 */
#include "guard.h"
#include "verdict.h"

/* Returns the reason why writing is not allowed, or VOUCHED for "go on". */
static __always_inline __u32 write_reason(struct judge *j, struct inode_state *s)
{
	if (j->selftest)
		return DIGLIM_REASON_VOUCHED_WRITE;
	if (!(s->flags & INODE_USED))
		return DIGLIM_REASON_VOUCHED;
	/* While somebody stores a digest, another may have been allowed by it. */
	if (!inode_digest_get(s, j->digest))
		return s->flags & INODE_BUSY ? DIGLIM_REASON_VOUCHED_WRITE : DIGLIM_REASON_VOUCHED;
	if (!store_uses(j->digest))
		return DIGLIM_REASON_VOUCHED;
	j->has_digest = 1;
	return DIGLIM_REASON_VOUCHED_WRITE;
}

static __always_inline bool judge_write(struct inode *inode, __u32 hook, int *ret,
					struct event_facts *f, struct judge *j)
{
	struct inode_state none = {};
	struct inode_state *s;
	bool event = false;
	bool judged;

	*ret = 0;
	s = bpf_inode_storage_get(&inodes, inode, 0, 0);
	judged = judge_start(j, hook, DIGLIM_USE_EXEC);
	if (judged && (s || j->selftest))
		event = verdict_answer(j, write_reason(j, s ? s : &none), ret, f);
	if (s && !*ret)
		__sync_fetch_and_add(&s->writes, 1);
	return event;
}

/* A function of its own: opening for reading need not save the registers that this takes. */
static __noinline int open_to_write(struct file *file)
{
	struct event_facts f;
	struct judge j;
	int ret;

	if (guard_process_memory(file))
		return -EPERM;
	if (judge_write(file->f_inode, DIGLIM_HOOK_OPEN_WRITE, &ret, &f, &j))
		event_file(&f, file);
	return ret ? -EPERM : 0;
}

SEC("lsm/file_open")
int BPF_PROG(diglim_open, struct file *file, int ret)
{
	/*
	 * @ret needs no look: the trampoline stops at the first program that refuses
	 * (invoke_bpf_mod_ret() in arch/x86/net/bpf_jit_comp.c), and every instruction counts here.
	 */
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	return open_to_write(file);
}

static __always_inline int judge_truncate(struct inode *inode, struct dentry *dentry)
{
	struct event_facts f;
	struct judge j;
	int ret;

	if (judge_write(inode, DIGLIM_HOOK_TRUNCATE, &ret, &f, &j))
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
	return inode ? judge_truncate(inode, path->dentry) : 0;
}

SEC("lsm/file_truncate")
int BPF_PROG(diglim_ftruncate, struct file *file, int ret)
{
	return ret ? earlier_answer(ret) : judge_truncate(file->f_inode, file->f_path.dentry);
}
