/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "spool.h"

#define NEW  "events.jsonl"
#define OLD  "events.jsonl.1"
#define LOCK "events.lock"

struct spool_writer {
	int dir, lock, fd;
	uint64_t size, max;
};

static int open_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(e, -errno, "%s: %s", dir, strerror(errno));
}

/*
 * Only regular files that are ours: a link or FIFO in their place would make root write elsewhere
 * or wait for ever.
 */
static int open_file(int dir, const char *name, int flags, struct err *e)
{
	int fd = openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", name, strerror(errno));
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(e, -EINVAL, "%s: not a regular file", name);
}

static int open_spool(struct spool_writer *w, struct err *e)
{
	struct stat st;

	w->fd = open_file(w->dir, NEW, O_WRONLY | O_APPEND | O_CREAT, e);
	if (w->fd < 0)
		return w->fd;
	if (fstat(w->fd, &st))
		return err_set(e, -errno, "%s: %s", NEW, strerror(errno));
	w->size = (uint64_t)st.st_size;
	return 0;
}

static int take_lock(struct spool_writer *w, struct err *e)
{
	w->lock = open_file(w->dir, LOCK, O_RDWR | O_CREAT, e);
	if (w->lock < 0)
		return w->lock;
	if (!flock(w->lock, LOCK_EX | LOCK_NB))
		return 1;
	return errno == EWOULDBLOCK ? 0 : err_set(e, -errno, "%s: %s", LOCK, strerror(errno));
}

