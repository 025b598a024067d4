/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-undo-journal.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/policy/places.h"

#define PATH_LIMIT 2000 /* of a path without the root, and of the root */

void undo_real_path(char ret[PATH_MAX], const struct undo *u, const char *path)
{
	snprintf(ret, PATH_MAX, "%.2000s%.2000s", u->root, path);
}

/* On disk before what it is about happens. */
static int write_lines(struct undo *u, const void *lines, size_t len, struct err *e)
{
	char path[PATH_MAX + sizeof(UNDO_JOURNAL) + 1];
	int fd, r = 0;

	snprintf(path, sizeof(path), "%s/" UNDO_JOURNAL, u->dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, lines, len) != (ssize_t)len || fsync(fd))
		r = err_set(e, errno ? -errno : -ENOSPC, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

static int append(struct undo *u, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int append(struct undo *u, struct err *e, const char *fmt, ...)
{
	char line[UNDO_LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(line) || memchr(line, '\n', (size_t)n))
		return err_set(e, -EINVAL, "a name that no journal can hold");
	line[n++] = '\n';
	return write_lines(u, line, (size_t)n, e);
}

int undo_open(struct undo *u, const char *root, struct err *e)
{
	char path[PATH_MAX + sizeof(UNDO_JOURNAL) + 1];

	u->root = root;
	undo_real_path(u->dir, u, PLACES_SETUP);
	if (places_make_dir(u->dir, e))
		return e->code;
	if (chmod(u->dir, 0700))
		return err_set(e, -errno, "%s: %s", u->dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/" UNDO_JOURNAL, u->dir);
	return access(path, F_OK) == 0;
}

/* What was there before the first change counts: a copy that exists is not made again. */
static int copy_away(struct undo *u, const char *real, const struct stat *st, struct err *e)
{
	char copy[PATH_MAX + 16];
	struct buf data = BUF_INIT;
	struct io_part part;
	int r = io_read_file(real, UNDO_FILE_LIMIT, &data, e);

	snprintf(copy, sizeof(copy), "%s/%u", u->dir, u->next);
	part = (struct io_part){data.data, data.len};
	if (!r)
		r = io_write_atomic(copy, &part, 1, st->st_mode & 07777, e);
	buf_free(&data);
	return r;
}

int undo_note_file(struct undo *u, const char *path, struct err *e)
{
	char real[PATH_MAX];
	struct stat st;
	int r;

	undo_real_path(real, u, path);
	if (lstat(real, &st))
		return errno == ENOENT ? append(u, e, "absent %s", path)
				       : err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: is no regular file", path);
	r = copy_away(u, real, &st, e);
	return r ? r : append(u, e, "kept %u %s", u->next++, path);
}

DIR *undo_open_tree(const struct undo *u, const char *path)
{
	char real[PATH_MAX];

	undo_real_path(real, u, path);
	errno = ENOENT;
	return strcmp(path, PLACES_SETUP) != 0 ? opendir(real) : NULL;
}

int undo_each_below(DIR *d, const char *path, bool strict, undo_entry_fn *fn, void *ctx,
		    struct err *e)
{
	char below[PATH_MAX];
	struct dirent *ent;
	struct stat st;
	int r = 0;

	while (!r && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, ent->d_name) > PATH_LIMIT ||
		    strchr(ent->d_name, '\n'))
			r = strict ? err_set(e, -EINVAL,
					     "%s: holds a name that no journal can hold", path)
				   : 0;
		else if (!fstatat(dirfd(d), ent->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
			 (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
			r = fn(ctx, below, S_ISDIR(st.st_mode), e);
	}
	closedir(d);
	return r;
}

static int note_entry(void *ctx, const char *path, bool dir, struct err *e)
{
	return dir ? undo_note_tree(ctx, path, e) : undo_note_file(ctx, path, e);
}

int undo_note_tree(struct undo *u, const char *path, struct err *e)
{
	DIR *d;
	int r;

	if (!strcmp(path, PLACES_SETUP))
		return 0;
	d = undo_open_tree(u, path);
	if (!d)
		return errno == ENOENT ? append(u, e, "tree absent %s", path)
				       : err_set(e, -errno, "%s: %s", path, strerror(errno));
	r = undo_each_below(d, path, true, note_entry, u, e);
	return r ? r : append(u, e, "tree there %s", path);
}

int undo_hash(const char *real, char ret[2 * DIGLIM_DIGEST_SIZE + 1], struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	int r = digest_file(AT_FDCWD, real, digest, NULL, e);

	if (!r)
		hex_encode(digest, sizeof(digest), ret);
	return r;
}

int undo_note_content(struct undo *u, const char *path, const void *data, size_t len, struct err *e)
{
	char hex[2 * DIGLIM_DIGEST_SIZE + 1];
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	int r = digest_buffer(DIGEST_SHA256, data, len, digest, e);

	if (r < 0)
		return r;
	hex_encode(digest, sizeof(digest), hex);
	return append(u, e, "written %s %s", hex, path);
}

struct collect {
	const struct undo *u;
	struct buf lines;
};

/* Adds a line for each file. */
static int collect_entry(void *ctx, const char *path, bool dir, struct err *e)
{
	char real[PATH_MAX], hex[2 * DIGLIM_DIGEST_SIZE + 1], line[UNDO_LINE_MAX];
	struct collect *c = ctx;
	DIR *d;
	int r;

	if (dir) {
		d = undo_open_tree(c->u, path);
		return d ? undo_each_below(d, path, true, collect_entry, c, e) : 0;
	}
	undo_real_path(real, c->u, path);
	r = undo_hash(real, hex, e);
	if (!r)
		buf_add(&c->lines, line,
			(size_t)snprintf(line, sizeof(line), "written %s %s\n", hex, path));
	return !r && c->lines.failed ? err_set(e, -ENOMEM, "no memory") : r;
}

int undo_note_tree_done(struct undo *u, const char *path, struct err *e)
{
	struct collect c = {.u = u, .lines = BUF_INIT};
	int r = collect_entry(&c, path, true, e);

	if (!r && c.lines.len)
		r = write_lines(u, c.lines.data, c.lines.len, e);
	buf_free(&c.lines);
	return r ? r : append(u, e, "done %s", path);
}

int undo_note_command(struct undo *u, const char *command, struct err *e)
{
	return append(u, e, "run %s", command);
}

/* Newest first when it is undone: the innermost is made, and noted, last. */
static int make_dirs(struct undo *u, char *path, struct err *e)
{
	char real[PATH_MAX];
	int r = 0;

	for (char *slash = strchr(path + 1, '/'); !r && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		undo_real_path(real, u, path);
		if (access(real, F_OK)) {
			r = append(u, e, "made %s", path);
			if (!r && mkdir(real, 0755) && errno != EEXIST)
				r = err_set(e, -errno, "%s: %s", path, strerror(errno));
		}
		*slash = '/';
	}
	return r;
}

int undo_note_dirs(struct undo *u, const char *path, struct err *e)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%.2000s", path);
	return make_dirs(u, copy, e);
}

int undo_note_block(struct undo *u, const char *path, struct err *e)
{
	return append(u, e, "block %s", path);
}
