/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DIGLIM_OP_SEAL. From here on only a control list takes the seal away. The caller has filled
 * `guarded`, and shows where the pins are by a descriptor of their directory.
 */
#ifndef DIGLIM_BPF_SEAL_H
#define DIGLIM_BPF_SEAL_H

#include "guard.h"
#include "../abi/request.h"

/* File behind descriptor @fd of the current process; NULL: none. */
static __always_inline struct file *seal_file(__u64 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **table = BPF_CORE_READ(fdt, fd), *file = NULL;

	if (fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), table + fd);
	return file;
}

/* Notes which mount holds the pins: guard_pin.bpf.c asks where it is each time. */
static __always_inline int seal_note_pins(struct internal *in, __u64 fd)
{
	struct file *file = seal_file(fd);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);

	if (!file || BPF_CORE_READ(sb, s_magic) != BPF_FS_MAGIC ||
	    !guard_knows(DIGLIM_GUARDED_INODE, BPF_CORE_READ(inode, i_ino),
			 BPF_CORE_READ(sb, s_dev)))
		return -DIGLIM_E_VALUE;
	in->guard_sb = (__u64)sb;
	in->guard_dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
	in->guard_mount = (__u64)mnt - bpf_core_field_offset(struct mount, mnt);
	return 0;
}

static __noinline int op_seal(__u32 what, __u64 fd)
{
	struct event_facts f = {
		.type = DIGLIM_EVENT_SEAL,
		.hook = DIGLIM_HOOK_INGEST,
		.reason = 1,
	};
	struct diglim_control *c = control_get();
	struct internal *in = internal_get();
	int r;

	if (!c || !in)
		return -DIGLIM_E_INTERNAL;
	if (c->flags & DIGLIM_CONTROL_SEALED)
		return -DIGLIM_E_SEALED;
	if (what == DIGLIM_SEAL_ASK)
		return 0;
	if (what != DIGLIM_SEAL_SET && what != DIGLIM_SEAL_BOOT)
		return -DIGLIM_E_VALUE;
	r = seal_note_pins(in, fd);
	if (r)
		return r;
	in->moving = what == DIGLIM_SEAL_BOOT;
	__sync_fetch_and_or(&c->flags, DIGLIM_CONTROL_SEALED);
	event_list(&f, NULL);
	return 0;
}

#endif
