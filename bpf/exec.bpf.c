/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting programs.
 *
 * bprm_creds_for_exec   the file given to execve(2), also with AT_EXECVE_CHECK
 * bprm_check_security   every file that takes its place: interpreters of #! and binfmt_misc
 */
#include "verdict.h"

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(diglim_exec, struct linux_binprm *bprm, int ret)
{
	return ret ? earlier_answer(ret) : judge_file(bprm->file, DIGLIM_HOOK_EXEC, DIGLIM_USE_EXEC);
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(diglim_interp, struct linux_binprm *bprm, int ret)
{
	return ret ? earlier_answer(ret) : judge_file(bprm->file, DIGLIM_HOOK_INTERP, DIGLIM_USE_EXEC);
}
