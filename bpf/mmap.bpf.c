/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Executable mappings of files, and the shared writable ones that could change them.
 *
 * mmap_file      judges PROT_EXEC (the final protection, READ_IMPLIES_EXEC included); taints inodes
 *                that are mapped shared by somebody who may write
 * file_mprotect  may neither hash nor build a path: decides from the cached digest
 */
#include "verdict.h"

static __always_inline bool is_shared(unsigned long flags)
{
	return (flags & MAP_TYPE) != MAP_PRIVATE;
}

/*
 * False if there is no memory for it. A shared mapping of a file that is open for writing can be
 * made writable later, and pages that were handed to asynchronous I/O can change after unmap and
 * close: no verdict until the inode is read in again.
 */
static __always_inline bool taint(struct file *file)
{
	struct inode_state *s;

	s = inode_state_make(file->f_inode);
	if (!s)
		return false;
	if (s->flags & INODE_TAINTED)
		return true;
	__sync_fetch_and_or(&s->flags, INODE_TAINTED);
	__sync_fetch_and_add(&s->writes, 1);
	return true;
}

SEC("lsm.s/mmap_file")
int BPF_PROG(diglim_mmap, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	bool shared_writer;

	if (ret)
		return earlier_answer(ret);
	if (!file)
		return 0;
	shared_writer = is_shared(flags) && file->f_mode & FMODE_WRITE;
	/* What cannot be remembered must not happen. */
	if (shared_writer && !taint(file))
		return judge_reason(file, DIGLIM_HOOK_MMAP_SHARED, DIGLIM_USE_EXEC,
				    DIGLIM_REASON_STORAGE_FAILED);
	if (!(prot & PROT_EXEC))
		return 0;
	if (shared_writer)
		return judge_reason(file, DIGLIM_HOOK_MMAP, DIGLIM_USE_EXEC,
				    DIGLIM_REASON_SHARED_WRITABLE);
	return judge_file(file, DIGLIM_HOOK_MMAP, DIGLIM_USE_EXEC);
}

static __always_inline __u32 mprotect_reason(struct judge *j, struct vm_area_struct *vma,
					     struct inode *inode)
{
	/* Copied pages: what would run is not what the file holds. */
	if (vma->anon_vma)
		return DIGLIM_REASON_PRIVATE_WRITTEN;
	return verdict_cached(j, inode, bpf_inode_storage_get(&inodes, inode, 0, 0));
}

SEC("lsm/file_mprotect")
int BPF_PROG(diglim_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot,
	     int ret)
{
	struct event_facts f;
	struct inode *inode;
	struct file *file;
	struct judge j;

	if (ret)
		return earlier_answer(ret);
	if (!(prot & PROT_EXEC) || vma->vm_flags & VM_EXEC)
		return 0;
	file = vma->vm_file;
	if (!file || !judge_start(&j, DIGLIM_HOOK_MPROTECT, DIGLIM_USE_EXEC))
		return 0;
	inode = file->f_inode;
	if (!inode)
		return 0;
	if (verdict_answer(&j, mprotect_reason(&j, vma, inode), &ret, &f))
		event_dentry(&f, file->f_path.dentry);
	return ret;
}
