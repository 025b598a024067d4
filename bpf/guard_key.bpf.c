/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keyrings that signatures are checked against, once sealed: looking at them is all that is
 * left. Searching belongs to our own verification alone, since keyctl_invalidate() asks for the
 * same permission. Who defers the check reads, and is asked again, or is a BPF program that
 * verifies (security/keys/keyctl.c, kernel/trace/bpf_trace.c): nobody changes a key so.
 */
#include "guard.h"

#define NEED(name) bpf_core_enum_value(enum key_need_perm, name)

static __always_inline bool may(__u32 need)
{
	struct internal *in = internal_get();

	if (need == NEED(KEY_NEED_VIEW) || need == NEED(KEY_NEED_READ) ||
	    need == NEED(KEY_DEFER_PERM_CHECK))
		return true;
	if (need != NEED(KEY_NEED_SEARCH))
		return false;
	return in && in->verifier && in->verifier == bpf_get_current_pid_tgid();
}

SEC("lsm/key_permission")
int BPF_PROG(diglim_guard_key, void *ref, const struct cred *cred, enum key_need_perm need, int ret)
{
	struct key *key;
	__u64 raw = 0;
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_KEY, 0);
	if (!duty || may(need))
		return 0;
	/* The verifier knows no type for the reference, whose lowest bit says "possessed". */
	if (bpf_get_func_arg(ctx, 0, &raw))
		return -EPERM;
	key = (struct key *)(raw & ~1ULL);
	if (duty == GUARD_SEALED && !guard_knows(DIGLIM_GUARDED_KEY, BPF_CORE_READ(key, serial), 0))
		return 0;
	return guard_refuse(duty, DIGLIM_HOOK_GUARD_KEY, DIGLIM_REASON_SEALED,
			    BPF_CORE_READ(key, description));
}
