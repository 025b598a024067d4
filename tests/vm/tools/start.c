/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "start WAY FILE": ways to start or map code that a shell has no command for. FILE is a program
 * that ends with status 42, or for the ways of mapping any content. Prints as alter does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HUGE (2UL << 20)

static char *const argv0[] = {(char *)"start", NULL};
static char *const no_env[] = {NULL};

static int refused(const char *step)
{
	printf("refused %s %s\n", strerrorname_np(errno), step);
	return 1;
}

static int skipped(const char *step)
{
	printf("skipped %s: %s\n", step, strerrorname_np(errno));
	return 2;
}

/* In a child: 42 is evil's own status. */
static int run(void (*fn)(int fd, const char *path), const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status;
	pid_t pid = fork();

	if (pid == 0) {
		fn(fd, path);
		_exit(errno == EPERM ? 1 : 3);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return skipped("fork");
	errno = WIFEXITED(status) && WEXITSTATUS(status) == 1 ? EPERM : EIO;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 42)
		return refused("exec");
	puts("ran");
	return 0;
}

static void do_fexecve(int fd, const char *path)
{
	(void)path;
	fexecve(fd, argv0, no_env);
}

static void do_execveat(int fd, const char *path)
{
	(void)path;
	syscall(SYS_execveat, fd, "", argv0, no_env, AT_EMPTY_PATH);
}

static void do_proc_fd(int fd, const char *path)
{
	char name[64];

	(void)path;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	execve(name, argv0, no_env);
}

static int by_fexecve(const char *path)
{
	return run(do_fexecve, path);
}

static int by_execveat(const char *path)
{
	return run(do_execveat, path);
}

static int by_proc_fd(const char *path)
{
	return run(do_proc_fd, path);
}

/* Needs an a.out library, or since 6.1 nothing that understands it: ENOEXEC is "it was read". */
static int by_uselib(const char *path)
{
	if (!syscall(SYS_uselib, path) || errno == ENOEXEC) {
		puts("ran");
		return 0;
	}
	return errno == ENOSYS ? skipped("uselib") : refused("uselib");
}

static int copy_into(int to, const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);

	while (from >= 0 && sendfile(to, from, NULL, 1 << 20) > 0)
		continue;
	return from < 0 ? -1 : close(from);
}

static int map_exec(int fd, int flags, size_t size)
{
	if (mmap(NULL, size, PROT_READ | PROT_EXEC, flags, fd, 0) == MAP_FAILED)
		return refused("mmap");
	puts("ran");
	return 0;
}

/* Without a name; the descriptor for reading is opened through /proc. */
static int by_tmpfile(const char *path)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700), ro;
	char name[64];

	if (fd < 0 || copy_into(fd, path))
		return skipped("O_TMPFILE");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ro = open(name, O_RDONLY | O_CLOEXEC);
	close(fd);
	return ro < 0 ? skipped("open") : map_exec(ro, MAP_PRIVATE, 4096);
}

/* The same, given a name while the descriptor for writing stays open. */
static int by_tmpfile_link(const char *path)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
	char name[64];

	if (fd < 0 || copy_into(fd, path))
		return skipped("O_TMPFILE");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, name, AT_FDCWD, "./linked", AT_SYMLINK_FOLLOW))
		return skipped("linkat");
	return map_exec(open("./linked", O_RDONLY | O_CLOEXEC), MAP_PRIVATE, 4096);
}

static int by_shm_posix(const char *path)
{
	int fd = shm_open("/start", O_RDWR | O_CREAT | O_TRUNC, 0700);

	shm_unlink("/start");
	if (fd < 0 || copy_into(fd, path))
		return skipped("shm_open");
	return map_exec(fd, MAP_SHARED, 4096);
}

static int by_shm_sysv(const char *path)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700), err;
	void *p;

	(void)path;
	if (id < 0)
		return skipped("shmget");
	p = shmat(id, NULL, SHM_EXEC);
	err = errno;
	shmctl(id, IPC_RMID, NULL);
	errno = err;
	if (p == (void *)-1)
		return refused("shmat");
	puts("ran");
	return 0;
}

static int by_hugetlb(const char *path)
{
	int fd = memfd_create("start", MFD_HUGETLB | MFD_CLOEXEC), from = open(path, O_RDONLY);
	char *p = MAP_FAILED;

	if (fd >= 0 && from >= 0 && !ftruncate(fd, HUGE))
		p = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || read(from, p, HUGE) <= 0)
		return skipped("hugetlb memfd");
	munmap(p, HUGE);
	return map_exec(fd, MAP_PRIVATE, HUGE);
}

static int by_memfd_sealed(const char *path)
{
	int fd = memfd_create("start", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	if (fd < 0 || copy_into(fd, path) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW))
		return skipped("memfd");
	return map_exec(fd, MAP_PRIVATE, 4096);
}

/* Executable first, then writable too: a private copy is written and could run. */
static int by_mprotect_write(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return refused("mmap");
	if (mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC))
		return refused("mprotect");
	p[0] ^= 1;
	puts("ran");
	return 0;
}

static int by_mmap_write(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return refused("mmap");
	p[0] ^= 1;
	puts("ran");
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(const char *path);
} ways[] = {
	{"fexecve", by_fexecve},
	{"execveat", by_execveat},
	{"proc-fd", by_proc_fd},
	{"uselib", by_uselib},
	{"tmpfile", by_tmpfile},
	{"tmpfile-link", by_tmpfile_link},
	{"shm-posix", by_shm_posix},
	{"shm-sysv", by_shm_sysv},
	{"hugetlb", by_hugetlb},
	{"memfd-sealed", by_memfd_sealed},
	{"mprotect-write", by_mprotect_write},
	{"mmap-write", by_mmap_write},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(argv[1], ways[i].name))
			return ways[i].fn(argv[2]);
	fputs("usage: start WAY FILE\n", stderr);
	return 2;
}
