/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Executable mappings of files, and the shared writable ones that could change them.
 *
 * mmap_file      judges PROT_EXEC (the final protection, READ_IMPLIES_EXEC included); taints inodes
 *                that are mapped shared by somebody who may write
 * file_mprotect  may neither hash nor build a path: decides from the cached digest
 *
 * inode_init_security_anon  sees userfaultfd(2): who has one fills pages of private mappings, also
 *                executable ones, and no hook is called then
 *
 * Memory without a file, and pages of a private mapping that were or can be written, are code that
 * a program makes itself. The policy says who may run that (DIGLIM_USE_CODE).
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

/* Files without a name are what programs make to run code of theirs: memfd, O_TMPFILE, shm. */
static __always_inline bool may_map_nameless(struct inode *inode)
{
	return task_uses() & DIGLIM_USE_CODE && !BPF_CORE_READ(inode, i_nlink);
}

static __noinline int judge_anonymous(__u32 hook)
{
	struct diglim_control *c = control_get();
	struct event_facts f;
	struct judge j;
	int ret;

	if (!c || c->anonymous == DIGLIM_ANONYMOUS_ALLOW)
		return 0;
	if (c->anonymous == DIGLIM_ANONYMOUS_PER_PROGRAM && task_uses() & DIGLIM_USE_CODE)
		return 0;
	if (!judge_start(&j, hook, DIGLIM_USE_EXEC))
		return 0;
	if (verdict_answer(&j, DIGLIM_REASON_ANONYMOUS, &ret, &f))
		event_dentry(&f, NULL);
	return ret;
}

/* An executable mapping that is not @shared with a writer. */
static __noinline int judge_map(struct file *file, unsigned long prot)
{
	if (may_map_nameless(file->f_inode))
		return 0;
	if (prot & PROT_WRITE && !(task_uses() & DIGLIM_USE_CODE))
		return judge_reason(file, DIGLIM_HOOK_MMAP, DIGLIM_USE_EXEC,
				    DIGLIM_REASON_PRIVATE_WRITTEN);
	return judge_file(file, DIGLIM_HOOK_MMAP, DIGLIM_USE_EXEC);
}

SEC("lsm.s/mmap_file")
int BPF_PROG(diglim_mmap, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	bool shared_writer;

	if (ret)
		return earlier_answer(ret);
	if (is_null(file) || !file)
		return prot & PROT_EXEC && judge_anonymous(DIGLIM_HOOK_MMAP) ? -EPERM : 0;
	shared_writer = is_shared(flags) && file->f_mode & FMODE_WRITE;
	/* What cannot be remembered must not happen. */
	if (shared_writer && !taint(file))
		return judge_reason(file, DIGLIM_HOOK_MMAP_SHARED, DIGLIM_USE_EXEC,
				    DIGLIM_REASON_STORAGE_FAILED)
			       ? -EPERM
			       : 0;
	if (!(prot & PROT_EXEC))
		return 0;
	if (inode_has_writer(file->f_inode) && !inode_doubt_ima(file->f_inode))
		return judge_reason(file, DIGLIM_HOOK_MMAP, DIGLIM_USE_EXEC,
				    DIGLIM_REASON_STORAGE_FAILED)
			       ? -EPERM
			       : 0;
	if (shared_writer && !may_map_nameless(file->f_inode))
		return judge_reason(file, DIGLIM_HOOK_MMAP, DIGLIM_USE_EXEC,
				    DIGLIM_REASON_SHARED_WRITABLE)
			       ? -EPERM
			       : 0;
	return judge_map(file, prot) ? -EPERM : 0;
}

static __always_inline __u32 mprotect_reason(struct judge *j, struct vm_area_struct *vma,
					     unsigned long prot, struct inode *inode)
{
	bool code = task_uses() & DIGLIM_USE_CODE;

	if (vma->vm_flags & VM_MAYSHARE && prot & PROT_WRITE)
		return may_map_nameless(inode) ? DIGLIM_REASON_VOUCHED
					       : DIGLIM_REASON_SHARED_WRITABLE;
	/* Copied pages, or such as will be: what runs is not what the file holds. */
	if (vma->anon_vma || prot & PROT_WRITE)
		return code ? DIGLIM_REASON_VOUCHED : DIGLIM_REASON_PRIVATE_WRITTEN;
	if (may_map_nameless(inode))
		return DIGLIM_REASON_VOUCHED;
	return verdict_cached(j, inode, bpf_inode_storage_get(&inodes, inode, 0, 0));
}

static __noinline int judge_protection(struct vm_area_struct *vma, unsigned long prot)
{
	struct file *file = vma->vm_file;
	struct event_facts f;
	struct inode *inode;
	struct judge j;
	int ret;

	if (!file || !judge_start(&j, DIGLIM_HOOK_MPROTECT, DIGLIM_USE_EXEC))
		return 0;
	inode = file->f_inode;
	if (!inode)
		return 0;
	if (verdict_answer(&j, mprotect_reason(&j, vma, prot, inode), &ret, &f))
		event_dentry(&f, file->f_path.dentry);
	return ret;
}

SEC("lsm/file_mprotect")
int BPF_PROG(diglim_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot,
	     int ret)
{
	bool runs, writes;

	if (ret)
		return earlier_answer(ret);
	runs = !(vma->vm_flags & VM_EXEC);
	writes = prot & PROT_WRITE && !(vma->vm_flags & VM_WRITE);
	if (!(prot & PROT_EXEC) || (!runs && !writes))
		return 0;
	if (!vma->vm_file)
		return judge_anonymous(DIGLIM_HOOK_MPROTECT) ? -EPERM : 0;
	return judge_protection(vma, prot) ? -EPERM : 0;
}

static const char userfaultfd[] = "[userfaultfd]";

SEC("lsm/inode_init_security_anon")
int BPF_PROG(diglim_fault, struct inode *inode, const struct qstr *name,
	     const struct inode *context, int ret)
{
	char said[sizeof(userfaultfd)] = {};

	if (ret)
		return earlier_answer(ret);
	if (bpf_probe_read_kernel_str(said, sizeof(said), BPF_CORE_READ(name, name)) < 0 ||
	    bpf_strncmp(said, sizeof(said), userfaultfd))
		return 0;
	return judge_anonymous(DIGLIM_HOOK_FAULT) ? -EPERM : 0;
}
