/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event log: an array that keeps the newest events and overwrites the oldest. Nothing is
 * consumed, so that readers neither need a writable descriptor nor take anything from each other.
 *
 * Every event takes the next number, and with it a slot. The slot's number is cleared first and set
 * last, so that a reader who finds the same number before and after copying has copied one whole
 * event. Nobody waits: who finds his slot in use leaves a gap in the numbers, and counts it. The
 * log never changes a verdict.
 */
#ifndef DIGLIM_BPF_EVENT_H
#define DIGLIM_BPF_EVENT_H

#include "gate.h"

/* What a hook knows about its verdict. */
struct event_facts {
	__u32 type;
	__u32 hook;
	__u32 reason;
	__u32 use;
	__u32 offset;
	__u32 has_digest; /* enum diglim_digest_kind */
	__u32 gate;	  /* the TPM gate waits for its record */
	const __u8 *digest;
};

static __always_inline bool event_claim(__u32 *busy)
{
	return __sync_val_compare_and_swap(busy, 0, 1) == 0;
}

/* Everything written before is seen before the number, and the number before others may write. */
static __always_inline void event_publish(__u64 *at, __u64 seq, __u32 *busy)
{
	__sync_lock_test_and_set(at, seq);
	__sync_lock_test_and_set(busy, 0);
}

/* The slot of event number @seq, its number cleared; NULL if others are ahead of us. */
static __always_inline struct diglim_event_slot *event_slot(__u64 seq)
{
	__u32 i = (seq - 1) % event_slots;
	struct diglim_event_slot *s = bpf_map_lookup_elem(&events, &i);

	if (!s || !event_claim(&s->busy))
		return NULL;
	if (*(volatile __u64 *)&s->seq > seq) {
		__sync_lock_test_and_set(&s->busy, 0);
		return NULL;
	}
	__sync_lock_test_and_set(&s->seq, 0);
	return s;
}

static __always_inline void event_task(struct diglim_event *ev)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 id = bpf_get_current_pid_tgid();
	__u64 ids = bpf_get_current_uid_gid();

	ev->pid = (__u32)id;
	ev->tgid = id >> 32;
	ev->uid = (__u32)ids;
	ev->gid = ids >> 32;
	ev->euid = task->cred->euid.val;
	ev->ppid = task->real_parent->tgid;
	ev->cgroup_id = bpf_get_current_cgroup_id();
	bpf_get_current_comm(ev->comm, sizeof(ev->comm));
	bpf_probe_read_kernel_str(ev->parent_comm, sizeof(ev->parent_comm),
				  task->real_parent->comm);
}

static __always_inline void event_inode(struct diglim_event *ev, struct inode *inode)
{
	struct super_block *sb = inode->i_sb;

	ev->inode = inode->i_ino;
	ev->file_size = inode->i_size;
	ev->fs_magic = sb->s_magic;
	ev->dev = sb->s_dev;
}

static __always_inline void event_fill(struct diglim_event *ev, const struct event_facts *f,
				       __u64 seq)
{
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->version = DIGLIM_EVENT_VERSION;
	ev->type = f->type;
	ev->seq = seq;
	ev->hook = f->hook;
	ev->reason = f->reason;
	ev->use = f->use;
	ev->offset = f->offset;
	ev->time_ns = bpf_ktime_get_boot_ns();
	if (f->has_digest && f->digest) {
		ev->has_digest = f->has_digest;
		__builtin_memcpy(ev->digest, f->digest, DIGLIM_DIGEST_SIZE);
	}
	event_task(ev);
}

/* A slot with everything but the path; NULL: the event is lost. Ends with event_end(). */
static __always_inline struct diglim_event_slot *event_begin(const struct event_facts *f)
{
	struct diglim_status *st = status_get();
	struct diglim_event_slot *s;
	struct diglim_counters *c;
	__u32 hook = f->hook;
	__u64 seq;

	if (!st)
		return NULL;
	seq = __sync_fetch_and_add(&st->event_seq, 1) + 1;
	if (gate_on && f->gate)
		gate_settle();
	s = event_slot(seq);
	if (s) {
		s->path = 0;
		event_fill(slot_event(s), f, seq);
		return s;
	}
	c = bpf_map_lookup_elem(&counters, &hook);
	if (c)
		c->events_lost++;
	return NULL;
}

/* @len is of the path with its final NUL, or not above 0 if there is none. */
static __always_inline void event_end(struct diglim_event_slot *s, long len, __u32 kind)
{
	struct diglim_event *ev = slot_event(s);

	ev->path_len = len > 0 ? len : 0;
	ev->path_kind = len > 0 ? kind : DIGLIM_PATH_NONE;
	event_publish(&s->seq, ev->seq, &s->busy);
}

/* A path for which the log has no room goes to one of a few long slots. */
static __always_inline long event_long_path(struct diglim_event_slot *s, struct file *file)
{
	struct diglim_status *st = status_get();
	struct diglim_path_slot *p;
	__u32 i;
	long n;

	if (!st)
		return 0;
	i = __sync_fetch_and_add(&st->path_seq, 1) % path_slots;
	p = bpf_map_lookup_elem(&paths, &i);
	if (!p || !event_claim(&p->busy))
		return 0;
	__sync_lock_test_and_set(&p->seq, 0);
	n = bpf_d_path(&file->f_path, p->text, sizeof(p->text));
	event_publish(&p->seq, n > 0 ? slot_event(s)->seq : 0, &p->busy);
	s->path = i + 1;
	return n;
}

/* For hooks that may build a path. */
static __always_inline void event_file(const struct event_facts *f, struct file *file)
{
	struct diglim_event_slot *s = event_begin(f);
	long n;

	if (!s)
		return;
	event_inode(slot_event(s), file->f_inode);
	n = bpf_d_path(&file->f_path, slot_event(s)->path, DIGLIM_PATH_SHORT);
	if (n < 0)
		n = event_long_path(s, file);
	event_end(s, n, DIGLIM_PATH_FULL);
}

/* For hooks that may not: the last component. @dentry may be NULL (a load from memory). */
static __always_inline void event_dentry(const struct event_facts *f, struct dentry *dentry)
{
	struct diglim_event_slot *s = event_begin(f);
	struct inode *inode;
	long n = 0;

	if (!s)
		return;
	if (dentry) {
		inode = dentry->d_inode;
		if (inode)
			event_inode(slot_event(s), inode);
		n = bpf_probe_read_kernel_str(slot_event(s)->path, DIGLIM_PATH_SHORT,
					      dentry->d_name.name);
	}
	event_end(s, n, DIGLIM_PATH_LAST);
}

/* What is no file: a list, a process, a key; @name may be NULL. */
static __always_inline void event_name(const struct event_facts *f, const char *name, __u32 kind)
{
	struct diglim_event_slot *s = event_begin(f);
	long n = 0;

	if (!s)
		return;
	if (name)
		n = bpf_probe_read_kernel_str(slot_event(s)->path, DIGLIM_NAME_MAX, name);
	event_end(s, n, kind);
}

/* A change of the list set; @name may be NULL. */
static __always_inline void event_list(const struct event_facts *f, const char *name)
{
	event_name(f, name, DIGLIM_PATH_LIST);
}

#endif
