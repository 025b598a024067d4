/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a process: with which properties its program is vouched for, and whether the
 * scope covers it. Set when a program starts (program.bpf.c), inherited by fork.
 */
#ifndef DIGLIM_BPF_TASK_H
#define DIGLIM_BPF_TASK_H

#include "maps.h"

/* Of the program that runs, or 0: mask of enum diglim_use. An exemption is inherited. */
static __always_inline __u32 task_uses(void)
{
	struct task_state *t;

	t = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);
	return t ? t->uses : 0;
}

static __always_inline bool cred_is_privileged(const struct cred *cred)
{
	__u64 permitted, effective;

	if (!cred->uid.val || !cred->euid.val)
		return true;
	/* One __u64 since 6.3, two __u32 before: only the place of the field is relocated. */
	if (bpf_core_read(&permitted, sizeof(permitted), &cred->cap_permitted) ||
	    bpf_core_read(&effective, sizeof(effective), &cred->cap_effective))
		return true;
	return !cred->user_ns->level && (permitted | effective);
}

/*
 * A service is whatever does not lie below user.slice in the default hierarchy of control groups:
 * without a service manager that has such a group everything is. Only root moves a process from
 * one to the other, and root is in scope anyway.
 */
static __always_inline bool task_is_service(struct task_struct *task)
{
	static const char users[] = "user.slice";
	char name[sizeof(users)] = "";
	struct cgroup *cgrp = BPF_CORE_READ(task, cgroups, dfl_cgrp), *top;

	if (BPF_CORE_READ(cgrp, level) < 1)
		return true;
	if (bpf_core_read(&top, sizeof(top), &cgrp->ancestors[1]))
		return true;
	if (bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(top, kn, name)) < 0)
		return true;
	for (__u32 i = 0; i < sizeof(users); i++)
		if (name[i] != users[i])
			return true;
	return false;
}

/* Is what the current task does judged? @starts: it is about to run another program. */
static __always_inline bool scope_covers(__u32 scope, bool starts)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 uses = task_uses();

	if (uses & DIGLIM_USE_EXEMPT)
		return false;
	if (scope == DIGLIM_SCOPE_ALL || cred_is_privileged(task->cred))
		return true;
	if (scope != DIGLIM_SCOPE_SYSTEM)
		return false;
	/* A user may start what he likes; the distribution's programs take no foreign code. */
	return task_is_service(task) || (!starts && uses & DIGLIM_USE_EXEC);
}

#endif
