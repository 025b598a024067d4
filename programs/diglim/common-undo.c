/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common-undo.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/policy/places.h"

#define JOURNAL	    "journal"
#define JOURNAL_MAX (4U << 20)
#define FILE_LIMIT  (256U << 20)
#define LINE_MAX_   (PATH_MAX + 128)

/* With the root in front. */
static void real_path(char ret[PATH_MAX], const struct undo *u, const char *path)
{
	snprintf(ret, PATH_MAX, "%.2000s%.2000s", u->root, path);
}

/* On disk before what it is about happens. */
static int write_lines(struct undo *u, const void *lines, size_t len, struct err *e)
{
	char path[PATH_MAX + sizeof(JOURNAL) + 1];
	int fd, r = 0;

	snprintf(path, sizeof(path), "%s/" JOURNAL, u->dir);
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
	char line[LINE_MAX_];
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
	char path[PATH_MAX + sizeof(JOURNAL) + 1];

	u->root = root;
	real_path(u->dir, u, PLACES_SETUP);
	if (places_make_dir(u->dir, e))
		return e->code;
	if (chmod(u->dir, 0700))
		return err_set(e, -errno, "%s: %s", u->dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/" JOURNAL, u->dir);
	return access(path, F_OK) == 0;
}

/* What was there before the first change counts: a copy that exists is not made again. */
static int copy_away(struct undo *u, const char *real, const struct stat *st, struct err *e)
{
	char copy[PATH_MAX + 16];
	struct buf data = BUF_INIT;
	struct io_part part;
	int r = io_read_file(real, FILE_LIMIT, &data, e);

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

	real_path(real, u, path);
	if (lstat(real, &st))
		return errno == ENOENT ? append(u, e, "absent %s", path)
				       : err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: is no regular file", path);
	r = copy_away(u, real, &st, e);
	return r ? r : append(u, e, "kept %u %s", u->next++, path);
}

int undo_note_tree(struct undo *u, const char *path, struct err *e)
{
	char real[PATH_MAX], below[PATH_MAX];
	struct dirent *ent;
	int r = 0;
	DIR *d;

	/* Our own notes are in none. */
	if (!strcmp(path, PLACES_SETUP))
		return 0;
	real_path(real, u, path);
	d = opendir(real);
	if (!d)
		return errno == ENOENT ? append(u, e, "tree absent %s", path)
				       : err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (!r && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, ent->d_name) >=
		    (int)sizeof(below))
			r = err_set(e, -ENAMETOOLONG, "%s: name too long", path);
		else if (ent->d_type == DT_DIR)
			r = undo_note_tree(u, below, e);
		else if (ent->d_type == DT_REG)
			r = undo_note_file(u, below, e);
	}
	closedir(d);
	return r ? r : append(u, e, "tree there %s", path);
}

static int hash_of(const char *real, char ret[2 * DIGLIM_DIGEST_SIZE + 1], struct err *e)
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

/* Adds a line for each file. */
static int collect_written(struct undo *u, const char *path, struct buf *lines, struct err *e)
{
	char real[PATH_MAX], below[PATH_MAX], hex[2 * DIGLIM_DIGEST_SIZE + 1], line[LINE_MAX_];
	struct dirent *ent;
	int r = 0;
	DIR *d;

	real_path(real, u, path);
	d = strcmp(path, PLACES_SETUP) != 0 ? opendir(real) : NULL;
	if (!d)
		return 0;
	while (!r && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    snprintf(below, sizeof(below), "%s/%s", path, ent->d_name) >=
			    (int)sizeof(below))
			continue;
		real_path(real, u, below);
		if (ent->d_type == DT_DIR)
			r = collect_written(u, below, lines, e);
		else if (ent->d_type == DT_REG && !(r = hash_of(real, hex, e)))
			buf_add(lines, line,
				(size_t)snprintf(line, sizeof(line), "written %s %s\n", hex,
						 below));
	}
	closedir(d);
	return r ? r : lines->failed ? err_set(e, -ENOMEM, "no memory") : 0;
}

int undo_note_tree_done(struct undo *u, const char *path, struct err *e)
{
	struct buf lines = BUF_INIT;
	int r = collect_written(u, path, &lines, e);

	if (!r && lines.len)
		r = write_lines(u, lines.data, lines.len, e);
	buf_free(&lines);
	return r ? r : append(u, e, "done %s", path);
}

