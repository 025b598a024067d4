/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM gate (gate.h). Attached under [attest] gate = on alone, since file_permission is asked
 * for every read and write.
 *
 * file_permission      a command is about to be written: a ticket for this thread, or a refusal.
 *                      The driver copies the command after this hook, and may wait for its pages
 *                      as long as somebody likes
 * tpm_common_write     (fexit) the write is over: the ticket goes. O_NONBLOCK leaves the command to
 *                      a worker: then there is a ticket for the open device, until it is done
 * vfs_writev, io_write (fexit) ways to write several times after one permission are over
 * tpm_common_release   (fexit) such tickets go, the worker was waited for
 * key_alloc            a trusted key unseals without a device: by add_key(2) alone, at once.
 *                      What request_key(2) begins, its helper may finish whenever it likes
 * __key_link_end       (fexit) add_key(2) is over
 *
 * A ticket that is not seen to end (splice(2) asks for permission and never writes; 32-bit
 * programs; write(2) by who has an io_uring, too) stays until its thread writes again, and counts
 * as parked after a while: then diglimd records that, and it is forgiven.
 */
#include "event.h"
#include "gate.h"
#include "task.h"
#include "tickets.h"
#include "../abi/request.h"

#define MAY_WRITE    2
#define S_IFCHR	     0020000
#define MISC_TPM     (10U << 20 | 224) /* include/linux/miscdevice.h */
#define O_NONBLOCK   04000
#define PF_IO_WORKER 0x10
#define PF_KTHREAD   0x200000

/* Numbers of system calls (x86_64, arm64) */
#define NR_WRITE_X86	 1
#define NR_WRITE_ARM64	 64
#define NR_ADD_KEY_X86	 248
#define NR_ADD_KEY_ARM64 217

static __always_inline bool is_keeper(__u32 uses)
{
	return uses & DIGLIM_USE_EXEC && !(uses & DIGLIM_USE_INTERPRETER) &&
	       (uses & DIGLIM_FOUND_KINDS) == DIGLIM_FOUND_KINDS;
}

/* Code that nobody vouches for is in the process: it opens nothing any more. */
static __always_inline void keeper_is_doubted(void)
{
	struct diglim_task *t = task_state();

	if (t && is_keeper(t->uses))
		t->uses &= ~DIGLIM_FOUND_KINDS;
}

/* With as little stack as can be: Linux 6.1 counts that of the hooks, too. */
static long busy_step(struct bpf_map *map, struct ticket_key *key, struct ticket *t, void *ctx)
{
	if (t->forgiven || (key->queued && !is_queued(key->id)))
		return 0;
	*(__u32 *)ctx = 1;
	return 1;
}

__noinline int gate_use(void)
{
	struct diglim_gate *g = gate_get();
	__u32 busy = 0;

	if (!g)
		return 1;
	gate_hold();
	bpf_for_each_map_elem(&tickets, busy_step, &busy, 0);
	if (busy) {
		gate_settle();
		return 1;
	}
	__sync_fetch_and_add(&g->uses, 1);
	keeper_is_doubted();
	return 0;
}

static __always_inline bool gate_is_shut(struct diglim_gate *g)
{
	return *(volatile __u64 *)&g->deciding ||
	       *(volatile __u64 *)&g->uses != *(volatile __u64 *)&g->recorded;
}

static __always_inline struct ticket_key ticket_of_thread(void)
{
	return (struct ticket_key){.id = bpf_get_current_pid_tgid()};
}

/* What is no file of the file system's content: the event has its last component. */
static __always_inline int gate_refuse(struct dentry *dentry)
{
	struct event_facts f = {
		.type = DIGLIM_EVENT_REFUSED,
		.hook = DIGLIM_HOOK_TPM,
		.reason = DIGLIM_REASON_GATE_CLOSED,
	};
	__u32 hook = DIGLIM_HOOK_TPM;
	struct diglim_counters *n = bpf_map_lookup_elem(&counters, &hook);

	if (n)
		n->count[DIGLIM_COUNT_REFUSED]++;
	event_dentry(&f, dentry);
	return -EAGAIN;
}

