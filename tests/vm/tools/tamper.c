/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tamper WHAT [ARGUMENT...]: one attempt to take the protection away, by a system call of its own.
 * Prints what came of that very call, as try does: allowed | refused ERRNO | not-attempted WHY.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../../abi/state.h"
#include "outcome.h"

/* Until the file is there: what was opened before the seal is used after it. */
static void wait_for(const char *path)
{
	const struct timespec nap = {.tv_nsec = 100000000};

	while (access(path, F_OK))
		nanosleep(&nap, NULL);
}

static const struct bpf_insn go_on[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
	{.code = BPF_JMP | BPF_EXIT},
};

static const struct bpf_insn allow[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
	{.code = BPF_JMP | BPF_EXIT},
};

/* char c; bpf_probe_write_user(NULL, &c, 1) */
static const struct bpf_insn write_user[] = {
	{.code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 0},
	{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10},
	{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -8},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 1},
	{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_write_user},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
	{.code = BPF_JMP | BPF_EXIT},
};

static int load(enum bpf_prog_type type, const char *what, int target)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .attach_prog_fd = target > 0 ? (uint32_t)target : 0);
	const struct bpf_insn *insns = go_on;
	size_t n = sizeof(go_on) / sizeof(go_on[0]);

	if (type == BPF_PROG_TYPE_LSM) {
		insns = allow;
		o.expected_attach_type = BPF_LSM_MAC;
		o.attach_btf_id = (uint32_t)libbpf_find_vmlinux_btf_id("file_open", BPF_LSM_MAC);
	} else if (type == BPF_PROG_TYPE_TRACING) {
		o.expected_attach_type = BPF_MODIFY_RETURN;
		o.attach_btf_id = (uint32_t)libbpf_find_vmlinux_btf_id("security_file_open",
								       BPF_MODIFY_RETURN);
	} else if (type == BPF_PROG_TYPE_CGROUP_SYSCTL) {
		o.expected_attach_type = BPF_CGROUP_SYSCTL;
	} else if (type == BPF_PROG_TYPE_KPROBE) {
		insns = write_user;
		n = sizeof(write_user) / sizeof(write_user[0]);
	}
	return bpf_prog_load(type, what, "GPL", insns, n, &o);
}

static int tamper_load(char **arg)
{
	if (!strcmp(arg[0], "lsm"))
		return said(load(BPF_PROG_TYPE_LSM, "rival", 0));
	if (!strcmp(arg[0], "modify-return"))
		return said(load(BPF_PROG_TYPE_TRACING, "rival", 0));
	if (!strcmp(arg[0], "write-user"))
		return said(load(BPF_PROG_TYPE_KPROBE, "rival", 0));
	errno = EINVAL;
	return not_attempted(arg[0]);
}

/* A program that could take our refusal back, on the root of the control groups. */
static int tamper_sysctl_program(char **arg)
{
	int cgroup = open(arg[0], O_RDONLY | O_DIRECTORY), r;
	int prog = load(BPF_PROG_TYPE_CGROUP_SYSCTL, "rival", 0);

	if (cgroup < 0 || prog < 0)
		return not_attempted("program or control group");
	r = bpf_prog_attach(prog, cgroup, BPF_CGROUP_SYSCTL, BPF_F_ALLOW_MULTI);
	r = said(r < 0 ? -1 : 0);
	bpf_prog_detach2(prog, cgroup, BPF_CGROUP_SYSCTL);
	return r;
}

static int tamper_map_id(char **arg)
{
	return said(bpf_map_get_fd_by_id((uint32_t)atoi(arg[0])));
}

static int tamper_prog_id(char **arg)
{
	return said(bpf_prog_get_fd_by_id((uint32_t)atoi(arg[0])));
}

static int tamper_link_id(char **arg)
{
	return said(bpf_link_get_fd_by_id((uint32_t)atoi(arg[0])));
}

static int tamper_pin(char **arg)
{
	return said(bpf_obj_get(arg[0]));
}

