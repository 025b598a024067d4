/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guard: once sealed, nobody takes the protection away, root included. It acts in every mode
 * and on every task, exempt or not. What is ours stands in map `guarded`.
 */
#ifndef DIGLIM_BPF_GUARD_H
#define DIGLIM_BPF_GUARD_H

#include "event.h"

enum guard_duty {
	GUARD_OFF = 0,
	GUARD_SEALED = 1,
	GUARD_SELFTEST = 2, /* refuse whatever it is: this very hook is being tested */
};

/* @allow: flags of the policy that switch this part of the guard off. */
static __always_inline __u32 guard_duty(__u32 hook, __u32 allow)
{
	struct diglim_control *c = control_get();

	if (!c)
		return GUARD_OFF;
	if (c->flags & DIGLIM_CONTROL_SEALED)
		return c->flags & allow ? GUARD_OFF : GUARD_SEALED;
	if (c->selftest_tgid && c->selftest_hook == hook &&
	    c->selftest_tgid == bpf_get_current_pid_tgid() >> 32)
		return GUARD_SELFTEST;
	return GUARD_OFF;
}

static __always_inline bool guard_knows(__u32 kind, __u64 id, __u32 dev)
{
	struct diglim_guarded key = {.id = id, .kind = kind, .dev = dev};

	return bpf_map_lookup_elem(&guarded, &key);
}

/* Counts and reports; true if an event is due. */
static __always_inline bool guard_count(__u32 duty, __u32 hook, __u32 reason, struct event_facts *f)
{
	struct diglim_counters *c = bpf_map_lookup_elem(&counters, &hook);

	if (c && duty == GUARD_SELFTEST)
		c->selftest_refused++;
	else if (c)
		c->count[DIGLIM_COUNT_REFUSED]++;
	*f = (struct event_facts){
		.type = DIGLIM_EVENT_REFUSED,
		.hook = hook,
		.reason = reason,
	};
	return duty != GUARD_SELFTEST;
}

/* @name: kernel address of what it was about, or NULL. Returns what the hook returns. */
static __noinline int guard_refuse(__u32 duty, __u32 hook, __u32 reason, const char *name)
{
	struct event_facts f;

	if (guard_count(duty, hook, reason, &f))
		event_name(&f, name, DIGLIM_PATH_NAME);
	return -EPERM;
}

/*
 * Is @file a way into the memory of processes, open for writing? /proc/PID/mem passes over the
 * protection of pages, and for a process's own memory no other hook is asked; two files of tracefs
 * put breakpoints into programs (uprobes). Asked by the hook for files opened to write.
 */
static __always_inline bool guard_process_memory(struct file *file)
{
	unsigned long magic = file->f_inode->i_sb->s_magic;
	char name[16] = "";
	__u32 duty;

	if (magic != PROC_SUPER_MAGIC && magic != TRACEFS_MAGIC)
		return false;
	duty = guard_duty(DIGLIM_HOOK_PTRACE, DIGLIM_CONTROL_ALLOW_PTRACE);
	if (!duty)
		return false;
	bpf_probe_read_kernel_str(name, sizeof(name), file->f_path.dentry->d_name.name);
	if (magic == PROC_SUPER_MAGIC ? bpf_strncmp(name, sizeof(name), "mem")
				      : bpf_strncmp(name, sizeof(name), "uprobe_events") &&
						bpf_strncmp(name, sizeof(name), "dynamic_events"))
		return false;
	guard_refuse(duty, DIGLIM_HOOK_PTRACE, DIGLIM_REASON_INJECTION,
		     magic == PROC_SUPER_MAGIC ? "/proc/PID/mem" : "uprobe_events");
	return true;
}

/*
 * Does @file name a block device to a server in the kernel (drivers/nvme/target/configfs.c)? That
 * one opens it for writing without a hook, shares it with whoever has it mounted, and gives it to
 * everybody under another number.
 */
static __always_inline bool guard_exported_device(struct file *file)
{
	char name[16] = "";
	__u32 duty;

	if (file->f_inode->i_sb->s_magic != CONFIGFS_MAGIC)
		return false;
	duty = guard_duty(DIGLIM_HOOK_DEVICE, 0);
	if (duty != GUARD_SEALED)
		return false;
	bpf_probe_read_kernel_str(name, sizeof(name), file->f_path.dentry->d_name.name);
	if (bpf_strncmp(name, sizeof(name), "device_path"))
		return false;
	guard_refuse(duty, DIGLIM_HOOK_DEVICE, DIGLIM_REASON_DEVICE_WRITE, "device_path");
	return true;
}

/*
 * Would the ioctl change what a mapped device consists of? It names the device in memory that the
 * caller can change under our look, so all of them are meant, as soon as a file system in use lies
 * on device mapper: the devices below it can be taken into another table, too. Where none does, the
 * kernel itself keeps devices apart (bd_may_claim() in block/bdev.c).
 */
static __always_inline bool guard_mapper(struct file *file, unsigned int cmd)
{
	__u32 number = cmd & 0xff, duty;

	if ((cmd >> 8 & 0xff) != DM_IOCTL ||
	    (number != DM_DEV_SUSPEND && number != DM_TABLE_LOAD && number != DM_TARGET_MSG) ||
	    file->f_inode->i_rdev != DM_CONTROL)
		return false;
	duty = guard_duty(DIGLIM_HOOK_DEVICE, DIGLIM_CONTROL_ALLOW_MAPPER);
	if (duty != GUARD_SEALED || !*(volatile __u32 *)&device_mapped)
		return false;
	guard_refuse(duty, DIGLIM_HOOK_DEVICE, DIGLIM_REASON_DEVICE_WRITE, "device-mapper");
	return true;
}

#endif
