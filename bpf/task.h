/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a process: with which properties its program is vouched for, and whether the
 * scope covers it. Set when a program starts (program.bpf.c), inherited by fork. A process that
 * runs since before the programs were attached has no state: nothing is known in its favour.
 */
#ifndef DIGLIM_BPF_TASK_H
#define DIGLIM_BPF_TASK_H

#include "maps.h"

/* In task_state, besides enum diglim_use and DIGLIM_FOUND_KINDS */
#define TASK_FREE   (1U << 10) /* started by an exempt launcher: not judged */
#define TASK_SCOPED (1U << 11) /* its program was started with privilege */
#define TASK_JUDGED (1U << 12) /* pending: the file was judged */
#define TASK_INIT   (1U << 14) /* process 1, and its children until they start a program */
#define TASK_AT_TPM (1U << 15) /* diglimd, seen to write to a TPM (gate.bpf.c) */

/* What of a look-up goes with the process. */
#define TASK_FOUND (0xffU | DIGLIM_FOUND_VENDOR | DIGLIM_FOUND_OWNER | DIGLIM_FOUND_KINDS)

static __always_inline struct diglim_task *task_state(void)
{
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);
}

static __always_inline __u32 task_uses(void)
{
	struct diglim_task *t = task_state();

	return t ? t->uses : 0;
}

/*
 * Any of the four user ids: with a saved one of 0 a process can come back. Capabilities count in
 * the initial user namespace only.
 */
static __always_inline bool cred_is_privileged(const struct cred *cred)
{
	__u64 permitted, effective;

	if (!cred->uid.val || !cred->euid.val || !cred->suid.val || !cred->fsuid.val)
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
	char name[sizeof(users) + 1] = "";
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

/*
 * Is what the current task does judged? @starts: it is about to run another program; then its
 * credentials decide. Otherwise how its program was started counts, too: one of several threads may
 * give up its privilege and map what the others run.
 */
static __always_inline bool scope_covers(__u32 scope, bool starts)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 uses = task_uses();

	/* The launcher itself is judged: nobody may put his code into it (LD_PRELOAD). */
	if (uses & TASK_FREE || (starts && uses & DIGLIM_USE_EXEMPT))
		return false;
	if (scope == DIGLIM_SCOPE_ALL || (!starts && uses & TASK_SCOPED) ||
	    cred_is_privileged(task->cred))
		return true;
	if (scope != DIGLIM_SCOPE_SYSTEM)
		return false;
	/* A user may start what he likes; the distribution's programs take no foreign code. */
	return task_is_service(task) || (!starts && uses & DIGLIM_USE_EXEC);
}

#endif