static __always_inline bool is_selftest(void)
{
	struct diglim_control *c = control_get();
	__u32 hook = DIGLIM_HOOK_TPM;
	struct diglim_counters *n;

	if (!c || !c->selftest_tgid || c->selftest_hook != hook ||
	    c->selftest_tgid != bpf_get_current_pid_tgid() >> 32)
		return false;
	n = bpf_map_lookup_elem(&counters, &hook);
	if (n)
		n->selftest_refused++;
	return true;
}

/*
 * diglimd must get through to open the gate, and does nothing that the gate is there for. Only to
 * the TPM that was there at attach: root can make others, of the kernel's own driver (vtpm_proxy).
 */
static __always_inline bool keeper_writes(__u32 dev)
{
	struct diglim_task *t = task_state();

	if (!t || !is_keeper(t->uses) || (gate_device && dev != gate_device && dev != MISC_TPM))
		return false;
	t->uses |= TASK_AT_TPM;
	return true;
}

/* @dentry may be NULL, and @dev 0: a key. */
static __noinline int gate_ask(struct dentry *dentry, __u32 dev)
{
	struct ticket_key key = ticket_of_thread();
	struct ticket t = {.since = bpf_ktime_get_boot_ns()};
	struct diglim_gate *g = gate_get();

	if (!g || is_selftest())
		return -EPERM;
	if (keeper_writes(dev))
		return 0;
	if (map_answer(bpf_map_update_elem(&tickets, &key, &t, BPF_ANY)))
		return gate_refuse(dentry);
	/* The ticket is there for everybody before we look. */
	__sync_fetch_and_add(&g->writes, 1);
	if (!gate_is_shut(g))
		return 0;
	bpf_map_delete_elem(&tickets, &key);
	return gate_refuse(dentry);
}

/* Numbers and not paths or addresses: what appears later has one of them, too. */
static __always_inline bool is_tpm(struct inode *inode)
{
	__u32 dev = inode->i_rdev;

	if (!dev)
		return false;
	return (dev >> 20 == gate_region || dev == MISC_TPM) && (inode->i_mode & S_IFMT) == S_IFCHR;
}

SEC("lsm/file_permission")
int BPF_PROG(diglim_gate_write, struct file *file, int mask, int ret)
{
	int r;

	/* @ret needs no look, see diglim_open in write.bpf.c. */
	if (!(mask & MAY_WRITE) || !is_tpm(file->f_inode))
		return 0;
	r = gate_ask(file->f_path.dentry, file->f_inode->i_rdev);
	return r == -EAGAIN ? -EAGAIN : r ? -EPERM : 0;
}

/* Is the thread in this system call, and at work for nobody else? */
static __always_inline bool in_syscall(__u64 x86, __u64 arm64)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs;
	__u64 nr = 0;

	if (task->flags & (PF_IO_WORKER | PF_KTHREAD))
		return false;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	if (bpf_core_field_exists(struct pt_regs___x86, orig_ax)) {
		bpf_core_read(&nr, sizeof(nr), &((struct pt_regs___x86 *)regs)->orig_ax);
		return nr == x86;
	}
	if (bpf_core_field_exists(struct pt_regs___arm64, syscallno)) {
		bpf_core_read(&nr, sizeof(int), &((struct pt_regs___arm64 *)regs)->syscallno);
		return nr == arm64;
	}
	return false;
}

/* write(2) itself, which writes once. Whoever has an io_uring may be at work for it. */
static __always_inline bool writes_once(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return !task->io_uring && in_syscall(NR_WRITE_X86, NR_WRITE_ARM64);
}

static __always_inline bool adds_key(void)
{
	return in_syscall(NR_ADD_KEY_X86, NR_ADD_KEY_ARM64);
}

