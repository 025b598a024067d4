/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf(2), once sealed: nobody gets a descriptor of our maps and programs, not even a read-only one
 * (a map in a map, or a program loaded with it, could write), and nobody detaches, replaces or
 * extends our programs.
 *
 * bpf       commands, by what stands in the kernel's own copy of the attributes. Descriptors in it
 *           are not looked at: another thread could put a different file behind them. Commands that
 *           could reach our links with one are refused as a whole.
 * bpf_map   a descriptor of a map is made: by id, from a pin
 * bpf_prog  the same for programs
 */
#include "guard.h"

/* include/uapi/linux/bpf.h */
#define BPF_PROG_LOAD		 5
#define BPF_PROG_ATTACH		 8
#define BPF_PROG_DETACH		 9
#define BPF_PROG_GET_FD_BY_ID	 13
#define BPF_MAP_GET_FD_BY_ID	 14
#define BPF_LINK_CREATE		 28
#define BPF_LINK_UPDATE		 29
#define BPF_LINK_GET_FD_BY_ID	 30
#define BPF_LINK_DETACH		 34
#define BPF_PROG_TYPE_TRACING	 26
#define BPF_PROG_TYPE_EXT	 28
#define BPF_PROG_TYPE_LSM	 29
#define BPF_CGROUP_SYSCTL	 18
#define BPF_MODIFY_RETURN	 26
#define BPF_TRACE_UPROBE_MULTI	 48
#define BPF_TRACE_UPROBE_SESSION 57

/* union bpf_attr, in words of 4 bytes: fields whose places are fixed for ever. */
enum {
	ATTR_ID = 0,
	ATTR_PROG_TYPE = 0,
	ATTR_ATTACH_TYPE = 2, /* of PROG_ATTACH, PROG_DETACH and LINK_CREATE */
	ATTR_EXPECTED_ATTACH = 17,
	ATTR_ATTACH_PROG_FD = 28,
	ATTR_WORDS,
};

/* Programs that decide instead of ours, change what ours decide, or replace a part of ours. */
static __always_inline bool is_rival(const __u32 *attr)
{
	switch (attr[ATTR_PROG_TYPE]) {
	case BPF_PROG_TYPE_LSM:
	case BPF_PROG_TYPE_EXT:
		return true;
	case BPF_PROG_TYPE_TRACING:
		return attr[ATTR_EXPECTED_ATTACH] == BPF_MODIFY_RETURN || attr[ATTR_ATTACH_PROG_FD];
	}
	return false;
}

/* Breakpoints in the text of programs: on newer kernels the program behind one sets registers. */
static __always_inline int is_uprobe(__u32 attach_type)
{
	return attach_type == BPF_TRACE_UPROBE_MULTI || attach_type == BPF_TRACE_UPROBE_SESSION;
}

/* 0, or what the command is answered. */
static __always_inline int command_answer(__u32 cmd, const __u32 *attr)
{
	switch (cmd) {
	/* "No such object", so that tools that list all of them go on with the next. */
	case BPF_PROG_GET_FD_BY_ID:
		return guard_knows(DIGLIM_GUARDED_PROG, attr[ATTR_ID], 0) ? -ENOENT : 0;
	case BPF_MAP_GET_FD_BY_ID:
		return guard_knows(DIGLIM_GUARDED_MAP, attr[ATTR_ID], 0) ? -ENOENT : 0;
	case BPF_LINK_GET_FD_BY_ID:
		return guard_knows(DIGLIM_GUARDED_LINK, attr[ATTR_ID], 0) ? -ENOENT : 0;
	/* By a descriptor, which a pin gives to everybody who may open it. */
	case BPF_LINK_UPDATE:
	case BPF_LINK_DETACH:
		return -EPERM;
	/* A program that runs after ours could take its refusal back. */
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
	case BPF_LINK_CREATE:
		if (attr[ATTR_ATTACH_TYPE] == BPF_CGROUP_SYSCTL)
			return -EPERM;
		return is_uprobe(attr[ATTR_ATTACH_TYPE]) && guard_duty(DIGLIM_HOOK_GUARD_BPF,
								       DIGLIM_CONTROL_ALLOW_PTRACE)
			       ? -EPERM
			       : 0;
	case BPF_PROG_LOAD:
		return is_rival(attr) && guard_duty(DIGLIM_HOOK_GUARD_BPF, DIGLIM_CONTROL_ALLOW_BPF)
			       ? -EPERM
			       : 0;
	}
	return 0;
}

SEC("lsm.s/bpf")
int BPF_PROG(diglim_guard_bpf, int cmd, union bpf_attr *attr, unsigned int size, int ret)
{
	__u32 duty, copy[ATTR_WORDS] = {};

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_BPF, 0);
	if (!duty)
		return 0;
	if (bpf_probe_read_kernel(copy, sizeof(copy), attr))
		return -EPERM;
	/* Newer kernels keep flags in the upper half. */
	ret = command_answer(cmd & 0xffff, copy);
	if (ret)
		guard_refuse(duty, DIGLIM_HOOK_GUARD_BPF, DIGLIM_REASON_SEALED, NULL);
	return ret;
}

SEC("lsm/bpf_map")
int BPF_PROG(diglim_guard_map, struct bpf_map *map, unsigned int mode, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_BPF, 0);
	if (!duty || (duty == GUARD_SEALED && !guard_knows(DIGLIM_GUARDED_MAP, map->id, 0)))
		return 0;
	return guard_refuse(duty, DIGLIM_HOOK_GUARD_BPF, DIGLIM_REASON_SEALED, map->name);
}

SEC("lsm/bpf_prog")
int BPF_PROG(diglim_guard_prog, struct bpf_prog *prog, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_BPF, 0);
	if (!duty || (duty == GUARD_SEALED && !guard_knows(DIGLIM_GUARDED_PROG, prog->aux->id, 0)))
		return 0;
	return guard_refuse(duty, DIGLIM_HOOK_GUARD_BPF, DIGLIM_REASON_SEALED, prog->aux->name);
}
