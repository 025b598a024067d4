/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process is, for as long as it lives.
 *
 * task_alloc             a child is what its parent is
 * bprm_committed_creds   the new program is there: what was found out about it holds from now on
 */
#include "verdict.h"

/*
 * Not sleepable: Linux 6.1 answers look-ups of other tasks with "no state" while one waits for
 * memory here. Every child gets a place, so that none need be made later.
 */
SEC("lsm/task_alloc")
int BPF_PROG(diglim_fork, struct task_struct *task, unsigned long flags, int ret)
{
	struct task_state *parent, *child;

	if (ret)
		return earlier_answer(ret);
	child = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	parent = task_state();
	if (!parent || !parent->uses)
		return 0;
	/* A child of which nothing is known could do more than its parent. */
	if (!child)
		return -ENOMEM;
	child->uses = parent->uses;
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(diglim_committed, struct linux_binprm *bprm)
{
	struct task_state *t = task_state();
	__u32 uses;

	if (!t)
		return 0;
	uses = t->pending & TASK_FOUND;
	if (t->uses & (TASK_FREE | DIGLIM_USE_EXEMPT))
		uses |= TASK_FREE;
	if (cred_is_privileged(bpf_get_current_task_btf()->cred))
		uses |= TASK_SCOPED;
	t->pending = 0;
	t->uses = uses;
	return 0;
}
