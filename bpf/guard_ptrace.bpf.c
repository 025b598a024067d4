/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code put into a running process, once sealed: debuggers, process_vm_writev and /proc/PID/mem. Who
 * may attach may write, so attaching is refused as a whole; looking (PTRACE_MODE_READ) is not.
 * A process's own /proc/self/mem passes no hook here: write.bpf.c asks guard_process_memory().
 * So do the files of tracefs that make uprobes, breakpoints in the text of programs; those that
 * perf_event_open(2) makes are refused here, those of bpf(2) in guard_bpf.bpf.c.
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

/* The kind is told by the kernel's own object: the number in the attributes is dealt out at boot.
 */
SEC("lsm/perf_event_alloc")
int BPF_PROG(diglim_guard_probe, struct perf_event *event, int ret)
{
	char name[8] = "";
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_PTRACE, DIGLIM_CONTROL_ALLOW_PTRACE);
	if (duty != GUARD_SEALED)
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(event, pmu, name));
	if (bpf_strncmp(name, sizeof(name), "uprobe"))
		return 0;
	return guard_refuse(duty, DIGLIM_HOOK_PTRACE, DIGLIM_REASON_INJECTION, "uprobe");
}
