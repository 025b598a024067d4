/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hook counts only after it was seen to fire and refuse: programs load on kernels where the hook
 * is never called, and ftrace can be switched off. A child does what each hook must refuse; the
 * kernel side refuses it in any mode and counts.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "../../abi/use.h"

/* As large as an ELF header at least: init_module(2) looks at the size first. */
#define CONTENT_SIZE 4096

/* MFD_EXEC of linux/memfd.h, which libc may be too old to know. */
#define SELFTEST_MFD_EXEC 0x10U

static const char content[CONTENT_SIZE] = "DIGLIM self-test: no list vouches for this text\n";

/*
 * A file that nobody vouches for and nobody has open for writing. Returns a read-only descriptor,
 * which an execve(2) that goes through would close only if @flags say so.
 */
static int unknown_file(const char text[CONTENT_SIZE], int flags)
{
	char path[64];
	int fd, ro = -1;

	fd = memfd_create("diglim-selftest", MFD_CLOEXEC | MFD_ALLOW_SEALING | SELFTEST_MFD_EXEC);
	if (fd < 0 && errno == EINVAL) /* before 6.3 */
		fd = memfd_create("diglim-selftest", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* Sealed: what could still be written is refused before anything is hashed. */
	if (write(fd, text, CONTENT_SIZE) == CONTENT_SIZE && !fchmod(fd, 0700) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW))
		ro = open(path, O_RDONLY | flags);
	close(fd);
	return ro;
}

static int try_map(int fd, int prot)
{
	void *p = mmap(NULL, 4096, prot, MAP_PRIVATE, fd, 0);

	return p == MAP_FAILED ? -errno : 0;
}

static int try_mprotect(int fd)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	return mprotect(p, 4096, PROT_READ | PROT_EXEC) ? -errno : 0;
}

