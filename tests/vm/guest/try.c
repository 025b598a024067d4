// SPDX-License-Identifier: GPL-2.0-only
/*
 * try OPERATION PATH: makes one system call on a file and says what came of that very call:
 *   allowed | refused ERRNO | not-attempted WHY
 * A shell cannot tell these apart: a failed preparation looks like a refusal to it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULE_INIT_COMPRESSED_FILE 4
#define EXECVE_CHECK		    0x10000 /* AT_EXECVE_CHECK, Linux 6.14 */

static const char *name_of(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "E?";
}

static int allowed(void)
{
	puts("allowed");
	return 0;
}

static int refused(int err)
{
	printf("refused %s\n", name_of(err));
	return 1;
}

static int not_attempted(const char *step, int err)
{
	printf("not-attempted %s: %s\n", step, name_of(err));
	return 2;
}

static int try_exec_fd(int fd, const char *path, int flags)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {"PATH=/usr/sbin:/usr/bin", NULL};
	int pipes[2], err = 0, status;
	ssize_t n;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return not_attempted("pipe", errno);
	pid = fork();
	if (pid < 0)
		return not_attempted("fork", errno);
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		syscall(SYS_execveat, fd, fd == AT_FDCWD ? path : "", argv, envp, flags);
		err = errno;
		_exit(write(pipes[1], &err, sizeof(err)) != sizeof(err));
	}
	close(pipes[1]);
	n = read(pipes[0], &err, sizeof(err));
	if (waitpid(pid, &status, 0) != pid)
		return not_attempted("wait", errno);
	if (n == sizeof(err))
		return refused(err);
	/* Past the point of no return the kernel refuses by killing. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		puts("refused SIGKILL");
		return 1;
	}
	return allowed();
}

static int try_exec(const char *path)
{
	return try_exec_fd(AT_FDCWD, path, 0);
}

static int try_memfd(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), copy = memfd_create("try", 0);
	struct stat st;

	if (fd < 0 || copy < 0 || fstat(fd, &st))
		return not_attempted("open", errno);
	if (sendfile(copy, fd, NULL, (size_t)st.st_size) != st.st_size)
		return not_attempted("copy", errno);
	return try_exec_fd(copy, path, AT_EMPTY_PATH);
}

static int try_exec_check(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};

	if (!syscall(SYS_execveat, AT_FDCWD, path, argv, envp, EXECVE_CHECK))
		return allowed();
	/* An older kernel does not know the flag. */
	return errno == EINVAL ? not_attempted("AT_EXECVE_CHECK", errno) : refused(errno);
}

static int map(const char *path, int first, int then)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return not_attempted("open", errno);
	p = mmap(NULL, 4096, first, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return then ? not_attempted("mmap", errno) : refused(errno);
	if (then && mprotect(p, 4096, then))
		return refused(errno);
	return allowed();
}

static int try_mmap(const char *path)
{
	return map(path, PROT_READ | PROT_EXEC, 0);
}

static int try_mprotect(const char *path)
{
	return map(path, PROT_READ, PROT_READ | PROT_EXEC);
}

static int loaded(long result)
{
	if (!result)
		return allowed();
	return errno == EEXIST ? not_attempted("the module is loaded already", errno)
			       : refused(errno);
}

static int try_module(const char *path)
{
	const char *suffix = strrchr(path, '.');
	int flags = suffix && !strcmp(suffix, ".ko") ? 0 : MODULE_INIT_COMPRESSED_FILE;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return not_attempted("open", errno);
	return loaded(syscall(SYS_finit_module, fd, "", flags));
}

static int try_module_memory(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st))
		return not_attempted("open", errno);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return not_attempted("mmap", errno);
	return loaded(syscall(SYS_init_module, p, (size_t)st.st_size, ""));
}

static int try_write(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC) < 0 ? refused(errno) : allowed();
}

static int try_write_read(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC) < 0 ? refused(errno) : allowed();
}

static int try_write_direct(const char *path)
{
	return open(path, O_WRONLY | O_DIRECT | O_CLOEXEC) < 0 ? refused(errno) : allowed();
}

/* Empties it: for files that shall be refused, or are of no use any more. */
static int try_read_truncate(const char *path)
{
	return open(path, O_RDONLY | O_TRUNC | O_CLOEXEC) < 0 ? refused(errno) : allowed();
}

static int try_truncate(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return not_attempted("stat", errno);
	return truncate(path, st.st_size) ? refused(errno) : allowed();
}

static const struct {
	const char *name;
	int (*run)(const char *path);
} operations[] = {
	{"exec", try_exec},
	{"exec-check", try_exec_check},
	{"memfd", try_memfd},
	{"mmap", try_mmap},
	{"mprotect", try_mprotect},
	{"module", try_module},
	{"module-memory", try_module_memory},
	{"write", try_write},
	{"write-read", try_write_read},
	{"write-direct", try_write_direct},
	{"read-truncate", try_read_truncate},
	{"truncate", try_truncate},
};

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 3 && access(argv[2], F_OK))
		return not_attempted(argv[2], errno);
	for (i = 0; argc == 3 && i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(argv[1], operations[i].name))
			return operations[i].run(argv[2]);
	fprintf(stderr, "usage: try OPERATION PATH\noperations:");
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		fprintf(stderr, " %s", operations[i].name);
	fprintf(stderr, "\n");
	return 3;
}