int spool_writer_open(const char *dir, uint64_t max, struct spool_writer **ret, struct err *e)
{
	struct spool_writer *w = malloc(sizeof(*w));
	int r;

	*ret = NULL;
	if (!w)
		return err_set(e, -ENOMEM, "no memory");
	*w = (struct spool_writer){.dir = -1, .lock = -1, .fd = -1, .max = max};
	r = w->dir = open_dir(dir, e);
	if (r >= 0)
		r = take_lock(w, e);
	if (r > 0)
		r = open_spool(w, e) ?: 1;
	if (r > 0)
		*ret = w;
	else
		spool_writer_close(w);
	return r;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

struct spool_writer *spool_writer_close(struct spool_writer *w)
{
	if (w) {
		close_fd(w->fd);
		close_fd(w->lock);
		close_fd(w->dir);
		free(w);
	}
	return NULL;
}

static int rotate(struct spool_writer *w, struct err *e)
{
	if (renameat(w->dir, NEW, w->dir, OLD))
		return err_set(e, -errno, "%s: %s", OLD, strerror(errno));
	close(w->fd);
	w->fd = -1;
	return open_spool(w, e);
}

int spool_append(struct spool_writer *w, const char *line, struct err *e)
{
	size_t len = strlen(line);
	struct iovec part[] = {{(void *)(uintptr_t)line, len}, {(void *)(uintptr_t) "\n", 1}};
	ssize_t n;
	int r;

	if (w->size && w->size + len + 1 > w->max) {
		r = rotate(w, e);
		if (r)
			return r;
	}
	n = writev(w->fd, part, 2);
	if (n != (ssize_t)len + 1) {
		r = n < 0 ? -errno : -ENOSPC;
		/* Half a line would spoil the next one. */
		if (n > 0 && ftruncate(w->fd, (off_t)w->size))
			r = -errno;
		return err_set(e, r, "%s: %s", NEW, strerror(-r));
	}
	w->size += len + 1;
	return 0;
}

struct spool_reader {
	int dir;
	int fd;	   /* being read; -1: none yet */
	int next;  /* to be read after it; -1: look for a newer file */
	char *buf; /* bytes read and not yet handed out */
	size_t size, start, end;
	size_t searched; /* behind start, no line feed among them */
	bool skipping;	 /* the rest of a line that is too long */
};

static bool same_file(int a, int b)
{
	struct stat x, y;

	return a >= 0 && b >= 0 && !fstat(a, &x) && !fstat(b, &y) && x.st_ino == y.st_ino;
}

/* *ret is -1 for what is not there: any other reason must not look like an empty spool. */
static int open_to_read(const struct spool_reader *r, const char *name, int *ret, struct err *e)
{
	struct err why = {0};
	int fd = open_file(r->dir, name, O_RDONLY, &why);

	*ret = fd < 0 ? -1 : fd;
	if (fd >= 0 || fd == -ENOENT)
		return 0;
	return err_set(e, fd, "%s", why.text);
}

/* The newer file is opened first: if it becomes the older one meanwhile, none is left out. */
static int open_from_start(struct spool_reader *r, struct err *e)
{
	int code = open_to_read(r, NEW, &r->next, e);

	if (!code)
		code = open_to_read(r, OLD, &r->fd, e);
	if (!code && (r->fd < 0 || same_file(r->fd, r->next))) {
		close_fd(r->fd);
		r->fd = r->next;
		r->next = -1;
	}
	return code;
}

int spool_reader_open(const char *dir, struct spool_reader **ret, struct err *e)
{
	struct spool_reader *r = calloc(1, sizeof(*r));
	int code;

	*ret = NULL;
	if (!r)
		return err_set(e, -ENOMEM, "no memory");
	r->fd = r->next = -1;
	code = r->dir = open_dir(dir, e);
	if (code >= 0)
		code = open_from_start(r, e);
	if (code)
		spool_reader_close(r);
	else
		*ret = r;
	return code;
}

struct spool_reader *spool_reader_close(struct spool_reader *r)
{
	if (r) {
		close_fd(r->fd);
		close_fd(r->next);
		close_fd(r->dir);
		free(r->buf);
		free(r);
	}
	return NULL;
}

/*
 * At the end of a file. The newer one is opened first and the end of the older one looked at again
 * after that: then it can no longer grow. 1, 0 if there is nothing newer, or negative.
 */
static int next_file(struct spool_reader *r, struct err *e)
{
	int code;

	if (r->next >= 0) {
		close_fd(r->fd);
		r->fd = r->next;
		r->next = -1;
		r->start = r->end = r->searched = 0; /* an unfinished line never gets its end */
		r->skipping = false;
		return 1;
	}
	code = open_to_read(r, NEW, &r->next, e);
	if (r->next < 0)
		return code;
	if (!same_file(r->next, r->fd))
		return 1;
	close(r->next);
	r->next = -1;
	return 0;
}

/* Reads more bytes behind those there are: how many, 0 at the end of the file, or negative. */
static ssize_t read_more(struct spool_reader *r, struct err *e)
{
	ssize_t n;

	if (r->start) {
		memmove(r->buf, r->buf + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	if (r->size - r->end < 4096) {
		char *buf = realloc(r->buf, r->size + 65536);

		if (!buf)
			return err_set(e, -ENOMEM, "no memory");
		r->buf = buf;
		r->size += 65536;
	}
	if (r->fd < 0)
		return 0;
	n = read(r->fd, r->buf + r->end, r->size - r->end);
	if (n < 0)
		return err_set(e, -errno, "%s: %s", NEW, strerror(errno));
	r->end += (size_t)n;
	return n;
}

/* A whole line among the bytes there are. One that is too long is left out. */
static bool take_line(struct spool_reader *r, const char **line, size_t *len)
{
	while (r->start + r->searched < r->end) {
		char *at = r->buf + r->start;
		char *nl = memchr(at + r->searched, '\n', r->end - r->start - r->searched);
		bool whole = !r->skipping;

		if (!nl)
			break;
		*line = at;
		*len = (size_t)(nl - at);
		r->start += *len + 1;
		r->searched = 0;
		r->skipping = false;
		if (whole && *len <= SPOOL_LINE_MAX)
			return true;
	}
	r->searched = r->end - r->start;
	if (r->skipping || r->searched > SPOOL_LINE_MAX) {
		r->skipping = true;
		r->start = r->end;
		r->searched = 0;
	}
	return false;
}

int spool_next(struct spool_reader *r, const char **line, size_t *len, struct err *e)
{
	while (!take_line(r, line, len)) {
		ssize_t n = read_more(r, e);

		if (!n)
			n = next_file(r, e);
		if (n <= 0)
			return (int)n;
	}
	return 1;
}