int undo_note_command(struct undo *u, const char *command, struct err *e)
{
	return append(u, e, "run %s", command);
}

int undo_run(const char *root, const char *command, struct err *e)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		/* Answers are for us. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		if (*root && (chroot(root) || chdir("/")))
			_exit(126);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return err_set(e, -errno, "%s: %s", command, strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : err_set(e, -EINTR, "%s: killed", command);
}

struct undoing {
	struct undo *u;
	char **lines;
	size_t n;
	int dry, left;
	void (*say)(const char *line, void *arg);
	void *arg;
	struct err *e;
};

static void tell(struct undoing *w, const char *what, const char *path)
{
	char line[LINE_MAX_];

	snprintf(line, sizeof(line), "%s %s", what, path);
	w->say(line, w->arg);
}

/* Does line @l say that setup has written @path? Its digest, or NULL. */
static const char *written_line(const char *l, const char *path)
{
	static const size_t at = 8 + 2 * DIGLIM_DIGEST_SIZE + 1;

	return !strncmp(l, "written ", 8) && strlen(l) > at && !strcmp(l + at, path) ? l + 8 : NULL;
}

static bool was_written(const struct undoing *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (written_line(w->lines[i], path))
			return true;
	return false;
}

/* As setup has left it, at whatever moment it ended. */
static bool untouched(const struct undoing *w, const char *path, const char *real)
{
	char now[2 * DIGLIM_DIGEST_SIZE + 1];

	if (!was_written(w, path) || hash_of(real, now, NULL))
		return true;
	for (size_t i = 0; i < w->n; i++) {
		const char *then = written_line(w->lines[i], path);

		if (then && !strncmp(then, now, sizeof(now) - 1))
			return true;
	}
	return false;
}

static bool has_line(const struct undoing *w, const char *what, const char *path)
{
	size_t len = strlen(what);

	for (size_t i = 0; i < w->n; i++)
		if (!strncmp(w->lines[i], what, len) && !strcmp(w->lines[i] + len, path))
			return true;
	return false;
}

static int undo_absent(struct undoing *w, const char *path)
{
	char real[PATH_MAX];

	real_path(real, w->u, path);
	if (access(real, F_OK) && errno == ENOENT)
		return 0;
	if (!untouched(w, path, real)) {
		tell(w, "left, changed since:", path);
		w->left++;
		return 0;
	}
	tell(w, "remove", path);
	if (!w->dry && unlink(real) && errno != ENOENT)
		return err_set(w->e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int undo_kept(struct undoing *w, unsigned number, const char *path)
{
	char real[PATH_MAX], copy[PATH_MAX + 16], was[2 * DIGLIM_DIGEST_SIZE + 1],
		is[2 * DIGLIM_DIGEST_SIZE + 1] = "";
	struct buf data = BUF_INIT;
	struct io_part part;
	struct stat st;
	int r;

	real_path(real, w->u, path);
	snprintf(copy, sizeof(copy), "%s/%u", w->u->dir, number);
	r = hash_of(copy, was, w->e);
	if (r || (!hash_of(real, is, NULL) && !strcmp(was, is)))
		return r;
	if (!untouched(w, path, real)) {
		tell(w, "left, changed since:", path);
		w->left++;
		return 0;
	}
	tell(w, "restore", path);
	if (w->dry)
		return 0;
	r = stat(copy, &st) ? err_set(w->e, -errno, "%s: %s", copy, strerror(errno))
			    : io_read_file(copy, FILE_LIMIT, &data, w->e);
	part = (struct io_part){data.data, data.len};
	if (!r)
		r = io_write_atomic(real, &part, 1, st.st_mode & 07777, w->e);
	buf_free(&data);
	return r;
}

static bool was_there(const struct undoing *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *l = w->lines[i], *p = strchr(l, '/');

		if (p && !strcmp(p, path) &&
		    (!strncmp(l, "kept ", 5) || !strncmp(l, "tree there ", 11)))
			return true;
	}
	return false;
}

/*
 * Removes what was not there; other kinds of files were never ours. @all: setup did not come to its
 * end, so nothing there was noted, and nobody else was there yet.
 */
static int undo_tree(struct undoing *w, const char *path, bool there, bool all)
{
	char real[PATH_MAX], below[PATH_MAX];
	struct dirent *ent;
	int r = 0;
	DIR *d;

	real_path(real, w->u, path);
	d = strcmp(path, PLACES_SETUP) != 0 ? opendir(real) : NULL;
	if (!d)
		return 0;
	while (!r && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    snprintf(below, sizeof(below), "%s/%s", path, ent->d_name) >=
			    (int)sizeof(below))
			continue;
		if (ent->d_type == DT_DIR)
			r = undo_tree(w, below, was_there(w, below), all);
		else if (ent->d_type == DT_REG && !was_there(w, below) &&
			 (all || was_written(w, below)))
			r = undo_absent(w, below);
	}
	closedir(d);
	if (!r && !there && !w->dry)
		(void)rmdir(real);
	return r;
}

