/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What interpreters read as program text (since 6.8: before, no hook comes late enough to hash).
 *
 * Attached only if the policy asks for it, since it costs every open a way into a BPF program and
 * back; who is no interpreter pays for one look-up besides.
 */
#include "verdict.h"
#include "../core/interpreter.h"

/* include/linux/fs.h */
#define MAY_READ 4
#define ANY_EXEC 0111

/* The last eight characters of the name, as struct core_stem has them. */
static __always_inline __u64 tail_of(struct dentry *dentry)
{
	__u32 len = BPF_CORE_READ(dentry, d_name.len);
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u64 tail = 0;

	/* Before a short name lies something else of the dentry. */
	if (bpf_probe_read_kernel(&tail, sizeof(tail), name + len - sizeof(tail)))
		return 0;
	tail = __builtin_bswap64(tail);
	return len < 8 ? tail & ((1ULL << 8 * len) - 1) : tail;
}

static __noinline int interpreter_reads(struct file *file, int mask)
{
	struct diglim_control *c = control_get();
	struct inode *inode = file->f_inode;

	/* Not for execve(2), which asks elsewhere. */
	if (!c || !(mask & MAY_READ) || (inode->i_mode & S_IFMT) != S_IFREG)
		return 0;
	if (c->interpreters == DIGLIM_INTERPRETERS_STRICT)
		return judge_file(file, DIGLIM_HOOK_INTERP_READ, DIGLIM_USE_EXEC | DIGLIM_USE_DATA);
	if (!(inode->i_mode & ANY_EXEC) && !core_is_text_name(tail_of(file->f_path.dentry)))
		return 0;
	return judge_file(file, DIGLIM_HOOK_INTERP_READ, DIGLIM_USE_EXEC);
}

SEC("lsm.s/file_post_open")
int BPF_PROG(diglim_interp_read, struct file *file, int mask, int ret)
{
	/* @ret needs no look, see diglim_open in write.bpf.c. */
	if (!(task_uses() & DIGLIM_USE_INTERPRETER))
		return 0;
	return interpreter_reads(file, mask) ? -EPERM : 0;
}
