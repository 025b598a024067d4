/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "diglim.skel.h"
#include "hooks.h"
#include "internal.h"

#define FEXIT "fexit/"

#define HOOK(id, lsm, prog, test, lost)                                                            \
	{                                                                                          \
		.hook = (id), .name = (lsm), .program = #prog, .guarantee = (lost),                \
		.selftest = (test), .link = offsetof(struct diglim_bpf, links.prog),               \
	}

#define SETATTR(prog, n)                                                                           \
	{                                                                                          \
		.hook = DIGLIM_HOOK_TRUNCATE, .name = "inode_setattr", .program = #prog,           \
		.guarantee =                                                                       \
			"content does not change under a verdict (truncated below overlayfs)",     \
		.optional = true, .params = (n), .link = offsetof(struct diglim_bpf, links.prog),  \
	}

#define GATE(lsm, prog, test, lost)                                                                \
	{                                                                                          \
		.hook = DIGLIM_HOOK_TPM, .name = (lsm), .program = #prog, .guarantee = (lost),     \
		.selftest = (test), .optional = true, .when = ENGINE_GATE,                         \
		.link = offsetof(struct diglim_bpf, links.prog),                                   \
	}

/* Where the kernel lacks the function, unknown files wait a little longer. */
#define GATE_END(function, prog)                                                                   \
	{                                                                                          \
		.hook = DIGLIM_HOOK_TPM, .name = (function), .program = #prog,                     \
		.guarantee = "commands that are on their way to the TPM are seen to end",          \
		.optional = true, .spare = true, .when = ENGINE_GATE,                              \
		.link = offsetof(struct diglim_bpf, links.prog),                                   \
	}

#define LOST_BPF "sealed programs and maps cannot be reached"
#define LOST_PIN "sealed programs cannot be unpinned"

const struct engine_hook engine_hooks[] = {
	HOOK(DIGLIM_HOOK_EXEC, "bprm_creds_for_exec", diglim_exec, true,
	     "unknown programs and scripts are refused"),
	HOOK(DIGLIM_HOOK_INTERP, "bprm_check_security", diglim_interp, true,
	     "unknown interpreters of #! and binfmt_misc are refused"),
	HOOK(DIGLIM_HOOK_MMAP, "mmap_file", diglim_mmap, true, "unknown libraries are refused"),
	HOOK(DIGLIM_HOOK_MPROTECT, "file_mprotect", diglim_mprotect, true,
	     "file mappings cannot become executable unjudged"),
	HOOK(DIGLIM_HOOK_FAULT, "inode_init_security_anon", diglim_fault, false,
	     "executable pages are not filled through userfaultfd"),
	HOOK(DIGLIM_HOOK_READ_FILE, "kernel_read_file", diglim_read_file, true,
	     "unknown modules, firmware and kexec images are refused"),
	HOOK(DIGLIM_HOOK_LOAD_DATA, "kernel_load_data", diglim_load_data, true,
	     "modules and kexec images from memory are refused"),
	HOOK(DIGLIM_HOOK_OPEN_WRITE, "file_open", diglim_open, true,
	     "content does not change under a verdict (open for writing)"),
	HOOK(DIGLIM_HOOK_TRUNCATE, "path_truncate", diglim_truncate, true,
	     "content does not change under a verdict (truncate)"),
	{
		.hook = DIGLIM_HOOK_TRUNCATE,
		.name = "file_truncate",
		.program = "diglim_ftruncate",
		.guarantee = "content does not change under a verdict (ftruncate and O_TRUNC)",
		.optional = true,
		.link = offsetof(struct diglim_bpf, links.diglim_ftruncate),
	},
	SETATTR(diglim_setattr, 3),
	SETATTR(diglim_setattr_old, 2),
	HOOK(DIGLIM_HOOK_DEVICE, "file_ioctl", diglim_ioctl, false,
	     "what is below a file system in use is not exchanged (ioctl)"),
	{
		.hook = DIGLIM_HOOK_DEVICE,
		.name = "file_ioctl_compat",
		.program = "diglim_ioctl_compat",
		.guarantee = "what is below a file system in use is not exchanged (ioctl)",
		.optional = true,
		.link = offsetof(struct diglim_bpf, links.diglim_ioctl_compat),
	},
	HOOK(DIGLIM_HOOK_DEVICE, "sb_free_security", diglim_sb_free, false,
	     "what is below a file system is looked at anew for the next one"),
	HOOK(DIGLIM_HOOK_SETID, "bprm_creds_from_file", diglim_setid, true,
	     "set-id programs are judged in scopes that leave users alone"),
	HOOK(DIGLIM_HOOK_COMMAND, "bprm_committed_creds", diglim_committed, false,
	     "properties of programs: interpreters, exemptions, permissions"),
	HOOK(DIGLIM_HOOK_COMMAND, "task_alloc", diglim_fork, false,
	     "properties of programs are inherited"),
	{
		.hook = DIGLIM_HOOK_INTERP_READ,
		.name = "file_post_open",
		.program = "diglim_interp_read",
		.guarantee = "interpreters read only program text that is vouched for",
		.selftest = true,
		.optional = true,
		.when = ENGINE_INTERPRETERS,
		.link = offsetof(struct diglim_bpf, links.diglim_interp_read),
	},
	{
		.hook = DIGLIM_HOOK_IMMUTABLE,
		.name = "file_post_open",
		.program = "diglim_immutable",
		.guarantee = "immutable files that were never hashed are not opened for writing",
		.selftest = true,
		.optional = true,
		.when = ENGINE_IMMUTABLE,
		.link = offsetof(struct diglim_bpf, links.diglim_immutable),
	},
	{
		.hook = DIGLIM_HOOK_IMMUTABLE,
		.name = "file_open",
		.program = "diglim_immutable_old",
		.guarantee = "immutable files are not opened for writing alone",
		.optional = true,
		.when = ENGINE_IMMUTABLE,
		.unless = "file_post_open",
		.link = offsetof(struct diglim_bpf, links.diglim_immutable_old),
	},
	HOOK(DIGLIM_HOOK_INGEST, "bpf", diglim_ingest, false, "signed lists can be loaded"),
	HOOK(DIGLIM_HOOK_GUARD_BPF, "bpf", diglim_guard_bpf, true, LOST_BPF),
	HOOK(DIGLIM_HOOK_GUARD_BPF, "bpf_map", diglim_guard_map, true, LOST_BPF),
	HOOK(DIGLIM_HOOK_GUARD_BPF, "bpf_prog", diglim_guard_prog, true, LOST_BPF),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "inode_unlink", diglim_guard_unlink, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "inode_rmdir", diglim_guard_rmdir, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "inode_rename", diglim_guard_rename, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "sb_umount", diglim_guard_umount, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "sb_mount", diglim_guard_mount, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "move_mount", diglim_guard_move_mount, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_PIN, "sb_remount", diglim_guard_remount, true, LOST_PIN),
	HOOK(DIGLIM_HOOK_GUARD_KEY, "key_permission", diglim_guard_key, true,
	     "sealed keyrings stay as they are"),
	HOOK(DIGLIM_HOOK_GUARD_KERNEL, "locked_down", diglim_guard_lockdown, true,
	     "a sealed machine's kernel memory is not written"),
	HOOK(DIGLIM_HOOK_GUARD_SYSCTL, "cgroup/sysctl", diglim_guard_sysctl, true,
	     "kernel.ftrace_enabled does not take sealed programs away"),
	HOOK(DIGLIM_HOOK_PTRACE, "ptrace_access_check", diglim_guard_ptrace, true,
	     "no code is put into running processes of a sealed machine"),
	HOOK(DIGLIM_HOOK_PTRACE, "ptrace_traceme", diglim_guard_traceme, true,
	     "no code is put into running processes of a sealed machine"),
	HOOK(DIGLIM_HOOK_PTRACE, "perf_event_alloc", diglim_guard_probe, false,
	     "no breakpoints are put into programs of a sealed machine"),
	GATE("file_permission", diglim_gate_write, true,
	     "no command reaches the TPM between the use of an unknown file and its record"),
	GATE("fexit/tpm_common_write", diglim_gate_written, false,
	     "commands that are on their way to the TPM are seen to end"),
	GATE_END("fexit/vfs_writev", diglim_gate_writev),
	GATE_END("fexit/io_write", diglim_gate_uring),
	GATE("fexit/tpm_common_release", diglim_gate_released, false,
	     "commands that are on their way to the TPM are seen to end"),
	GATE("key_alloc", diglim_gate_key, false,
	     "no trusted key is unsealed between the use of an unknown file and its record"),
	GATE_END("fexit/__key_link_end", diglim_gate_key_added),
};

