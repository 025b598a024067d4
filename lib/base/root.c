// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "root.h"

static bool is_own_system(const char *root)
{
	return !root || !*root || strcmp(root, "/") == 0;
}

/* openat2(2), with -errno in place of errno. */
static int open_resolved(const char *root, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (uint64_t)(unsigned)flags, .resolve = resolve};
	int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (root_fd < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	if (fd < 0)
		fd = -errno;
	close(root_fd);
	return fd;
}

static int failed(int code, const char *path, struct err *e)
{
	if (code == -ENOSYS)
		return err_set(e, code,
			       "%s: openat2(2), needed to stay below the root, is not "
			       "available here",
			       path);
	return err_set(e, code, "%s: %s", path, strerror(-code));
}

int root_open(const char *root, const char *path, int flags, struct err *e)
{
	int fd;

	flags |= O_CLOEXEC;
	if (is_own_system(root)) {
		fd = open(path, flags);
		if (fd < 0)
			fd = -errno;
	} else {
		fd = open_resolved(root, path, flags, RESOLVE_IN_ROOT);
	}
	return fd < 0 ? failed(fd, path, e) : fd;
}

/* Closes @fd unless it is a regular file. */
static int check_regular(int fd, const char *path, struct stat *st, struct err *e)
{
	int r = 0;

	if (fstat(fd, st))
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st->st_mode))
		r = err_set(e, S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL, "%s: not a regular file",
			    path);
	if (r)
		close(fd);
	return r;
}

int root_open_regular(const char *root, const char *path, struct stat *st, struct err *e)
{
	int fd, r;

	if (is_own_system(root))
		return io_open_regular(AT_FDCWD, path, st, e);
	/* Opening a device can have effects, so look first; what counts is the look after it. */
	fd = root_open(root, path, O_PATH, e);
	if (fd < 0)
		return fd;
	r = check_regular(fd, path, st, e);
	if (r)
		return r;
	close(fd);
	fd = root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, e);
	if (fd < 0)
		return fd;
	r = check_regular(fd, path, st, e);
	return r ? r : fd;
}

char *root_path(int fd, const char *root, const char *path)
{
	char link[64], real[PATH_MAX], base[PATH_MAX];
	size_t skip;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n < 1 || real[0] != '/')
		return strdup(path);
	real[n] = '\0';
	if (is_own_system(root) || !realpath(root, base) || !strcmp(base, "/"))
		return strdup(real);
	skip = strlen(base);
	if (strncmp(real, base, skip) || (real[skip] && real[skip] != '/'))
		return strdup(path);
	return strdup(real[skip] ? real + skip : "/");
}

int root_check_inside(const char *root, const char *path, struct err *e)
{
	char part[PATH_MAX];
	size_t len = 0;

	if (is_own_system(root))
		return 0;
	path += strspn(path, "/");
	if (strlen(path) >= sizeof(part))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", path);
	/* One by one: behind what is not there yet, nothing can lead anywhere. */
	while (path[len]) {
		int fd;

		len += strspn(path + len, "/");
		len += strcspn(path + len, "/");
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		fd = open_resolved(root, part, O_PATH | O_CLOEXEC, RESOLVE_BENEATH);
		if (fd == -ENOENT)
			return 0;
		if (fd == -EXDEV)
			return err_set(e, fd,
				       "%s/%s is a link that leads out of the root directory", root,
				       part);
		if (fd < 0)
			return failed(fd, part, e);
		close(fd);
	}
	return 0;
}
