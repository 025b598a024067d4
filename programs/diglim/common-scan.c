/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common-scan.h"
#include "../../lib/base/io.h"
#include "../../lib/base/text.h"
#include "../../lib/format/sums.h"
#include "../../lib/output/names.h"

#define OWNER_MAX 128

static size_t dir_len(const char *path)
{
	return (size_t)(strrchr(path, '/') - path);
}

static int compare_dirs(const struct scan_file *a, const struct scan_file *b)
{
	size_t x = dir_len(a->path), y = dir_len(b->path);
	int r = memcmp(a->path, b->path, x < y ? x : y);

	return r ? r : (x > y) - (x < y);
}

static int compare(const void *p, const void *q)
{
	const struct scan_file *a = p, *b = q;
	int r = compare_dirs(a, b);

	if (!r)
		r = (a->uid > b->uid) - (a->uid < b->uid);
	if (!r)
		r = (a->gid > b->gid) - (a->gid < b->gid);
	return r ? r : strcmp(a->path, b->path);
}

static bool same_group(const struct scan_file *a, const struct scan_file *b)
{
	return !compare_dirs(a, b) && a->uid == b->uid && a->gid == b->gid;
}

/* Files of the group that begins with @i. */
static size_t group_size(const struct scan *s, size_t i)
{
	size_t n = 1;

	while (i + n < s->n && same_group(&s->files[i], &s->files[i + n]))
		n++;
	return n;
}

/* Names of this system: below another root there are only numbers. */
static const char *owner(const struct scan *s, const struct scan_file *f, char buf[OWNER_MAX])
{
	const struct passwd *pw = s->c->places.root[0] ? NULL : getpwuid(f->uid);
	const struct group *gr = s->c->places.root[0] ? NULL : getgrgid(f->gid);
	int n;

	n = pw ? snprintf(buf, OWNER_MAX, "%.60s:", pw->pw_name)
	       : snprintf(buf, OWNER_MAX, "%u:", f->uid);
	if (gr)
		snprintf(buf + n, OWNER_MAX - (size_t)n, "%.60s", gr->gr_name);
	else
		snprintf(buf + n, OWNER_MAX - (size_t)n, "%u", f->gid);
	return buf;
}

static void show_file(struct out *o, const struct scan_file *f)
{
	char use[NAMES_USE_MAX];

	if (!out_is_json(o)) {
		bool plain = f->reason == DIGLIM_REASON_UNKNOWN;

		out_line(o, f->pid ? OUT_WARN : OUT_BAD, f->pid ? "  [*]" : "  [-]",
			 "%s: %s%s%s%s%s", f->path + dir_len(f->path) + 1, file_kind_name(f->kind),
			 plain ? "" : ", ", plain ? "" : names_reason(f->reason),
			 f->pid ? ", running now: " : "", f->pid ? f->comm : "");
		return;
	}
	out_object(o, NULL, NULL);
	out_str(o, "path", NULL, f->path);
	out_hex(o, "digest", NULL, f->digest, sizeof(f->digest));
	out_str(o, "kind", NULL, file_kind_name(f->kind));
	out_str(o, "use", NULL, names_use(use, f->use));
	out_str(o, "reason", NULL, names_reason(f->reason));
	out_num(o, "size", NULL, f->size);
	out_bool(o, "running", NULL, f->pid != 0);
	if (f->pid > 0) {
		out_num(o, "pid", NULL, (uint64_t)f->pid);
		out_str(o, "program", NULL, f->comm);
	}
	out_end(o);
}

static void show_group(const struct scan *s, size_t i, size_t n)
{
	const struct scan_file *f = &s->files[i];
	struct out *o = s->c->out;
	char dir[DIGLIM_PATH_LONG], who[OWNER_MAX];
	size_t len = dir_len(f->path), running = 0;

	snprintf(dir, sizeof(dir), "%.*s", (int)(len ? len : 1), f->path);
	for (size_t j = i; j < i + n; j++)
		running += s->files[j].pid != 0;
	out_object(o, NULL, NULL);
	out_str(o, "directory", NULL, dir);
	out_str(o, "owner", NULL, owner(s, f, who));
	out_num(o, "uid", NULL, f->uid);
	out_num(o, "gid", NULL, f->gid);
	out_num(o, "count", NULL, n);
	out_num(o, "running", NULL, running);
	out_line(o, OUT_BOLD, NULL, "%s (%s): %zu %s%s", dir, who, n, n == 1 ? "file" : "files",
		 running ? ", some of them running now" : "");
	if (!s->summary) {
		out_array(o, "files", NULL);
		for (size_t j = i; j < i + n; j++)
			show_file(o, &s->files[j]);
		out_end(o);
	}
	out_end(o);
}

