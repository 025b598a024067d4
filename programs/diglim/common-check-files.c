/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim check: where to look. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common-check.h"
#include "common-modules.h"
#include "common-running.h"
#include "../../abi/use.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/format/execlines.h"
#include "../../lib/pkgdb/initramfs.h"

static const char *root_of(const struct check *k)
{
	return k->c->places.root[0] ? k->c->places.root : NULL;
}

typedef void (*entry_fn)(struct check *k, const char *path, const char *name, bool is_dir);

/* Each entry of a directory that may be absent. */
static void each(struct check *k, enum check_source source, const char *dir, entry_fn fn)
{
	struct err why = {0};
	int fd = root_open(root_of(k), dir, O_RDONLY | O_DIRECTORY, &why);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[PATH_MAX];
	struct stat st;

	if (!d) {
		if (fd != -ENOENT && fd != -ENOTDIR)
			check_add_failed(k, source, dir, &why);
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) >= (int)sizeof(path))
			continue;
		fn(k, path, entry->d_name,
		   !fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode));
	}
	closedir(d);
}

/* At most @max bytes of a file below the root; links to nothing and to directories are left out. */
static int read_file(struct check *k, enum check_source source, const char *path, size_t max,
		     struct buf *b)
{
	struct err why = {0};
	struct stat st;
	int fd = root_open_regular(root_of(k), path, &st, &why), r;
	uint8_t *p;

	if (fd == -ENOENT || fd == -EISDIR || fd == -EINVAL || fd == -ELOOP || fd == -ENOTDIR)
		return fd;
	if (fd < 0) {
		check_add_failed(k, source, path, &why);
		return fd;
	}
	if ((uint64_t)st.st_size > max)
		r = err_set(&why, -EFBIG, "%s: %lld bytes, at most %zu are read", path,
			    (long long)st.st_size, max);
	else if (!(p = buf_reserve(b, (size_t)st.st_size)))
		r = err_set(&why, -ENOMEM, "%s: out of memory", path);
	else
		r = io_read_exact(fd, p, (size_t)st.st_size, 0, path, &why);
	close(fd);
	if (r)
		check_add_failed(k, source, path, &why);
	return r;
}

struct words {
	struct check *k;
	enum check_source source;
	const char *name;
};

/*
 * The program of a unit is needed, whatever it looks like. Of other words those that name something
 * that could be run; without a slash it is looked for in PATH, which is judged as a whole.
 */
static int do_word(const struct execlines_word *w, void *arg)
{
	struct words *words = arg;

	if (w->word[0] == '/' && !w->specifier)
		check_add(words->k, words->source, w->word, words->name, w->first,
			  w->first ? DIGLIM_USE_EXEC : 0);
	return 0;
}

static void do_unit(struct check *k, const char *path, const char *name, bool is_dir)
{
	struct words words = {k, CHECK_UNIT, name};
	struct buf b = BUF_INIT;
	size_t len = strlen(name);

	if (is_dir && len > 2 && !strcmp(name + len - 2, ".d"))
		each(k, CHECK_UNIT, path, do_unit);
	if (!is_dir && !read_file(k, CHECK_UNIT, path, EXECLINES_MAX, &b))
		execlines_unit((const char *)b.data, b.len, do_word, &words);
	buf_free(&b);
}

static void do_crontab(struct check *k, const char *path, const char *name, bool is_dir)
{
	struct words words = {k, CHECK_CRON, path};
	struct buf b = BUF_INIT;

	(void)name;
	if (!is_dir && !read_file(k, CHECK_CRON, path, EXECLINES_MAX, &b))
		execlines_cron((const char *)b.data, b.len, do_word, &words);
	buf_free(&b);
}

static void do_cron_script(struct check *k, const char *path, const char *name, bool is_dir)
{
	(void)name;
	if (!is_dir)
		check_add(k, CHECK_CRON, path, NULL, false, 0);
}

static void do_program(struct check *k, const char *path, const char *name, bool is_dir)
{
	(void)name;
	if (!is_dir)
		check_add(k, CHECK_PATH, path, NULL, false, 0);
}