static int try_exec(int fd)
{
	char *const argv[] = {(char *)"diglim-selftest", NULL};
	char *const envp[] = {NULL};

	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

/* A program that the kernel would start: credentials are looked at when all else is well. */
static int try_exec_self(void)
{
	char *const argv[] = {(char *)"diglim-selftest", NULL};
	char *const envp[] = {NULL};

	execve("/proc/self/exe", argv, envp);
	return -errno;
}

/* A script whose interpreter is the unknown file. */
static int try_interp(int fd)
{
	char text[CONTENT_SIZE] = "";
	int script, r;

	snprintf(text, sizeof(text), "#!/proc/self/fd/%d\n", fd);
	/* The kernel hands the script to its interpreter as /dev/fd/N: it must stay open. */
	script = unknown_file(text, 0);
	if (script < 0)
		return -EBADF;
	r = try_exec(script);
	close(script);
	return r;
}

/* Nothing is written, and the driver would refuse that. */
static int try_tpm(void)
{
	int fd = engine_tpm_device(), r;

	if (fd < 0)
		return fd;
	r = write(fd, "", 0) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* What @hook must refuse; returns 0 or -errno. */
static int attempt(uint32_t hook, int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	switch (hook) {
	case DIGLIM_HOOK_EXEC:
		return try_exec(fd);
	case DIGLIM_HOOK_SETID:
		return try_exec_self();
	case DIGLIM_HOOK_INTERP:
		return try_interp(fd);
	case DIGLIM_HOOK_MMAP:
		return try_map(fd, PROT_READ | PROT_EXEC);
	case DIGLIM_HOOK_MPROTECT:
		return try_mprotect(fd);
	case DIGLIM_HOOK_READ_FILE:
		return syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	case DIGLIM_HOOK_LOAD_DATA:
		return syscall(SYS_init_module, content, sizeof(content), "") ? -errno : 0;
	case DIGLIM_HOOK_INTERP_READ:
		return try_open(path, O_RDONLY);
	case DIGLIM_HOOK_OPEN_WRITE:
		return try_open(path, O_RDWR);
	case DIGLIM_HOOK_IMMUTABLE:
		return try_open(path, O_WRONLY);
	case DIGLIM_HOOK_TPM:
		return try_tpm();
	case DIGLIM_HOOK_TRUNCATE:
		return truncate(path, 0) ? -errno : 0;
	}
	return engine_selftest_guard(hook);
}

/* The child: one attempt per number it is sent. */
static void child_run(int sock)
{
	int fd = unknown_file(content, O_CLOEXEC);
	int32_t answer;
	uint32_t hook;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	engine_selftest_prepare();
	while (read(sock, &hook, sizeof(hook)) == sizeof(hook)) {
		answer = fd < 0 ? -EBADF : attempt(hook, fd);
		if (write(sock, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	_exit(0);
}

static int selftest_aim(int control_fd, uint32_t tgid, uint32_t hook)
{
	struct diglim_control c;
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(control_fd, &zero, &c))
		return -errno;
	c.selftest_tgid = tgid;
	c.selftest_hook = hook;
	return bpf_map_update_elem(control_fd, &zero, &c, BPF_ANY) ? -errno : 0;
}

/* Sum over CPUs. Nothing is pinned yet, so the map itself is read. */
static int counters_get(int counters_fd, uint32_t hook, struct diglim_counters *ret)
{
	int cpus = libbpf_num_possible_cpus();
	struct diglim_counters *v;
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	if (cpus < 0)
		return cpus;
	v = calloc((size_t)cpus, sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (bpf_map_lookup_elem(counters_fd, &hook, v))
		r = -errno;
	for (int i = 0; !r && i < cpus; i++) {
		for (int c = 0; c < DIGLIM_COUNT_MAX; c++)
			ret->count[c] += v[i].count[c];
		ret->selftest_refused += v[i].selftest_refused;
	}
	free(v);
	return r;
}

/* Did @hook refuse, and was it the hook that did? 1 yes, 0 no, -EACCES: another LSM did. */
static int selftest_hook(const struct selftest_maps *maps, int sock, pid_t child, uint32_t hook)
{
	int counters_fd = maps->counters;
	struct diglim_counters before, after;
	int32_t answer = 0;
	int r;

	r = selftest_aim(maps->control, (uint32_t)child, hook);
	if (!r)
		r = counters_get(counters_fd, hook, &before);
	if (r)
		return r;
	if (write(sock, &hook, sizeof(hook)) != sizeof(hook) ||
	    read(sock, &answer, sizeof(answer)) != sizeof(answer))
		return -EPIPE;
	r = counters_get(counters_fd, hook, &after);
	if (r)
		return r;
	if (answer == -EBADF)
		return -EBADF;
	/* SELinux and others say EACCES, we say EPERM; who refuses first is not followed by others.
	 */
	if (answer == -EACCES && after.selftest_refused <= before.selftest_refused)
		return -EACCES;
	if (answer != -EPERM || after.selftest_refused <= before.selftest_refused)
		return 0;
	/* It must be the content that was refused, not that no SHA-256 is to be had. */
	if (hook == DIGLIM_HOOK_EXEC &&
	    after.count[DIGLIM_COUNT_HASHED] == before.count[DIGLIM_COUNT_HASHED])
		return -ENOTSUP;
	return 1;
}

/* The hook for what interpreters read looks at nobody else. */
static int make_interpreter(int tasks_fd, pid_t child)
{
	struct diglim_task t = {.uses = DIGLIM_USE_INTERPRETER};
	int fd = (int)syscall(SYS_pidfd_open, child, 0), r;

	if (fd < 0)
		return -errno;
	r = bpf_map_update_elem(tasks_fd, &fd, &t, BPF_ANY) ? -errno : 0;
	close(fd);
	return r;
}

int engine_selftest(const struct selftest_maps *maps, uint32_t mask, struct selftest_seen *ret,
		    struct err *e)
{
	int sock[2], r = 0;
	pid_t child;

	*ret = (struct selftest_seen){0};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
		return err_set(e, -errno, "self-test: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		close(sock[0]);
		child_run(sock[1]);
	}
	close(sock[1]);
	r = child < 0 ? -errno : make_interpreter(maps->tasks, child);
	for (uint32_t h = 0; r >= 0 && h < DIGLIM_HOOK_MAX; h++) {
		if (!(mask & 1U << h))
			continue;
		r = selftest_hook(maps, sock[0], child, h);
		if (r > 0)
			ret->refused |= 1U << h;
		if (r == -EACCES) {
			ret->forestall |= 1U << h;
			r = 0;
		}
	}
	close(sock[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	selftest_aim(maps->control, 0, 0);
	engine_selftest_tidy();
	if (r == -EBADF)
		return err_set(e, r,
			       "self-test: no memfd that may be executed (sysctl "
			       "vm.memfd_noexec?)");
	if (r == -ENOTSUP)
		return err_set(e, r,
			       "self-test: the kernel gives no SHA-256 of files, so everything "
			       "would be refused; boot without ima_hash=, or with "
			       "ima_hash=sha256");
	return r < 0 ? err_set(e, r, "self-test: %s", strerror(-r)) : 0;
}
