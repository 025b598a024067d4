/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the guard must refuse. Nothing here does harm if it does not: what would be unmounted or
 * written is the child's own, or written with the value that it has.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "internal.h"

#define TRIAL_DIR  "/sys/fs/bpf/diglim-selftest"
#define TRIAL_LINK "/sys/fs/bpf/diglim-selftest-link"

static int trial_link_detach(void)
{
	union bpf_attr attr = {.link_detach.link_fd = (uint32_t)-1};

	return (int)syscall(SYS_bpf, BPF_LINK_DETACH, &attr, sizeof(attr));
}

static int trial_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};

	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static int trial_prog(void)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.license = (uintptr_t) "GPL",
	};

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static bool own_mounts;

void engine_selftest_prepare(void)
{
	own_mounts = !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* Directory and link are the parent's to remove. */
static int trial_rmdir(void)
{
	if (!own_mounts || (mkdir(TRIAL_DIR, 0700) && errno != EEXIST))
		return 0;
	return rmdir(TRIAL_DIR);
}

static int trial_rename(void)
{
	return rename(TRIAL_DIR, TRIAL_DIR "-2");
}

static int trial_unlink(void)
{
	if (symlink("nowhere", TRIAL_LINK) && errno != EEXIST)
		return 0;
	return unlink(TRIAL_LINK);
}

static int trial_umount(void)
{
	return umount2("/sys/fs/bpf", 0);
}

static int trial_mount(void)
{
	return mount("none", TRIAL_DIR, "tmpfs", 0, NULL);
}

static int trial_remount(void)
{
	return mount(NULL, "/sys/fs/bpf", NULL, MS_REMOUNT, NULL);
}

static int trial_move(void)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/sys/fs/bpf",
				OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int r = tree < 0 ? 0
			 : (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, TRIAL_DIR,
					MOVE_MOUNT_F_EMPTY_PATH);
	int keep = errno;

	if (tree >= 0)
		close(tree);
	errno = keep;
	return r;
}

static int trial_key(void)
{
	key_serial_t ring = add_key("keyring", "diglim-selftest", NULL, 0, KEY_SPEC_THREAD_KEYRING);

	/* Where the process's own keyring is asked for permission, too. */
	return (int)(ring < 0 ? -1 : keyctl_setperm(ring, KEY_POS_ALL));
}

static int trial_sysctl(void)
{
	int fd = open("/proc/sys/kernel/ftrace_enabled", O_WRONLY | O_CLOEXEC);
	int r = fd < 0 ? -1 : (int)write(fd, "1\n", 2);
	int keep = errno;

	if (fd >= 0)
		close(fd);
	errno = keep;
	return r;
}

static int trial_kernel(void)
{
#if defined(__x86_64__)
	return ioperm(0x80, 1, 1);
#else
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
#endif
}

static int trial_attach(void)
{
	static char byte;
	struct iovec one = {.iov_base = &byte, .iov_len = 1};

	/* To read is to attach; the parent has the same at this address. */
	return (int)process_vm_readv(getppid(), &one, 1, &one, 1, 0);
}

static int trial_traceme(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int trial_own_memory(void)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
}

static const struct {
	uint32_t hook;
	int (*run)(void);
} trials[] = {
	{DIGLIM_HOOK_GUARD_BPF, trial_link_detach}, {DIGLIM_HOOK_GUARD_BPF, trial_map},
	{DIGLIM_HOOK_GUARD_BPF, trial_prog},	    {DIGLIM_HOOK_GUARD_PIN, trial_rmdir},
	{DIGLIM_HOOK_GUARD_PIN, trial_rename},	    {DIGLIM_HOOK_GUARD_PIN, trial_unlink},
	{DIGLIM_HOOK_GUARD_PIN, trial_umount},	    {DIGLIM_HOOK_GUARD_PIN, trial_mount},
	{DIGLIM_HOOK_GUARD_PIN, trial_remount},	    {DIGLIM_HOOK_GUARD_PIN, trial_move},
	{DIGLIM_HOOK_GUARD_KEY, trial_key},	    {DIGLIM_HOOK_GUARD_SYSCTL, trial_sysctl},
	{DIGLIM_HOOK_GUARD_KERNEL, trial_kernel},   {DIGLIM_HOOK_PTRACE, trial_attach},
	{DIGLIM_HOOK_PTRACE, trial_traceme},	    {DIGLIM_HOOK_PTRACE, trial_own_memory},
};

int engine_selftest_guard(uint32_t hook)
{
	int r = -ENOSYS;

	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		if (trials[i].hook != hook)
			continue;
		/* All of them, and the first that goes through ends it. */
		r = trials[i].run() < 0 ? -errno : 0;
		if (r != -EPERM)
			return r;
	}
	return r;
}

void engine_selftest_tidy(void)
{
	unlink(TRIAL_LINK);
	rmdir(TRIAL_DIR);
}
