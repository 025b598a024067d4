// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io.h"

#define PARTS_MAX 8

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
		return "a character device";
	case S_IFBLK:
		return "a block device";
	default:
		return "of an unknown type";
	}
}

int io_open_regular(int dir_fd, const char *path, struct stat *st, struct err *e)
{
	int fd;

	/* Opening a device can have effects, so look first; what counts is the look after it. */
	if (fstatat(dir_fd, path, st, 0) < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		goto not_regular;
	fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, st) < 0) {
		int r = err_set(e, -errno, "%s: %s", path, strerror(errno));

		close(fd);
		return r;
	}
	if (S_ISREG(st->st_mode))
		return fd;
	close(fd);
not_regular:
	return err_set(e, S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL, "%s: is %s, not a regular file",
		       path, type_name(st->st_mode));
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int io_check_unchanged(int fd, const struct stat *st, const char *path, struct err *e)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (now.st_size != st->st_size || !same_time(&now.st_mtim, &st->st_mtim) ||
	    !same_time(&now.st_ctim, &st->st_ctim))
		return err_set(e, -EBUSY, "%s: changed while it was read", path);
	return 0;
}

int io_read_exact(int fd, void *data, size_t len, uint64_t off, const char *path, struct err *e)
{
	uint8_t *p = data;

	while (len) {
		ssize_t n = pread(fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, -errno, "%s: offset %llu: %s", path,
				       (unsigned long long)off, strerror(errno));
		if (!n)
			return err_set(e, -ENODATA, "%s: ends at offset %llu, %zu bytes too early",
				       path, (unsigned long long)off, len);
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_all(int fd, const struct stat *st, const char *path, size_t max, struct buf *ret,
		    struct err *e)
{
	size_t size;
	uint8_t *p;
	int r;

	if ((uint64_t)st->st_size > max)
		return err_set(e, -EFBIG, "%s: %lld bytes, at most %zu are read", path,
			       (long long)st->st_size, max);
	size = (size_t)st->st_size;
	p = buf_reserve(ret, size);
	if (!p)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	r = io_read_exact(fd, p, size, 0, path, e);
	if (r < 0)
		return r;
	return io_check_unchanged(fd, st, path, e);
}

int io_read_file(const char *path, size_t max, struct buf *ret, struct err *e)
{
	struct stat st;
	int fd, r;

	fd = io_open_regular(AT_FDCWD, path, &st, e);
	if (fd < 0)
		return fd;
	r = read_all(fd, &st, path, max, ret, e);
	close(fd);
	return r;
}

/* Grows @ret piece by piece: one byte above @max is asked for, to see that there is more. */
int io_read_fd(int fd, const char *name, size_t max, struct buf *ret, struct err *e)
{
	const size_t begin = ret->len, piece = 65536;
	ssize_t n;

	do {
		size_t left = max + 1 - (ret->len - begin);
		size_t want = left < piece ? left : piece;
		uint8_t *p = buf_reserve(ret, want);

		if (!p)
			return err_set(e, -ENOMEM, "%s: out of memory", name);
		do
			n = read(fd, p, want);
		while (n < 0 && errno == EINTR);
		ret->len -= n < 0 ? want : want - (size_t)n;
		if (n < 0)
			return err_set(e, -errno, "%s: %s", name, strerror(errno));
		if (ret->len - begin > max)
			return err_set(e, -EFBIG, "%s: more than %zu bytes", name, max);
	} while (n);
	return 0;
}

int io_read_stream(const char *path, size_t max, struct buf *ret, struct err *e)
{
	struct stat st;
	int fd = io_open_regular(AT_FDCWD, path, &st, e), r;

	if (fd < 0)
		return fd;
	r = io_read_fd(fd, path, max, ret, e);
	close(fd);
	return r;
}

/* In one go where there are few parts: each write(2) begins and ends something in a journal. */
static int write_all(int fd, const struct io_part *parts, size_t n)
{
	struct iovec iov[PARTS_MAX];
	size_t at = 0, done = 0;

	while (at < n) {
		size_t count = n - at < PARTS_MAX ? n - at : PARTS_MAX;
		ssize_t len;

		for (size_t i = 0; i < count; i++)
			iov[i] = (struct iovec){(void *)(uintptr_t)parts[at + i].data,
						parts[at + i].len};
		iov[0].iov_base = (uint8_t *)iov[0].iov_base + done;
		iov[0].iov_len -= done;
		len = writev(fd, iov, (int)count);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		for (done += (size_t)len; at < n && done >= parts[at].len; at++)
			done -= parts[at].len;
	}
	return 0;
}

int io_write_all(int fd, const void *data, size_t len)
{
	const struct io_part part = {data, len};

	return write_all(fd, &part, 1);
}

static int fill(int fd, const struct io_part *parts, size_t n, mode_t mode, bool wait)
{
	int r = write_all(fd, parts, n);

	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0 || (wait && fsync(fd) < 0))
		return -errno;
	return 0;
}

/* Makes a rename in the directory of @path durable. File systems that cannot are none of our
 * business. */
static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	int fd;

	if (!dir)
		return;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* "dir/name" → "dir/.name.XXXXXX", cut so that the name stays a legal one. */
static char *temp_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash ? (size_t)(slash - path) + 1 : 0;
	char *ret;

	if (asprintf(&ret, "%.*s.%.200s.XXXXXX", (int)dir, path, path + dir) < 0)
		return NULL;
	return ret;
}

/* A rename would put a file in place of a device, too. A link is replaced, not what it names. */
static int check_replaceable(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		return 0;
	return err_set(e, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL, "%s: is %s, not a regular file",
		       path, type_name(st.st_mode));
}

static int replace(const char *path, const struct io_part *parts, size_t n, mode_t mode, bool wait,
		   struct err *e)
{
	int fd, r = check_replaceable(path, e);
	char *temp;

	if (r)
		return r;
	temp = temp_name(path);
	if (!temp)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
		free(temp);
		return r;
	}
	r = fill(fd, parts, n, mode, wait);
	if (close(fd) < 0 && !r)
		r = -errno;
	if (!r && rename(temp, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(temp);
		err_set(e, r, "%s: %s", path, strerror(-r));
	} else if (wait) {
		sync_directory(path);
	}
	free(temp);
	return r;
}

int io_write_atomic(const char *path, const struct io_part *parts, size_t n, mode_t mode,
		    struct err *e)
{
	return replace(path, parts, n, mode, true, e);
}

int io_write_later(const char *path, const struct io_part *parts, size_t n, mode_t mode,
		   struct err *e)
{
	return replace(path, parts, n, mode, false, e);
}

int io_flush(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0 || syncfs(fd))
		r = err_set(e, -errno, "%s: %s", dir, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

int io_write_new(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	const struct io_part part = {data, len};
	int fd, r;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	r = fill(fd, &part, 1, mode, true);
	if (close(fd) < 0 && !r)
		r = -errno;
	if (r < 0) {
		(void)unlink(path);
		return err_set(e, r, "%s: %s", path, strerror(-r));
	}
	sync_directory(path);
	return 0;
}
