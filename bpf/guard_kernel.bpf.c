/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways around the programs through the kernel itself, once sealed.
 *
 * locked_down    what lockdown=integrity refuses: /dev/mem, MSRs, ACPI tables, BPF programs that
 *                write user memory... Unsigned modules and kexec images are not among them: these
 *                we judge ourselves.
 * cgroup/sysctl  kernel.ftrace_enabled: 0 takes all LSM programs away on kernels up to 6.12. Needs
 *                no trampoline, so it stands when they are gone, and is asked at each write, also
 *                through a descriptor that is older than the seal.
 */
#include "guard.h"

#define LOCKDOWN(name) bpf_core_enum_value(enum lockdown_reason, name)

SEC("lsm/locked_down")
int BPF_PROG(diglim_guard_lockdown, enum lockdown_reason what, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_KERNEL, 0);
	if (!duty || what <= LOCKDOWN(LOCKDOWN_NONE) || what >= LOCKDOWN(LOCKDOWN_INTEGRITY_MAX) ||
	    what == LOCKDOWN(LOCKDOWN_MODULE_SIGNATURE) || what == LOCKDOWN(LOCKDOWN_KEXEC))
		return 0;
	return guard_refuse(duty, DIGLIM_HOOK_GUARD_KERNEL, DIGLIM_REASON_SEALED, NULL);
}

static __always_inline bool is_ftrace_enabled(const char *name)
{
	static const char want[] = "kernel/ftrace_enabled";

	for (__u32 i = 0; i < sizeof(want); i++)
		if (name[i] != want[i])
			return false;
	return true;
}

/* Returns 1 for "go on", 0 for EPERM. */
SEC("cgroup/sysctl")
int diglim_guard_sysctl(struct bpf_sysctl *ctx)
{
	char name[32] = "";
	__u32 duty;

	if (!ctx->write)
		return 1;
	duty = guard_duty(DIGLIM_HOOK_GUARD_SYSCTL, 0);
	if (!duty || bpf_sysctl_get_name(ctx, name, sizeof(name), 0) < 0 ||
	    !is_ftrace_enabled(name))
		return 1;
	guard_refuse(duty, DIGLIM_HOOK_GUARD_SYSCTL, DIGLIM_REASON_SEALED, NULL);
	return 0;
}
