/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the mount is that holds our pins, asked anew each time: mounts move, and what unmounting
 * one takes with it depends on the propagation that is in force just then.
 *
 * Read without the kernel's locks, by probe reads from addresses that live as long as the pins.
 * What cannot be followed to its end counts as dangerous.
 */
#ifndef DIGLIM_BPF_MOUNTS_H
#define DIGLIM_BPF_MOUNTS_H

#include "maps.h"

#define MOUNT_DEPTH   32   /* mounts on mounts */
#define MOUNT_MASTERS 8	   /* slaves of slaves */
#define MOUNT_COPIES  8192 /* mounts of one file system, in all namespaces */
#define MOUNT_PATH    256  /* directories and mounts up to the root */

static __always_inline struct mount *mount_of(const struct vfsmount *mnt)
{
	return (struct mount *)((__u64)mnt - bpf_core_field_offset(struct mount, mnt));
}

/* Does what happens below @from happen below @to as well? */
static __noinline int mount_reaches(struct mount *from, struct mount *to)
{
	int group;

	if (from == to)
		return true;
	group = BPF_CORE_READ(from, mnt_group_id);
	if (!group)
		return false;
	for (int i = 0; i < MOUNT_MASTERS; i++) {
		if (!to)
			return false;
		if (BPF_CORE_READ(to, mnt_group_id) == group)
			return true;
		to = BPF_CORE_READ(to, mnt_master);
	}
	return true;
}

/* Is @m on @top, or is it @top? */
static __noinline int mount_carries(struct mount *top, struct mount *m)
{
	struct mount *parent;

	for (int i = 0; i < MOUNT_DEPTH; i++) {
		if (m == top)
			return true;
		parent = BPF_CORE_READ(m, mnt_parent);
		if (!parent || parent == m)
			return false;
		m = parent;
	}
	return true;
}

/* A walk over all mounts of the file system that holds the pins. */
struct copies {
	struct mount *at;
	struct list_head *head;	  /* NULL: a chain */
	struct mount *parent;	  /* of the mount that must stay */
	struct dentry *point;	  /* where it is mounted */
	struct mount *top;	  /* look for copies on this, or */
	struct mnt_namespace *ns; /* in this namespace */
	__u32 found;
	__u32 ended;
};

static __always_inline struct mount *copies_entry(struct list_head *entry)
{
	return (struct mount *)((__u64)entry -
				bpf_core_field_offset(struct mount___list, mnt_instance));
}

static __always_inline void copies_start(struct copies *c, struct super_block *sb)
{
	struct list_head *head;

	if (bpf_core_field_exists(struct mount___list, mnt_instance)) {
		head = (void *)sb + bpf_core_field_offset(struct super_block___list, s_mounts);
		c->head = head;
		c->at = copies_entry(BPF_CORE_READ(head, next));
	} else {
		c->at = BPF_CORE_READ((struct super_block___chain *)sb, s_mounts);
	}
}

static __always_inline bool copies_next(struct copies *c)
{
	/* Locals: what BPF_CORE_READ() is given, it relocates. */
	struct mount___chain *link = (struct mount___chain *)c->at;
	struct mount___list *item = (struct mount___list *)c->at;
	struct list_head *entry;

	/* Not by c->head: what this kernel lacks must be dead code for the verifier. */
	if (!bpf_core_field_exists(struct mount___list, mnt_instance)) {
		c->at = BPF_CORE_READ(link, mnt_next_for_sb);
		return c->at;
	}
	entry = BPF_CORE_READ(item, mnt_instance.next);
	c->at = copies_entry(entry);
	return entry && entry != c->head;
}

/* Unmounting a copy unmounts the original if it is done below a parent that reaches the other. */
static long copies_step(__u32 i, void *ctx)
{
	struct copies *c = ctx;
	struct mount *m = c->at;

	if (BPF_CORE_READ(m, mnt_mountpoint) == c->point &&
	    mount_reaches(BPF_CORE_READ(m, mnt_parent), c->parent) &&
	    (c->ns ? BPF_CORE_READ(m, mnt_ns) == c->ns : mount_carries(c->top, m))) {
		c->found = 1;
		return 1;
	}
	if (!copies_next(c)) {
		c->ended = 1;
		return 1;
	}
	return 0;
}

static __always_inline bool copies_find(struct internal *in, struct mount *top,
					struct mnt_namespace *ns)
{
	struct mount *pins = (struct mount *)in->guard_mount;
	struct copies c = {
		.parent = BPF_CORE_READ(pins, mnt_parent),
		.point = BPF_CORE_READ(pins, mnt_mountpoint),
		.top = top,
		.ns = ns,
	};

	copies_start(&c, (struct super_block *)in->guard_sb);
	bpf_loop(MOUNT_COPIES, copies_step, &c, 0);
	return c.found || !c.ended;
}

/* Would unmounting @top, with all that is on it, unmount the pins? */
static __noinline int mount_takes_pins(struct mount *top)
{
	struct internal *in = internal_get();

	if (!in)
		return true;
	return mount_carries(top, (struct mount *)in->guard_mount) || copies_find(in, top, NULL);
}

/*
 * Can a mount with all that is on it, moved or copied inside the current namespace, become one that
 * takes the pins with it? Its source is known to the caller by name only.
 */
static __noinline int mount_links_pins(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct internal *in = internal_get();
	struct mnt_namespace *ns = BPF_CORE_READ(task, nsproxy, mnt_ns);

	return !in || !ns || copies_find(in, NULL, ns);
}

/* A walk from the pins up to the root. */
struct ascent {
	struct mount *mnt;
	struct dentry *dentry;
	struct mount *to_mnt; /* looked for; NULL: any */
	struct dentry *to_dentry;
	__u32 found;
	__u32 ended;
};

static long ascent_step(__u32 i, void *ctx)
{
	struct ascent *a = ctx;
	struct mount *mnt = a->mnt, *parent;
	struct dentry *dentry = a->dentry;

	if (dentry == BPF_CORE_READ(mnt, mnt.mnt_root)) {
		parent = BPF_CORE_READ(mnt, mnt_parent);
		if (parent == mnt || !parent) {
			a->ended = 1;
			return 1;
		}
		if (a->to_mnt && dentry == a->to_dentry && mount_reaches(a->to_mnt, mnt))
			goto found;
		a->dentry = BPF_CORE_READ(mnt, mnt_mountpoint);
		a->mnt = parent;
		/* Who removes a mount point in another namespace unmounts what is on it in all. */
		if (!a->to_mnt && a->dentry == a->to_dentry)
			goto found;
		return 0;
	}
	if (a->to_mnt && dentry == a->to_dentry && mount_reaches(a->to_mnt, mnt))
		goto found;
	a->dentry = BPF_CORE_READ(dentry, d_parent);
	return 0;
found:
	a->found = 1;
	return 1;
}

/*
 * Would a mount on @dentry of @mnt hide the pins? With @mnt NULL: is @dentry the mount point of one
 * of the mounts that carry them? The root of all is left out: the change to another root mounts
 * over it.
 */
static __noinline int mount_hides_pins(struct mount *mnt, struct dentry *dentry)
{
	struct internal *in = internal_get();
	struct ascent a = {.to_mnt = mnt, .to_dentry = dentry};

	if (!in)
		return true;
	a.mnt = (struct mount *)in->guard_mount;
	a.dentry = (struct dentry *)in->guard_dentry;
	bpf_loop(MOUNT_PATH, ascent_step, &a, 0);
	return a.found || !a.ended;
}

#endif
