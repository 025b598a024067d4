/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting programs.
 *
 * bprm_creds_for_exec   the file given to execve(2), also with AT_EXECVE_CHECK
 * bprm_check_security   every file that takes its place: interpreters of #! and binfmt_misc. The
 *                       first round is for the same file again: `interp` is `filename` until
 *                       bprm_change_interp() (fs/exec.c) sets another.
 * bprm_creds_from_file  the first one to see set-id bits and file capabilities
 *
 * The last file of the chain is the program that will run: what lists say of it waits in
 * task_state.pending until the kernel cannot go back any more (program.bpf.c).
 */
#include "verdict.h"

/*
 * Of the current task. A process that runs since before the programs were attached gets its state
 * here, all others at fork.
 */
static __always_inline struct diglim_task *task_state_make(void)
{
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* Out of scope, but its properties count later: users' programs take no foreign code, either. */
static __always_inline bool judge_only_looks(const struct judge *j)
{
	return j->mode != DIGLIM_MODE_OFF && j->scope == DIGLIM_SCOPE_SYSTEM &&
	       !(task_uses() & (TASK_FREE | DIGLIM_USE_EXEMPT));
}

static __noinline int judge_program(struct file *file, __u32 hook)
{
	struct diglim_task *t = task_state_make();
	struct event_facts f;
	struct judge j = {};
	__u32 reason;
	int ret = 0;

	if (t && hook == DIGLIM_HOOK_EXEC)
		t->pending = 0;
	if (!judge_start(&j, hook, DIGLIM_USE_EXEC)) {
		if (t && judge_only_looks(&j))
			t->pending = verdict_of(&j, file) == DIGLIM_REASON_VOUCHED
					     ? j.found & TASK_FOUND
					     : 0;
		return 0;
	}
	reason = verdict_of(&j, file);
	/* An interpreter that is not known as one could read anything. */
	if (reason == DIGLIM_REASON_VOUCHED && !t)
		reason = DIGLIM_REASON_STORAGE_FAILED;
	if (t)
		t->pending =
			TASK_JUDGED | (reason == DIGLIM_REASON_VOUCHED ? j.found & TASK_FOUND : 0);
	if (verdict_answer(&j, reason, &ret, &f))
		event_file(&f, file);
	return ret ? -EPERM : 0;
}

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(diglim_exec, struct linux_binprm *bprm, int ret)
{
	return ret ? earlier_answer(ret) : judge_program(bprm->file, DIGLIM_HOOK_EXEC);
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(diglim_interp, struct linux_binprm *bprm, int ret)
{
	if (ret)
		return earlier_answer(ret);
	if (bprm->interp == bprm->filename)
		return 0;
	return judge_program(bprm->file, DIGLIM_HOOK_INTERP);
}

/* Whether the program would run with privilege although it was not judged. */
static __always_inline bool gains_privilege(const struct linux_binprm *bprm)
{
	struct diglim_task *t = task_state();

	if (t && (t->pending & TASK_JUDGED || t->uses & (TASK_FREE | DIGLIM_USE_EXEMPT)))
		return false;
	return cred_is_privileged(bprm->cred);
}

/*
 * @file lends its credentials; with binfmt_misc it is not the program that runs, and both are
 * judged.
 */
SEC("lsm.s/bprm_creds_from_file")
int BPF_PROG(diglim_setid, struct linux_binprm *bprm, struct file *file, int ret)
{
	struct diglim_control *c = control_get();

	if (ret)
		return earlier_answer(ret);
	if (!c || (!c->selftest_tgid && (c->scope == DIGLIM_SCOPE_ALL || !gains_privilege(bprm))))
		return 0;
	if (c->selftest_tgid && !gains_privilege(bprm) &&
	    (c->selftest_hook != DIGLIM_HOOK_SETID ||
	     c->selftest_tgid != bpf_get_current_pid_tgid() >> 32))
		return 0;
	if (file != bprm->file) {
		ret = judge_program(file, DIGLIM_HOOK_SETID);
		if (ret)
			return ret;
	}
	return judge_program(bprm->file, DIGLIM_HOOK_SETID);
}
