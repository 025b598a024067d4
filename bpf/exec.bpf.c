/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting programs.
 *
 * bprm_creds_for_exec   the file given to execve(2), also with AT_EXECVE_CHECK
 * bprm_check_security   every file that takes its place: interpreters of #! and binfmt_misc. The
 *                       first round is for the same file again: `interp` is `filename` until
 *                       bprm_change_interp() (fs/exec.c) sets another.
 */
#include "verdict.h"

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(diglim_exec, struct linux_binprm *bprm, int ret)
{
	return ret ? earlier_answer(ret)
		   : judge_file(bprm->file, DIGLIM_HOOK_EXEC, DIGLIM_USE_EXEC);
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(diglim_interp, struct linux_binprm *bprm, int ret)
{
	if (ret)
		return earlier_answer(ret);
	if (bprm->interp == bprm->filename)
		return 0;
	return judge_file(bprm->file, DIGLIM_HOOK_INTERP, DIGLIM_USE_EXEC);
}