static const char *trouble_name(enum walk_trouble what)
{
	return what == WALK_MOUNT     ? "other-file-system"
	       : what == WALK_CHANGED ? "changing"
				      : "unreadable";
}

static void show_troubles(const struct scan *s)
{
	struct out *o = s->c->out;

	out_array(o, "not_looked_into", s->n_troubles ? "Not looked into:" : NULL);
	for (size_t i = 0; i < s->n_troubles; i++) {
		const struct scan_trouble *t = &s->troubles[i];

		out_object(o, NULL, NULL);
		out_str(o, "path", NULL, t->path);
		out_str(o, "what", NULL, trouble_name(t->what));
		if (t->why)
			out_str(o, "reason", NULL, t->why);
		if (t->what == WALK_MOUNT)
			out_line(o, OUT_WARN, "  [?]",
				 "%s: another file system (--all-file-systems looks into it)",
				 t->path);
		else
			out_line(o, OUT_WARN, "  [?]", "%s", t->why);
		out_end(o);
	}
	out_end(o);
}

int scan_show(struct scan *s, const struct vouch *v)
{
	struct out *o = s->c->out;
	size_t groups = 0;

	if (s->n)
		qsort(s->files, s->n, sizeof(*s->files), compare);
	out_bool(o, "attached", NULL, v->engine != NULL);
	out_array(o, "groups", NULL);
	for (size_t i = 0, n; i < s->n; i += n, groups++) {
		n = group_size(s, i);
		show_group(s, i, n);
	}
	out_end(o);
	show_troubles(s);
	out_num(o, "seen", NULL, s->count.files);
	out_num(o, "hashed", NULL, s->count.hashed);
	out_num(o, "bytes", NULL, s->count.bytes);
	out_num(o, "vouched", NULL, s->covered);
	out_num(o, "unvouched", NULL, s->n);
	out_num(o, "running", NULL, s->running);
	out_line(o, OUT_BOLD, NULL,
		 "%llu files seen, %llu could be run or loaded: %zu vouched for, %zu not, in %zu "
		 "groups, %zu of them running now",
		 (unsigned long long)s->count.files, (unsigned long long)s->count.hashed,
		 s->covered, s->n, groups, s->running);
	if (!cover_lists(v->cover) && s->n)
		out_line(o, OUT_PLAIN, NULL,
			 "There are no lists yet: 'diglim import' makes them for packages.");
	return s->n || s->n_troubles ? EXIT_NO : EXIT_YES;
}

__attribute__((format(printf, 2, 3))) static void put(struct buf *b, const char *fmt, ...)
{
	char line[DIGLIM_PATH_LONG * 4], safe[DIGLIM_PATH_LONG * 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_escape(safe, sizeof(safe), line, strlen(line));
	buf_add(b, safe, strlen(safe));
	buf_add_u8(b, '\n');
}

static void put_group(const struct scan *s, struct buf *b, size_t i, size_t n)
{
	char who[OWNER_MAX], use[NAMES_USE_MAX];
	uint32_t last = 0;

	put(b, "# %.*s (%s), %zu files", (int)dir_len(s->files[i].path), s->files[i].path,
	    owner(s, &s->files[i], who), n);
	for (size_t j = i; j < i + n; j++) {
		const struct scan_file *f = &s->files[j];

		if (f->use != last)
			put(b, "#: use %s", names_use(use, f->use));
		last = f->use;
		if (f->pid)
			put(b, "# running now: %s", f->comm);
		if (f->reason == DIGLIM_REASON_DENIED)
			put(b, "# denied by a list, which wins: %s", f->path);
		else
			sums_put(b, f->digest, f->path);
	}
	put(b, "%s", "");
}

int scan_propose(const struct scan *s, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	char when[64];
	time_t now = time(NULL);
	struct tm tm;
	int r;

	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&now, &tm));
	put(&b, "# Candidates found by diglim scan on %s.", when);
	put(&b, "%s", "# Delete every line that you do not vouch for. Then:");
	put(&b, "#   diglim sign --from %s --name NAME", path);
	put(&b, "%s",
	    "# The digests below are what will be signed. To compare them with the files:");
	put(&b, "#   sha256sum -c %s", path);
	put(&b, "%s", "");
	for (size_t i = 0, n; i < s->n; i += n) {
		n = group_size(s, i);
		put_group(s, &b, i, n);
	}
	r = b.failed ? err_set(e, -ENOMEM, "out of memory")
		     : io_write_new(path, b.data, b.len, 0644, e);
	buf_free(&b);
	return r;
}

void scan_done(struct scan *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->files[i].path);
	for (size_t i = 0; i < s->n_troubles; i++) {
		free(s->troubles[i].path);
		free(s->troubles[i].why);
	}
	free(s->files);
	free(s->troubles);
}
