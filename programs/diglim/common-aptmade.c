/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a transaction left that no package brought: maintainer scripts compile, index and link. It
 * is found by the time its inode changed, and by nobody vouching for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-apt.h"
#include "common-vouch.h"
#include "../../lib/base/root.h"
#include "../../lib/pkgdb/walk.h"

#define STAMP	  "apt-began"
#define SHOWN_MAX 20

enum made_rule {
	MADE_PYTHON = 0,
	MADE_MODULES,
	MADE_INITRAMFS,
	MADE_OTHER,
	MADE_RULES,
};

static const struct {
	const char *name, *text;
} rules[MADE_RULES] = {
	[MADE_PYTHON] =
		{"compiled-python",
		 "compiled Python: where interpreters are watched, Python is refused it and "
		 "takes the source"},
	[MADE_MODULES] = {"module-index", "module dependencies: data of depmod; the modules "
					  "themselves are judged"},
	[MADE_INITRAMFS] = {"initramfs", "initramfs: the boot loader reads it; kexec would be "
					 "refused"},
	[MADE_OTHER] = {"other", "refused under enforce until 'diglim sign' vouches for it"},
};

struct made {
	struct apt_job *j;
	struct vouch vouch;
	bool open;
	size_t n[MADE_RULES];
	char first[MADE_RULES][DIGLIM_PATH_LONG];
	struct err *e;
	int r;
};

static enum made_rule rule_of(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	const char *p = strncmp(path, "/usr/", 5) ? path : path + 4;
	size_t len = strlen(path);

	if (len > 4 && !strcmp(path + len - 4, ".pyc"))
		return MADE_PYTHON;
	if (!strncmp(p, "/lib/modules/", 13) && !strncmp(name, "modules.", 8))
		return MADE_MODULES;
	if (!strncmp(p, "/boot/", 6) && !strncmp(name, "init", 4))
		return MADE_INITRAMFS;
	return MADE_OTHER;
}

static void show(struct made *m, const struct walk_file *f, enum made_rule rule)
{
	struct out *o = m->j->c->out;

	if (!m->n[rule]++)
		snprintf(m->first[rule], sizeof(m->first[rule]), "%s", f->path);
	out_object(o, NULL, NULL);
	out_str(o, "path", NULL, f->path);
	out_str(o, "kind", NULL, file_kind_name(f->kind));
	out_str(o, "rule", NULL, rules[rule].name);
	out_end(o);
	if (rule == MADE_OTHER && m->n[rule] <= SHOWN_MAX)
		out_line(o, OUT_BAD, "[-]", "%s: no package brought it; %s", f->path,
			 rules[rule].text);
}

/* The lists are read only if there is something to ask. */
static void file(const struct walk_file *f, void *arg)
{
	struct made *m = arg;
	struct vouch_answer a;

	if (m->r)
		return;
	if (!m->open) {
		m->open = true;
		m->r = vouch_open(&m->vouch, m->j->c, true, m->e);
	}
	if (!m->r)
		m->r = vouch_ask(&m->vouch, f->digest, &a, m->e);
	if (!m->r &&
	    vouch_reason(a.installed | a.loaded, vouch_use_of(f->kind)) != DIGLIM_REASON_VOUCHED)
		show(m, f, rule_of(f->path));
}

static void trouble(enum walk_trouble what, const char *path, const struct err *e, void *arg)
{
	(void)path;
	(void)arg;
	if (what == WALK_UNREADABLE)
		cli_say("%s", e->text);
}

static void summarise(struct made *m)
{
	struct out *o = m->j->c->out;

	for (int i = 0; i < MADE_OTHER; i++)
		if (m->n[i])
			out_line(o, OUT_WARN, "[?]", "%zu files such as %s: %s", m->n[i],
				 m->first[i], rules[i].text);
	if (m->n[MADE_OTHER] > SHOWN_MAX)
		out_line(o, OUT_BAD, "[-]", "and %zu more: 'diglim scan' shows all",
			 m->n[MADE_OTHER] - SHOWN_MAX);
}

/* Where packages put things; a link (/lib to /usr/lib) leads to one of the others. */
static int search(struct made *m, const char *root, struct timespec since)
{
	static const char *const all[] = {"/usr", "/etc",  "/boot", "/opt",
					  "/bin", "/sbin", "/lib",  "/lib64"};
	const char *paths[sizeof(all) / sizeof(*all)];
	struct walk_options opt = {
		.root = root, .since = since, .file = file, .trouble = trouble, .arg = m};
	struct walk_count count;
	struct stat st;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		int fd = root_open(root, all[i], O_PATH | O_NOFOLLOW, NULL);

		if (fd >= 0 && !fstat(fd, &st) && S_ISDIR(st.st_mode))
			paths[n++] = all[i];
		if (fd >= 0)
			close(fd);
	}
	r = n ? walk_paths(paths, n, &opt, &count, m->e) : 0;
	return r ? r : m->r;
}

static int stamp_path(const struct apt_job *j, char path[PATH_MAX], struct err *e)
{
	if (snprintf(path, PATH_MAX, "%s/" STAMP, j->c->places.run) < PATH_MAX)
		return 0;
	return err_set(e, -ENAMETOOLONG, "%s: too long", j->c->places.run);
}

int apt_mark(struct apt_job *j, struct err *e)
{
	char path[PATH_MAX];
	int fd, r = stamp_path(j, path, e);

	if (!r)
		r = places_make_dir(j->c->places.run, e);
	if (r)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || futimens(fd, NULL))
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

int apt_report_made(struct apt_job *j, struct err *e)
{
	const char *root = j->c->places.root[0] ? j->c->places.root : NULL;
	struct made m = {.j = j, .e = e};
	char path[PATH_MAX];
	struct stat st;
	int r = stamp_path(j, path, e);

	if (r || lstat(path, &st))
		return r;
	out_array(j->c->out, "generated", NULL);
	r = search(&m, root, st.st_mtim);
	out_end(j->c->out);
	summarise(&m);
	if (m.open)
		vouch_done(&m.vouch);
	/* dpkg is called several times in one transaction: what was said is not said again. */
	return r ? r : apt_mark(j, e);
}
