/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code put into a running process, once sealed: debuggers, process_vm_writev and /proc/PID/mem. Who
 * may attach may write, so attaching is refused as a whole; looking (PTRACE_MODE_READ) is not.
 * A process's own /proc/self/mem passes no hook here: write.bpf.c asks guard_process_memory().
 */
#include "guard.h"

SEC("lsm/ptrace_access_check")
int BPF_PROG(diglim_guard_ptrace, struct task_struct *child, unsigned int mode, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	if (!(mode & PTRACE_MODE_ATTACH))
		return 0;
	duty = guard_duty(DIGLIM_HOOK_PTRACE, DIGLIM_CONTROL_ALLOW_PTRACE);
	return duty ? guard_refuse(duty, DIGLIM_HOOK_PTRACE, DIGLIM_REASON_INJECTION, child->comm)
		    : 0;
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(diglim_guard_traceme, struct task_struct *parent, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_PTRACE, DIGLIM_CONTROL_ALLOW_PTRACE);
	return duty ? guard_refuse(duty, DIGLIM_HOOK_PTRACE, DIGLIM_REASON_INJECTION, parent->comm)
		    : 0;
}