static void collect_units(struct check *k)
{
	static const char *const dirs[] = {
		"/etc/systemd/system", "/run/systemd/system",		"/run/systemd/generator",
		"/etc/systemd/user",   "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
		"/lib/systemd/system", "/usr/lib/systemd/user",
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		each(k, CHECK_UNIT, dirs[i], do_unit);
}

static void collect_cron(struct check *k)
{
	static const char *const tables[] = {"/etc/cron.d", "/var/spool/cron",
					     "/var/spool/cron/crontabs"};
	static const char *const scripts[] = {"/etc/cron.hourly", "/etc/cron.daily",
					      "/etc/cron.weekly", "/etc/cron.monthly"};

	do_crontab(k, "/etc/crontab", "crontab", false);
	do_crontab(k, "/etc/anacrontab", "anacrontab", false);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		each(k, CHECK_CRON, tables[i], do_crontab);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		each(k, CHECK_CRON, scripts[i], do_cron_script);
}

static void collect_path(struct check *k)
{
	static const char *const dirs[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					   "/usr/bin",	      "/sbin",		"/bin"};
	const char *path = root_of(k) ? NULL : getenv("PATH");
	char *copy = path ? strdup(path) : NULL, *save = NULL;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		each(k, CHECK_PATH, dirs[i], do_program);
	for (char *dir = copy ? strtok_r(copy, ":", &save) : NULL; dir;
	     dir = strtok_r(NULL, ":", &save))
		if (*dir == '/')
			each(k, CHECK_PATH, dir, do_program);
	free(copy);
}

static int do_module(const char *path, void *arg)
{
	check_add(arg, CHECK_MODULE, path, NULL, true, DIGLIM_USE_MODULE);
	return 0;
}

static void do_release(struct check *k, const char *path, const char *name, bool is_dir)
{
	struct err why = {0};
	int r;

	if (!is_dir)
		return;
	r = modules_dep(root_of(k), name, do_module, k, &why);
	if (r && r != -ENOENT)
		check_add_failed(k, CHECK_MODULE, path, &why);
}

/* Of the running kernel; below another root of each that is there. */
static void collect_modules(struct check *k)
{
	struct utsname u;

	if (root_of(k))
		each(k, CHECK_MODULE, "/lib/modules", do_release);
	else if (!uname(&u))
		do_release(k, "/lib/modules", u.release, true);
}

static void do_image(struct check *k, const char *path, const char *name, bool is_dir)
{
	struct contents c = {0};
	struct buf b = BUF_INIT;
	struct err why = {0};

	if (is_dir || (strncmp(name, "initrd", 6) && strncmp(name, "initramfs", 9)))
		return;
	progress_step(&k->progress, 0, path);
	if (!read_file(k, CHECK_INITRAMFS, path, INITRAMFS_MAX, &b)) {
		if (initramfs_read(b.data, b.len, path, &c, &why))
			check_add_failed(k, CHECK_INITRAMFS, path, &why);
		for (size_t i = 0; i < c.n; i++)
			if (c.files[i].type == CONTENTS_FILE && c.files[i].use)
				check_add_digest(k, CHECK_INITRAMFS, c.files[i].path, name,
						 c.files[i].digest, vouch_use_of(c.files[i].kind));
	}
	contents_done(&c);
	buf_free(&b);
}

struct running {
	struct check *k;
	struct running_set seen;
};

/* At once, and by what the process really has: it may be deleted, or gone in a moment. */
static int do_running(const struct running_file *f, void *arg)
{
	struct running *r = arg;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char who[64];
	struct err why;
	int new = running_set_add(&r->seen, f), ret;

	if (new <= 0)
		return new;
	progress_step(&r->k->progress, r->seen.n, f->path);
	snprintf(who, sizeof(who), "%d (%s)", f->pid, f->comm);
	ret = digest_file(AT_FDCWD, f->open_path, digest, NULL, &why);
	if (!ret)
		check_add_digest(r->k, CHECK_RUNNING, f->path, who, digest, DIGLIM_USE_EXEC);
	else if (ret != -ENOENT)
		check_add_failed(r->k, CHECK_RUNNING, f->path, &why);
	return ret == -ENOMEM ? ret : 0;
}

static void unseen(pid_t pid, const struct err *why, void *arg)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	check_add_failed(((struct running *)arg)->k, CHECK_RUNNING, path, why);
}

int check_collect(struct check *k, struct err *e)
{
	struct running running = {.k = k};
	int r = 0;

	progress_start(&k->progress, "Looking around", 0);
	if (!root_of(k))
		r = running_walk(do_running, unseen, &running, e);
	running_set_done(&running.seen);
	if (r)
		return r == -ENOMEM ? err_set(e, r, "no memory") : r;
	collect_units(k);
	collect_cron(k);
	collect_path(k);
	collect_modules(k);
	each(k, CHECK_INITRAMFS, "/boot", do_image);
	progress_clear(&k->progress);
	return k->no_memory ? err_set(e, -ENOMEM, "no memory") : 0;
}
