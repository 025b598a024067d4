/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filling records of the event ring. A full ring never changes a verdict: the loss is counted, and
 * seen again as a gap in the sequence numbers.
 */
#ifndef DIGLIM_BPF_EVENT_H
#define DIGLIM_BPF_EVENT_H

#include "maps.h"
#include "../abi/event.h"

/* What a hook knows about its verdict. */
struct event_facts {
	__u32 type;
	__u32 hook;
	__u32 reason;
	__u32 use;
	__u32 offset;
	__u32 has_digest;
	const __u8 *digest;
};

static __always_inline void event_lost(__u32 hook)
{
	struct diglim_counters *c = bpf_map_lookup_elem(&counters, &hook);
	struct diglim_status *st = status_get();

	if (c)
		c->events_lost++;
	if (st)
		__sync_fetch_and_add(&st->event_seq, 1);
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

static __always_inline void event_fill(struct diglim_event *ev, const struct event_facts *f)
{
	struct diglim_status *st = status_get();

	__builtin_memset(ev, 0, sizeof(*ev));
	ev->version = DIGLIM_EVENT_VERSION;
	ev->type = f->type;
	ev->hook = f->hook;
	ev->reason = f->reason;
	ev->use = f->use;
	ev->offset = f->offset;
	ev->time_ns = bpf_ktime_get_boot_ns();
	if (st)
		ev->seq = __sync_fetch_and_add(&st->event_seq, 1) + 1;
	if (f->has_digest && f->digest) {
		ev->has_digest = 1;
		__builtin_memcpy(ev->digest, f->digest, DIGLIM_DIGEST_SIZE);
	}
	event_task(ev);
}

/*
 * For hooks that may build a path. Most paths are short; a long one is built again into a record of
 * its own size, so that the ring holds many of the others.
 */
static __always_inline void event_file(const struct event_facts *f, struct file *file)
{
	struct diglim_event *ev;
	long n;

	ev = bpf_ringbuf_reserve(&events, sizeof(*ev) + DIGLIM_PATH_SHORT, 0);
	if (!ev) {
		event_lost(f->hook);
		return;
	}
	n = bpf_d_path(&file->f_path, ev->path, DIGLIM_PATH_SHORT);
	if (n < 0) {
		bpf_ringbuf_discard(ev, BPF_RB_NO_WAKEUP);
		ev = bpf_ringbuf_reserve(&events, sizeof(*ev) + DIGLIM_PATH_LONG, 0);
		if (!ev) {
			event_lost(f->hook);
			return;
		}
		n = bpf_d_path(&file->f_path, ev->path, DIGLIM_PATH_LONG);
	}
	event_fill(ev, f);
	event_inode(ev, file->f_inode);
	ev->path_len = n > 0 ? n : 0;
	ev->path_kind = n > 0 ? DIGLIM_PATH_FULL : DIGLIM_PATH_NONE;
	bpf_ringbuf_submit(ev, 0);
}

/* For hooks that may not: the last component. @dentry may be NULL (a load from memory). */
static __always_inline void event_dentry(const struct event_facts *f, struct dentry *dentry)
{
	struct diglim_event *ev;
	long n = 0;

	ev = bpf_ringbuf_reserve(&events, sizeof(*ev) + DIGLIM_PATH_SHORT, 0);
	if (!ev) {
		event_lost(f->hook);
		return;
	}
	event_fill(ev, f);
	if (dentry) {
		struct inode *inode = dentry->d_inode;

		if (inode)
			event_inode(ev, inode);
		n = bpf_probe_read_kernel_str(ev->path, DIGLIM_PATH_SHORT, dentry->d_name.name);
	}
	ev->path_len = n > 0 ? n : 0;
	ev->path_kind = n > 0 ? DIGLIM_PATH_LAST : DIGLIM_PATH_NONE;
	bpf_ringbuf_submit(ev, 0);
}

/* A change of the list set; @name may be NULL. */
static __always_inline void event_list(const struct event_facts *f, const char *name)
{
	struct diglim_event *ev;
	long n = 0;

	ev = bpf_ringbuf_reserve(&events, sizeof(*ev) + DIGLIM_PATH_SHORT, 0);
	if (!ev) {
		event_lost(f->hook);
		return;
	}
	event_fill(ev, f);
	if (name)
		n = bpf_probe_read_kernel_str(ev->path, DIGLIM_NAME_MAX, name);
	ev->path_len = n > 0 ? n : 0;
	ev->path_kind = n > 0 ? DIGLIM_PATH_LIST : DIGLIM_PATH_NONE;
	bpf_ringbuf_submit(ev, 0);
}

#endif