const size_t engine_hooks_count = sizeof(engine_hooks) / sizeof(engine_hooks[0]);

bool engine_hook_wanted(const struct engine_hook *h, const struct engine_config *cfg)
{
	switch (h->when) {
	case ENGINE_ALWAYS:
		return true;
	case ENGINE_INTERPRETERS:
		return cfg->interpreters != DIGLIM_INTERPRETERS_OFF;
	case ENGINE_IMMUTABLE:
		return cfg->flags & DIGLIM_CONTROL_IMMUTABLE;
	case ENGINE_GATE:
		return cfg->flags & DIGLIM_CONTROL_GATE;
	}
	return false;
}

/*
 * A function of the running kernel, NULL if it is not there. Its types are several megabytes to
 * read and to parse, and every hook is asked for more than once before attaching: kept until the
 * process ends.
 */
static const struct btf_type *kernel_function(const char *name)
{
	static struct btf *btf;
	const struct btf_type *t;
	int id;

	if (!btf)
		btf = btf__load_vmlinux_btf();
	id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) : -1;
	t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	return t ? btf__type_by_id(btf, t->type) : NULL;
}

bool engine_lsm_exists(const char *name)
{
	char function[96];

	snprintf(function, sizeof(function), "bpf_lsm_%s", name);
	return kernel_function(function);
}

bool engine_hook_exists(const struct engine_hook *h)
{
	const struct btf_type *t;
	char name[96];

	if (!strncmp(h->name, FEXIT, strlen(FEXIT)))
		return kernel_function(h->name + strlen(FEXIT));
	/* No LSM hook: a program type that every kernel has. */
	if (strchr(h->name, '/'))
		return true;
	if (h->unless && engine_lsm_exists(h->unless))
		return false;
	if (!h->params)
		return engine_lsm_exists(h->name);
	snprintf(name, sizeof(name), "bpf_lsm_%s", h->name);
	t = kernel_function(name);
	return t && btf_vlen(t) == h->params;
}

struct bpf_link **engine_hook_link(struct diglim_bpf *s, const struct engine_hook *h)
{
	return (struct bpf_link **)((char *)s + h->link);
}
