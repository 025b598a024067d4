/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The root of the default hierarchy of control groups, as a descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

#define PLACES (sizeof(places) / sizeof(*places))

/* The root has no cgroup.type; in a cgroup namespace the top of the mount is another one. */
static bool is_root(int fd)
{
	struct statfs s;

	return !fstatfs(fd, &s) && s.f_type == CGROUP2_SUPER_MAGIC &&
	       faccessat(fd, "cgroup.procs", F_OK, 0) == 0 &&
	       faccessat(fd, "cgroup.type", F_OK, 0) != 0;
}

static int open_root(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && is_root(fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -ENOENT;
}

static int send_fd(int sock, int fd)
{
	char room[CMSG_SPACE(sizeof(fd))] = {0}, byte = 0;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &m, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int sock)
{
	char room[CMSG_SPACE(sizeof(int))] = {0}, byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != 1)
		return -ENOENT;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -ENOENT;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* A mount that nobody else sees, and that goes with the child; the descriptor stays good. */
static void child_mounts(int sock)
{
	int fd;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("cgroup2", "/sys/fs", "cgroup2", 0, NULL))
		_exit(1);
	fd = open_root("/sys/fs");
	_exit(fd < 0 || send_fd(sock, fd));
}

static int mount_privately(void)
{
	int sock[2], fd = -ENOENT;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		return -errno;
	child = fork();
	if (child == 0)
		child_mounts(sock[1]);
	close(sock[1]);
	if (child > 0) {
		fd = receive_fd(sock[0]);
		waitpid(child, NULL, 0);
	}
	close(sock[0]);
	return fd;
}

int engine_cgroup_root(struct err *e)
{
	int fd = -ENOENT;

	for (size_t i = 0; fd < 0 && i < PLACES; i++)
		fd = open_root(places[i]);
	if (fd < 0)
		fd = mount_privately();
	return fd < 0 ? err_set(e, fd,
				"no control groups (cgroup2): kernel without CONFIG_CGROUPS?")
		      : fd;
}
