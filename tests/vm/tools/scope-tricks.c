// SPDX-License-Identifier: GPL-2.0-only
/*
 * scope-tricks WAY PATH: tries one way out of the scope and says what came of the call in question:
 *   allowed | refused ERRNO | not-attempted WHY
 *
 *   exec, userns-exec, drop-exec   a program: as it is, in a new user namespace, as user 1000
 *   map, drop-thread-map, saved-uid-map   an executable mapping of a library
 *   chain PROGRAM PATH             exec PROGRAM, which is this program, with "exec" (or "map:")
 * PATH
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "outcome.h"

/* In a child: 0, or the errno of execve(2). */
static int try_exec(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	int pipes[2], err = 0, status;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return not_attempted("pipe");
	pid = fork();
	if (!pid) {
		execve(path, argv, envp);
		err = errno;
		_exit(write(pipes[1], &err, sizeof(err)) != sizeof(err));
	}
	close(pipes[1]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return not_attempted("fork");
	if (read(pipes[0], &err, sizeof(err)) == sizeof(err))
		return refused(err);
	puts("allowed");
	return 0;
}

/* The errno of an executable mapping, or 0. */
static int map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int say(int err)
{
	if (err)
		return refused(err);
	puts("allowed");
	return 0;
}

/* One thread only: the C library would take the others along. */
static void *drop_and_map(void *arg)
{
	static int err;

	err = syscall(SYS_setresuid, 1000, 1000, 1000) ? errno : map(arg);
	return &err;
}

static int drop_thread_map(const char *path)
{
	pthread_t t;
	void *err;

	if (pthread_create(&t, NULL, drop_and_map, (void *)path) || pthread_join(t, &err))
		return not_attempted("thread");
	return say(*(int *)err);
}

static int saved_uid_map(const char *path)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	if (setresuid(1000, 1000, 0) || syscall(SYS_capset, &head, none))
		return not_attempted("capset");
	return say(map(path));
}

static int chain(char **argv)
{
	char *map_path = strncmp(argv[3], "map:", 4) ? NULL : argv[3] + 4;
	char *next[] = {argv[2], map_path ? "map" : "exec", map_path ? map_path : argv[3], NULL};

	execv(argv[2], next);
	return refused(errno);
}

int main(int argc, char **argv)
{
	const char *way = argc > 2 ? argv[1] : "";

	if (!strcmp(way, "userns-exec") && unshare(CLONE_NEWUSER))
		return not_attempted("unshare");
	if (!strcmp(way, "drop-exec") && setresuid(1000, 1000, 1000))
		return not_attempted("setresuid");
	if (!strcmp(way, "exec") || !strcmp(way, "userns-exec") || !strcmp(way, "drop-exec"))
		return try_exec(argv[2]);
	if (!strcmp(way, "map"))
		return say(map(argv[2]));
	if (!strcmp(way, "drop-thread-map"))
		return drop_thread_map(argv[2]);
	if (!strcmp(way, "saved-uid-map"))
		return saved_uid_map(argv[2]);
	if (!strcmp(way, "chain") && argc == 4)
		return chain(argv);
	fprintf(stderr, "usage: scope-tricks WAY PATH\n");
	return 3;
}