SEC("fexit/tpm_common_write")
int BPF_PROG(diglim_gate_written, struct file *file, const char *buf, size_t size, loff_t *off,
	     long ret)
{
	struct ticket_key key = ticket_of_thread(), queue = {.queued = 1};
	struct ticket t = {.since = bpf_ktime_get_boot_ns()};

	if (!bpf_map_lookup_elem(&tickets, &key))
		return 0;
	if (ret > 0 && file->f_flags & O_NONBLOCK) {
		queue.id = (__u64)file->private_data;
		if (map_answer(bpf_map_update_elem(&tickets, &queue, &t, BPF_ANY)))
			return 0;
	}
	if (writes_once())
		bpf_map_delete_elem(&tickets, &key);
	return 0;
}

/* All parts of what was permitted are written, or none will be. */
static __always_inline int thread_is_done(void)
{
	struct ticket_key key = ticket_of_thread();

	if (bpf_map_lookup_elem(&tickets, &key))
		bpf_map_delete_elem(&tickets, &key);
	return 0;
}

SEC("fexit/vfs_writev")
int diglim_gate_writev(void *ctx)
{
	return thread_is_done();
}

SEC("fexit/io_write")
int diglim_gate_uring(void *ctx)
{
	return thread_is_done();
}

SEC("fexit/tpm_common_release")
int BPF_PROG(diglim_gate_released, struct file *file, struct file_priv *priv)
{
	struct ticket_key queue = {.id = (__u64)priv, .queued = 1};

	bpf_map_delete_elem(&tickets, &queue);
	return 0;
}

SEC("lsm/key_alloc")
int BPF_PROG(diglim_gate_key, struct key *key, const struct cred *cred, unsigned long flags,
	     int ret)
{
	char type[8] = "";
	int r;

	if (ret)
		return earlier_answer(ret);
	bpf_probe_read_kernel_str(type, sizeof(type), BPF_CORE_READ(key, type, name));
	if (bpf_strncmp(type, sizeof(type), "trusted"))
		return 0;
	r = adds_key() ? gate_ask(NULL, 0) : gate_refuse(NULL);
	return r == -EAGAIN ? -EAGAIN : r ? -EPERM : 0;
}

/* Not what a write asks for on its way: a page of a network file system may need a key. */
SEC("fexit/__key_link_end")
int diglim_gate_key_added(void *ctx)
{
	return adds_key() ? thread_is_done() : 0;
}

/*
 * Does it see what process 1 sees? Its configuration, the pins and the device it takes by name.
 */
static __always_inline bool sees_the_same(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pid_namespace *ns = BPF_CORE_READ(task, nsproxy, pid_ns_for_children);
	struct task_struct *init = BPF_CORE_READ(ns, child_reaper);

	return !BPF_CORE_READ(ns, level) &&
	       BPF_CORE_READ(task, nsproxy, mnt_ns) == BPF_CORE_READ(init, nsproxy, mnt_ns) &&
	       BPF_CORE_READ(task, fs, root.dentry) == BPF_CORE_READ(init, fs, root.dentry) &&
	       BPF_CORE_READ(task, fs, root.mnt) == BPF_CORE_READ(init, fs, root.mnt);
}

static __always_inline void forgive(void)
{
	struct tickets_walk w = {.forgive = 1};

	tickets_look(&w);
}

__noinline int op_gate(__u32 what, __u64 number, __u64 seen)
{
	struct diglim_task *t = task_state();
	struct diglim_gate *g = gate_get();

	if (!g || !gate_on)
		return -DIGLIM_E_VERSION;
	if (!t || !is_keeper(t->uses) || !sees_the_same())
		return -DIGLIM_E_KEEPER;
	if (what == DIGLIM_GATE_KEEP) {
		g->keeper = bpf_get_current_pid_tgid() >> 32;
		g->armed = 1;
		return 0;
	}
	/* Not before it was seen to write to a TPM of this kernel's driver. */
	if (!(t->uses & TASK_AT_TPM))
		return -DIGLIM_E_KEEPER;
	if (what == DIGLIM_GATE_FORGIVE) {
		forgive();
		return 0;
	}
	if (what != DIGLIM_GATE_RECORDED || number > g->uses || number < g->recorded)
		return -DIGLIM_E_VALUE;
	g->seen = seen;
	g->recorded = number;
	return 0;
}