static int tamper_link_detach(char **arg)
{
	int fd = bpf_obj_get(arg[0]);

	return fd < 0 ? not_attempted(arg[0]) : said(bpf_link_detach(fd));
}

static int tamper_link_update(char **arg)
{
	int fd = bpf_obj_get(arg[0]), prog = load(BPF_PROG_TYPE_CGROUP_SYSCTL, "rival", 0);

	if (fd < 0 || prog < 0)
		return not_attempted(arg[0]);
	return said(bpf_link_update(fd, prog, NULL));
}

/* map-update PIN FLAG: the mode, through a descriptor that is older than the file FLAG. */
static int tamper_map_update(char **arg)
{
	int fd = bpf_obj_get(arg[0]);
	struct diglim_control c;
	uint32_t zero = 0;

	if (fd < 0)
		return not_attempted(arg[0]);
	wait_for(arg[1]);
	if (bpf_map_lookup_elem(fd, &zero, &c))
		return not_attempted("read");
	c.mode = DIGLIM_MODE_OFF;
	return said(bpf_map_update_elem(fd, &zero, &c, BPF_ANY));
}

/* write PATH TEXT FLAG: the same with a file. */
static int tamper_write(char **arg)
{
	int fd = open(arg[0], O_WRONLY);

	if (fd < 0)
		return not_attempted(arg[0]);
	wait_for(arg[2]);
	return said(write(fd, arg[1], strlen(arg[1])));
}

static long key_operation(const char *name, key_serial_t key, key_serial_t ring)
{
	key_serial_t own = add_key("user", "tamper", "x", 1, KEY_SPEC_PROCESS_KEYRING);

	if (!strcmp(name, "invalidate"))
		return keyctl_invalidate(key);
	if (!strcmp(name, "revoke"))
		return keyctl_revoke(key);
	if (!strcmp(name, "clear"))
		return keyctl_clear(key);
	if (!strcmp(name, "unlink"))
		return keyctl_unlink(key, ring);
	if (!strcmp(name, "link"))
		return keyctl_link(own, key);
	if (!strcmp(name, "adopt"))
		return keyctl_link(key, KEY_SPEC_PROCESS_KEYRING);
	if (!strcmp(name, "move"))
		return keyctl_move(key, ring, KEY_SPEC_PROCESS_KEYRING, 0);
	if (!strcmp(name, "setperm"))
		return keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL | KEY_OTH_ALL);
	if (!strcmp(name, "chown"))
		return keyctl_chown(key, 12345, (gid_t)-1);
	if (!strcmp(name, "timeout"))
		return keyctl_set_timeout(key, 1000);
	if (!strcmp(name, "restrict"))
		return keyctl_restrict_keyring(key, NULL, NULL);
	if (!strcmp(name, "search"))
		return keyctl_search(key, "asymmetric", "id:00", 0);
	if (!strcmp(name, "add"))
		return add_key("keyring", "tamper", NULL, 0, key);
	if (!strcmp(name, "describe"))
		return keyctl_describe(key, NULL, 0);
	errno = ENOSYS;
	return -1;
}

/* key OPERATION SERIAL [RING]: whoever has the ring has its keys, so it is taken first */
static int tamper_key(char **arg)
{
	if (arg[2])
		keyctl_link((key_serial_t)strtol(arg[2], NULL, 0), KEY_SPEC_PROCESS_KEYRING);
	return said(key_operation(arg[0], (key_serial_t)strtol(arg[1], NULL, 0),
				  arg[2] ? (key_serial_t)strtol(arg[2], NULL, 0) : 0));
}

/* key-as UID OPERATION SERIAL: as the one whose user keyring the others hang on */
static int tamper_key_as(char **arg)
{
	if (setresuid((uid_t)strtoul(arg[0], NULL, 0), 0, 0))
		return not_attempted("setresuid");
	return said(key_operation(arg[1],
				  strcmp(arg[2], "@u") ? (key_serial_t)strtol(arg[2], NULL, 0)
						       : KEY_SPEC_USER_KEYRING,
				  KEY_SPEC_USER_KEYRING));
}

