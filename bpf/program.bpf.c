/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process is, for as long as it lives.
 *
 * task_alloc             a child is what its parent is
 * bprm_committed_creds   the new program is there: what was found out about it holds from now on.
 *                        Its arguments can be read, and it can still be killed before it runs
 */
#include "verdict.h"
#include "../core/arguments.h"

#define SIGKILL 9

/* A command line that is not understood by then is not allowed. */
#define ARGUMENTS_MAX (1U << 16)

/*
 * Not sleepable: Linux 6.1 answers look-ups of other tasks with "no state" while one waits for
 * memory here. Every child gets a place, so that none need be made later.
 */
SEC("lsm/task_alloc")
int BPF_PROG(diglim_fork, struct task_struct *task, unsigned long flags, int ret)
{
	struct diglim_task *parent, *child;

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

struct args_walk {
	struct core_args args;
	__u64 at; /* user address of the first argument */
	__u32 count;
	__u32 failed;
};

/*
 * Of interpreters that are being started, by thread: a place of its own, since the program may
 * sleep. No task storage, for the reason above. Who finds no room counts as not understood.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct args_walk);
} args_walks SEC(".maps");

static __always_inline struct args_walk *args_walk(void)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&args_walks, &thread);
}

/* NULL: there are too many. */
static __always_inline struct args_walk *args_walk_make(void)
{
	static const struct args_walk none;
	__u32 thread = (__u32)bpf_get_current_pid_tgid();

	bpf_map_update_elem(&args_walks, &thread, &none, BPF_ANY);
	return bpf_map_lookup_elem(&args_walks, &thread);
}

static long args_step(__u32 i, void *ctx)
{
	struct args_walk *w = args_walk();
	__u8 c = 0;

	if (!w || w->args.answer || w->args.number == w->count)
		return 1;
	if (bpf_copy_from_user(&c, 1, (void *)(w->at + i))) {
		w->failed = 1;
		return 1;
	}
	core_args_char(&w->args, c);
	return 0;
}

/* CORE_ARGS_OPEN if there is none. */
static __always_inline __u32 args_answer(struct linux_binprm *bprm, __u32 kinds)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid(), answer = CORE_ARGS_OPEN;
	struct args_walk *w = args_walk_make();

	if (!w)
		return CORE_ARGS_OPEN;
	w->at = bprm->p;
	w->count = bprm->argc;
	core_args_begin(&w->args, kinds);
	bpf_loop(ARGUMENTS_MAX, args_step, NULL, 0);
	if (w->args.answer || (!w->failed && w->args.number == w->count))
		answer = core_args_end(&w->args);
	bpf_map_delete_elem(&args_walks, &thread);
	return answer;
}

/* Nothing can be refused any more: who must not run is killed. */
static __noinline int judge_arguments(struct linux_binprm *bprm, __u32 uses)
{
	__u32 kinds = (uses & DIGLIM_FOUND_KINDS) >> DIGLIM_FOUND_KINDS_SHIFT;
	struct diglim_control *c = control_get();
	__u32 flags = c ? c->flags : 0, answer;
	struct event_facts f;
	struct judge j;
	int ret;

	/* Else the verifier need not look at all this. */
	if (!arguments_judged || !judge_start(&j, DIGLIM_HOOK_COMMAND, DIGLIM_USE_EXEC))
		return 0;
	answer = args_answer(bprm, kinds);
	/* No memory, or too long to be understood: whatever is denied. */
	if (answer == CORE_ARGS_OPEN)
		answer = flags & DIGLIM_CONTROL_DENY_COMMAND ? CORE_ARGS_COMMAND : CORE_ARGS_STDIN;
	if (answer == CORE_ARGS_COMMAND && flags & DIGLIM_CONTROL_DENY_COMMAND)
		answer = DIGLIM_REASON_COMMAND;
	else if (answer == CORE_ARGS_STDIN && flags & DIGLIM_CONTROL_DENY_STDIN)
		answer = DIGLIM_REASON_STDIN;
	else
		answer = DIGLIM_REASON_VOUCHED;
	if (verdict_answer(&j, answer, &ret, &f))
		event_file(&f, bprm->file);
	if (ret)
		bpf_send_signal(SIGKILL);
	return 0;
}

/* What process 1 starts is the real root's, or changes to it: nobody else moves mounts any more. */
static __always_inline void end_of_initramfs(void)
{
	struct internal *in = internal_get();

	if (in && in->moving && bpf_get_current_pid_tgid() >> 32 == 1)
		in->moving = 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(diglim_committed, struct linux_binprm *bprm)
{
	struct diglim_task *t = task_state();
	__u32 uses;

	end_of_initramfs();
	if (!t)
		return 0;
	uses = t->pending & TASK_FOUND;
	if (t->uses & (TASK_FREE | DIGLIM_USE_EXEMPT))
		uses |= TASK_FREE;
	if (cred_is_privileged(bpf_get_current_task_btf()->cred))
		uses |= TASK_SCOPED;
	if (bpf_get_current_pid_tgid() >> 32 == 1)
		uses |= TASK_INIT;
	t->pending = 0;
	t->uses = uses;
	if (uses & DIGLIM_USE_INTERPRETER)
		judge_arguments(bprm, uses);
	return 0;
}