/* Only the first note of a file says what was there before setup. */
static bool noted_before(const struct undoing *w, size_t line, const char *path)
{
	for (size_t i = 0; i < line; i++) {
		const char *l = w->lines[i], *p = strchr(l, '/');

		if (p && !strcmp(p, path) && (!strncmp(l, "kept ", 5) || !strncmp(l, "absent ", 7)))
			return true;
	}
	return false;
}

static int undo_file(struct undoing *w, size_t line)
{
	const char *l = w->lines[line], *path = strchr(l, '/');
	unsigned number;

	if (!path || noted_before(w, line, path))
		return 0;
	if (sscanf(l, "kept %u ", &number) == 1)
		return undo_kept(w, number, path);
	return undo_absent(w, path);
}

static int undo_command(struct undoing *w, const char *command)
{
	int r;

	tell(w, "run", command);
	r = w->dry ? 0 : undo_run(w->u->root, command, w->e);
	return r > 0 ? err_set(w->e, -EIO, "%s: exit status %d", command, r) : r;
}

static int undo_line(struct undoing *w, size_t line)
{
	const char *l = w->lines[line];

	if (!strncmp(l, "absent ", 7) || !strncmp(l, "kept ", 5))
		return undo_file(w, line);
	if (!strncmp(l, "tree there ", 11))
		return undo_tree(w, l + 11, true, !has_line(w, "done ", l + 11));
	if (!strncmp(l, "tree absent ", 12))
		return undo_tree(w, l + 12, false, !has_line(w, "done ", l + 12));
	return strncmp(l, "run ", 4) == 0 ? undo_command(w, l + 4) : 0;
}

/* Copies and journal, last of all. */
static int forget(struct undo *u, struct err *e)
{
	struct dirent *ent;
	DIR *d = opendir(u->dir);

	if (!d)
		return err_set(e, -errno, "%s: %s", u->dir, strerror(errno));
	while ((ent = readdir(d)))
		if (ent->d_name[0] != '.' && strcmp(ent->d_name, JOURNAL) != 0)
			(void)unlinkat(dirfd(d), ent->d_name, 0);
	(void)unlinkat(dirfd(d), JOURNAL, 0);
	closedir(d);
	(void)rmdir(u->dir);
	return 0;
}

static int split(struct undoing *w, char *text)
{
	char *rest;

	for (char *l = strtok_r(text, "\n", &rest); l; l = strtok_r(NULL, "\n", &rest)) {
		char **more = realloc(w->lines, (w->n + 1) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		w->lines = more;
		w->lines[w->n++] = l;
	}
	return 0;
}

int undo_all(struct undo *u, int dry, void (*say)(const char *line, void *arg), void *arg,
	     struct err *e)
{
	struct undoing w = {.u = u, .dry = dry, .say = say, .arg = arg, .e = e};
	char path[PATH_MAX + sizeof(JOURNAL) + 1];
	struct buf text = BUF_INIT;
	int r;

	snprintf(path, sizeof(path), "%s/" JOURNAL, u->dir);
	r = io_read_file(path, JOURNAL_MAX, &text, e);
	if (!r && (!buf_reserve(&text, 1) || (text.data[text.len - 1] = '\0', 0)))
		r = err_set(e, -ENOMEM, "no memory");
	if (!r && split(&w, (char *)text.data))
		r = err_set(e, -ENOMEM, "no memory");
	for (size_t i = w.n; !r && i-- > 0;)
		r = undo_line(&w, i);
	if (!r && !dry)
		r = forget(u, e);
	free(w.lines);
	buf_free(&text);
	return r ? r : w.left;
}