static int tamper_attach(char **arg)
{
	return said(ptrace(PTRACE_SEIZE, (pid_t)atoi(arg[0]), NULL, NULL));
}

static int tamper_traceme(char **arg)
{
	(void)arg;
	return said(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

/* The other process is a child of this one, with the same addresses. */
static int tamper_vm_write(char **arg)
{
	static char byte;
	struct iovec one = {.iov_base = &byte, .iov_len = 1};
	pid_t child = fork();
	int r;

	(void)arg;
	if (child == 0) {
		pause();
		_exit(0);
	}
	r = said(process_vm_writev(child, &one, 1, &one, 1, 0));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return r;
}

static int tamper_memory(char **arg)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/mem", arg[0]);
	return said(open(path, O_RDWR | O_CLOEXEC));
}

/* umount-shared PATH: in a namespace whose mounts are peers of the first one's */
static int tamper_umount_shared(char **arg)
{
	return unshare(CLONE_NEWNS) ? not_attempted("unshare") : said(umount2(arg[0], MNT_DETACH));
}

/* rmdir-elsewhere MOUNTPOINT: uncovers it in a namespace of its own and removes it */
static int tamper_rmdir_elsewhere(char **arg)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return not_attempted("namespace");
	if (umount2(arg[0], MNT_DETACH))
		return not_attempted("umount");
	return said(rmdir(arg[0]));
}

/* rbind FROM TO, then unmounts it with all that is propagated */
static int tamper_rbind(char **arg)
{
	if (mount(arg[0], arg[1], NULL, MS_BIND | MS_REC, NULL))
		return said(-1);
	return said(umount2(arg[1], MNT_DETACH));
}

/* move-mount FROM TO, by the newer system calls */
static int tamper_move_mount(char **arg)
{
	return said(syscall(SYS_move_mount, AT_FDCWD, arg[0], AT_FDCWD, arg[1], 0));
}

/* clone-tree FROM TO: a copy of all mounts, put somewhere else */
static int tamper_clone_tree(char **arg)
{
	long tree = syscall(SYS_open_tree, AT_FDCWD, arg[0], OPEN_TREE_CLONE | AT_RECURSIVE);

	if (tree < 0)
		return not_attempted("open_tree");
	return said(syscall(SYS_move_mount, tree, "", AT_FDCWD, arg[1], MOVE_MOUNT_F_EMPTY_PATH));
}

static const struct {
	const char *name;
	int (*run)(char **arg);
	int args;
} table[] = {
	{"load", tamper_load, 1},
	{"sysctl-program", tamper_sysctl_program, 1},
	{"map-id", tamper_map_id, 1},
	{"prog-id", tamper_prog_id, 1},
	{"link-id", tamper_link_id, 1},
	{"pin", tamper_pin, 1},
	{"link-detach", tamper_link_detach, 1},
	{"link-update", tamper_link_update, 1},
	{"map-update", tamper_map_update, 2},
	{"write", tamper_write, 3},
	{"key", tamper_key, 2},
	{"key-as", tamper_key_as, 3},
	{"attach", tamper_attach, 1},
	{"traceme", tamper_traceme, 0},
	{"vm-write", tamper_vm_write, 0},
	{"memory", tamper_memory, 1},
	{"umount-shared", tamper_umount_shared, 1},
	{"rmdir-elsewhere", tamper_rmdir_elsewhere, 1},
	{"rbind", tamper_rbind, 2},
	{"move-mount", tamper_move_mount, 2},
	{"clone-tree", tamper_clone_tree, 2},
};

int main(int argc, char **argv)
{
	libbpf_set_print(NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(argv[1], table[i].name) && argc - 2 >= table[i].args)
			return table[i].run(argv + 2);
	fputs("usage: tamper WHAT [ARGUMENT...], see the source\n", stderr);
	return 2;
}
