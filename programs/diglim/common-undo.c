/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common-undo-block.h"
#include "common-undo-journal.h"
#include "../../lib/base/io.h"
#include "../../lib/policy/places.h"

#define JOURNAL_MAX (4U << 20)

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
	bool all; /* setup did not come to its end: nothing there was noted, and all of it is ours
		   */
	void (*say)(const char *line, void *arg);
	void *arg;
	struct err *e;
};

static void tell(struct undoing *w, const char *what, const char *path)
{
	char line[UNDO_LINE_MAX];

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

	if (!was_written(w, path) || undo_hash(real, now, NULL))
		return true;
	for (size_t i = 0; i < w->n; i++) {
		const char *then = written_line(w->lines[i], path);

		if (then && !strncmp(then, now, sizeof(now) - 1))
			return true;
	}
	return false;
}

static int undo_absent(struct undoing *w, const char *path)
{
	char real[PATH_MAX];

	undo_real_path(real, w->u, path);
	if (faccessat(AT_FDCWD, real, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
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

	undo_real_path(real, w->u, path);
	snprintf(copy, sizeof(copy), "%s/%u", w->u->dir, number);
	r = undo_hash(copy, was, w->e);
	if (r || (!undo_hash(real, is, NULL) && !strcmp(was, is)))
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
			    : io_read_file(copy, UNDO_FILE_LIMIT, &data, w->e);
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

static int undo_tree(struct undoing *w, const char *path, bool there);

static int undo_entry(void *ctx, const char *path, bool dir, struct err *e)
{
	struct undoing *w = ctx;
	bool there = was_there(w, path);

	(void)e;
	if (dir)
		return undo_tree(w, path, there);
	return !there && (w->all || was_written(w, path)) ? undo_absent(w, path) : 0;
}

/* Removes what was not there; other kinds of files were never ours. */
static int undo_tree(struct undoing *w, const char *path, bool there)
{
	char real[PATH_MAX];
	DIR *d = undo_open_tree(w->u, path);
	int r;

	if (!d)
		return 0;
	r = undo_each_below(d, path, false, undo_entry, w, w->e);
	undo_real_path(real, w->u, path);
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

static int undo_block(struct undoing *w, const char *path)
{
	char real[PATH_MAX];
	int r;

	undo_real_path(real, w->u, path);
	r = block_undo(real, w->dry, w->e);
	if (r == -EINVAL) {
		tell(w, "left, changed since:", path);
		w->left++;
		return 0;
	}
	if (!r)
		tell(w, "take out of", path);
	return r > 0 ? 0 : r;
}

static int undo_dir(struct undoing *w, const char *path)
{
	char real[PATH_MAX];

	undo_real_path(real, w->u, path);
	if (!w->dry)
		(void)rmdir(real);
	return 0;
}

static int undo_command(struct undoing *w, const char *command)
{
	int r;

	tell(w, "run", command);
	r = w->dry ? 0 : undo_run(w->u->root, command, w->e);
	return r > 0 ? err_set(w->e, -EIO, "%s: exit status %d", command, r) : r;
}

/* Was this tree, or one that it is a part of, looked at when setup had come to its end? */
static bool tree_done(const struct undoing *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *done = w->lines[i] + 5;
		size_t len = strlen(w->lines[i]) > 5 ? strlen(done) : 0;

		if (len && !strncmp(w->lines[i], "done ", 5) && !strncmp(path, done, len) &&
		    (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

static int undo_line(struct undoing *w, size_t line)
{
	const char *l = w->lines[line];

	if (!strncmp(l, "absent ", 7) || !strncmp(l, "kept ", 5))
		return undo_file(w, line);
	if (!strncmp(l, "tree there ", 11) || !strncmp(l, "tree absent ", 12)) {
		const char *path = strchr(l, '/');

		w->all = path && !tree_done(w, path);
		return path ? undo_tree(w, path, l[5] == 't') : 0;
	}
	if (!strncmp(l, "block ", 6))
		return undo_block(w, l + 6);
	if (!strncmp(l, "made ", 5))
		return undo_dir(w, l + 5);
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
		if (ent->d_name[0] != '.' && strcmp(ent->d_name, UNDO_JOURNAL) != 0)
			(void)unlinkat(dirfd(d), ent->d_name, 0);
	(void)unlinkat(dirfd(d), UNDO_JOURNAL, 0);
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
	char path[PATH_MAX + sizeof(UNDO_JOURNAL) + 1];
	struct buf text = BUF_INIT;
	int r;

	snprintf(path, sizeof(path), "%s/" UNDO_JOURNAL, u->dir);
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
