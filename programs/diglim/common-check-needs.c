/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-check-needs.h"
#include "../../abi/use.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/format/ldcache.h"
#include "../../lib/pkgdb/elfneeds.h"

#define CACHE	    "/etc/ld.so.cache"
#define PRELOAD	    "/etc/ld.so.preload"
#define PRELOAD_MAX (1U << 20)

/* Longer chains of libraries that need each other nobody has. */
enum { DEPTH_MAX = 64 };

/* A program or library on the way from a program to what it needs. */
struct object {
	const struct object *parent; /* what needs it; NULL: the program */
	struct elfneeds needs;
	char *path, *origin;
};

struct seen {
	enum check_source source;
	dev_t dev;
	ino_t ino;
};

struct finder {
	struct check *k;
	const char *root;
	struct buf cache;
	void *seen; /* tree of struct seen */
	enum check_source source;
	unsigned int depth;
	struct err *e;
};

static int by_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int r = (x->source > y->source) - (x->source < y->source);

	r = r ? r : (x->dev > y->dev) - (x->dev < y->dev);
	return r ? r : (x->ino > y->ino) - (x->ino < y->ino);
}

/* 1 if it is new, 0 if not. */
static int see(struct finder *f, const struct stat *st)
{
	struct seen *s = calloc(1, sizeof(*s)), **found;

	if (!s)
		return err_set(f->e, -ENOMEM, "no memory");
	*s = (struct seen){f->source, st->st_dev, st->st_ino};
	found = tsearch(s, &f->seen, by_seen);
	if (found && *found == s)
		return 1;
	free(s);
	return found ? 0 : err_set(f->e, -ENOMEM, "no memory");
}

static int note_unresolved(struct finder *f, const char *path, const char *why)
{
	struct check *k = f->k;
	struct check_unresolved *more =
		reallocarray(k->unresolved, k->n_unresolved + 1, sizeof(*more));
	struct check_unresolved *to;

	if (!more)
		return err_set(f->e, -ENOMEM, "no memory");
	k->unresolved = more;
	to = &more[k->n_unresolved++];
	*to = (struct check_unresolved){f->source, strdup(path), strdup(why)};
	return to->path && to->why ? 0 : err_set(f->e, -ENOMEM, "no memory");
}

static int follow(struct finder *f, const struct object *parent, int fd, const char *path);

/*
 * Is it a library for @o? If so, it is added with all that it needs itself. 1 taken, 0 it is not
 * there, or for another machine.
 */
static int try_library(struct finder *f, const struct object *o, const char *path)
{
	struct elfneeds n = {0};
	struct stat st;
	int fd = root_open_regular(f->root, path, &st, NULL), r;
	char *real;
	bool fits;

	if (fd < 0)
		return fd == -ENOMEM ? err_set(f->e, fd, "no memory") : 0;
	r = elfneeds_read(fd, path, &n, f->e);
	fits = !r && n.machine == o->needs.machine && n.wide == o->needs.wide;
	elfneeds_done(&n);
	if (r == -ENOMEM || !fits) {
		close(fd);
		return r == -ENOMEM ? r : 0;
	}
	real = root_path(fd, f->root, path);
	r = real ? see(f, &st) : err_set(f->e, -ENOMEM, "no memory");
	if (r > 0) {
		check_add(f->k, f->source, real, o->path, true, DIGLIM_USE_EXEC);
		r = follow(f, o, fd, real);
	}
	free(real);
	close(fd);
	return r < 0 ? r : 1;
}

static int try_in(struct finder *f, const struct object *o, const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (*dir != '/' || snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return 0;
	return try_library(f, o, path);
}

/* "$NAME" or "${NAME}" at @p: its length, or 0. */
static size_t token(const char *p, const char *name)
{
	size_t n = strlen(name);

	if (p[0] == '$' && !strncmp(p + 1, name, n))
		return n + 1;
	if (p[0] == '$' && p[1] == '{' && !strncmp(p + 2, name, n) && p[n + 2] == '}')
		return n + 3;
	return 0;
}

/* One entry of a search path; false if it names what we do not know ($PLATFORM), or is too long. */
static bool expand(const char *entry, size_t len, const char *origin, const char *lib,
		   char ret[PATH_MAX])
{
	const char *end = entry + len;
	size_t at = 0;

	while (entry < end) {
		size_t n = token(entry, "ORIGIN"), add = 1;
		const char *text = entry;

		if (n) {
			text = origin;
			add = strlen(origin);
		} else if ((n = token(entry, "LIB"))) {
			text = lib;
			add = strlen(lib);
		} else if (*entry == '$') {
			return false;
		} else {
			n = 1;
		}
		if (at + add >= PATH_MAX)
			return false;
		memcpy(ret + at, text, add);
		at += add;
		entry += n;
	}
	ret[at] = '\0';
	return true;
}

/* Distributions build glibc with one of these. */
static const char *const lib_names[] = {
	"lib64", "lib", "lib/x86_64-linux-gnu", "lib/i386-linux-gnu", "lib/aarch64-linux-gnu",
};

static int try_path(struct finder *f, const struct object *o, const char *list, const char *origin,
		    const char *name)
{
	char dir[PATH_MAX];
	int r = 0;

	for (const char *p = list; !r && p && *p; p += strspn(p, ":")) {
		size_t len = strcspn(p, ":");
		bool named = memmem(p, len, "LIB", 3);

		for (size_t i = 0; !r && i < (named ? sizeof(lib_names) / sizeof(*lib_names) : 1);
		     i++)
			if (expand(p, len, origin, lib_names[i], dir))
				r = try_in(f, o, dir, name);
		p += len;
	}
	return r;
}

/* DT_RPATH of what needs it, and of what needs that; it counts for nothing beside DT_RUNPATH. */
static int try_rpaths(struct finder *f, const struct object *o, const char *name)
{
	int r = 0;

	if (!o->needs.runpath)
		for (const struct object *up = o; !r && up; up = up->parent)
			if (!up->needs.runpath)
				r = try_path(f, o, up->needs.rpath, up->origin, name);
	return r ? r : try_path(f, o, o->needs.runpath, o->origin, name);
}

struct cached {
	struct finder *f;
	const struct object *o;
	bool plain; /* found for any processor */
};

/* Of those for some processors any may be loaded; of the others the first. */
static int do_cached(const char *path, bool hwcaps, void *arg)
{
	struct cached *c = arg;
	int r = hwcaps || !c->plain ? try_library(c->f, c->o, path) : 0;

	c->plain |= r > 0 && !hwcaps;
	return r < 0 ? r : 0;
}

static int try_cache(struct finder *f, const struct object *o, const char *name)
{
	struct cached c = {f, o, false};
	int r = f->cache.len ? ldcache_find(f->cache.data, f->cache.len, name, do_cached, &c, f->e)
			     : 0;

	return r == -EBADMSG || r == -ENOTSUP ? 0 : r < 0 ? r : c.plain;
}

static int try_standard(struct finder *f, const struct object *o, const char *name)
{
	char dir[64];
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(lib_names) / sizeof(*lib_names); i++) {
		snprintf(dir, sizeof(dir), "/%s", lib_names[i]);
		r = try_in(f, o, dir, name);
		if (!r) {
			snprintf(dir, sizeof(dir), "/usr/%s", lib_names[i]);
			r = try_in(f, o, dir, name);
		}
	}
	return r;
}

/* What is nearer to the program was loaded before, and is not looked for again. */
static bool is_loaded(const struct object *o, const char *name)
{
	for (o = o->parent; o; o = o->parent)
		for (size_t i = 0; i < o->needs.n; i++)
			if (!strcmp(o->needs.needed[i], name))
				return true;
	return false;
}

static int find_library(struct finder *f, const struct object *o, const char *name)
{
	char path[PATH_MAX], why[PATH_MAX + 128];
	int r = 0;

	if (is_loaded(o, name))
		return 0;
	if (strchr(name, '/')) {
		if (expand(name, strlen(name), o->origin, "lib64", path))
			r = try_library(f, o, path);
	} else {
		r = try_rpaths(f, o, name);
		if (!r && !o->needs.no_default)
			r = try_cache(f, o, name);
		if (!r && !o->needs.no_default)
			r = try_standard(f, o, name);
	}
	if (r)
		return r < 0 ? r : 0;
	snprintf(why, sizeof(why), "needs %s, which is not where the loader looks by itself", name);
	return note_unresolved(f, o->path, why);
}

/* The loader is opened by the kernel, by its path. */
static int find_loader(struct finder *f, const struct object *o)
{
	char why[PATH_MAX + 64];
	int r = *o->needs.interpreter == '/' ? try_library(f, o, o->needs.interpreter) : 0;

	if (r)
		return r < 0 ? r : 0;
	snprintf(why, sizeof(why), "its loader %s is not there", o->needs.interpreter);
	return note_unresolved(f, o->path, why);
}

static void object_done(struct object *o)
{
	elfneeds_done(&o->needs);
	free(o->path);
	free(o->origin);
}

static int object_open(struct finder *f, struct object *o, int fd, const char *path)
{
	char *slash;
	int r = elfneeds_read(fd, path, &o->needs, f->e);

	if (r == -EBADMSG)
		return note_unresolved(f, path, f->e->text) ?: 1;
	if (r)
		return r;
	o->path = strdup(path);
	o->origin = root_path(fd, f->root, path);
	if (!o->path || !o->origin)
		return err_set(f->e, -ENOMEM, "no memory");
	slash = strrchr(o->origin, '/');
	if (slash)
		slash[slash == o->origin] = '\0';
	return 0;
}

static int follow(struct finder *f, const struct object *parent, int fd, const char *path)
{
	struct object o = {.parent = parent};
	int r;

	if (f->depth == DEPTH_MAX)
		return note_unresolved(f, path, "too long a chain of libraries");
	f->depth++;
	r = object_open(f, &o, fd, path);
	if (!r && o.needs.interpreter && !parent)
		r = find_loader(f, &o);
	for (size_t i = 0; !r && i < o.needs.n; i++)
		r = find_library(f, &o, o.needs.needed[i]);
	object_done(&o);
	f->depth--;
	return r < 0 ? r : 0;
}

static int do_program(struct finder *f, const struct check_item *it)
{
	struct stat st;
	char *path;
	int fd, r;

	if (!it->has_digest || it->failed.code ||
	    (it->source != CHECK_UNIT && it->source != CHECK_CRON && it->source != CHECK_PATH))
		return 0;
	fd = root_open_regular(f->root, it->path, &st, NULL);
	if (fd < 0)
		return 0; /* gone meanwhile */
	/* The items move when others are added. */
	path = strdup(it->path);
	f->source = it->source;
	r = path ? see(f, &st) : err_set(f->e, -ENOMEM, "no memory");
	if (r > 0)
		r = follow(f, NULL, fd, path);
	free(path);
	close(fd);
	return r < 0 ? r : 0;
}

static int read_small(struct finder *f, const char *path, size_t max, struct buf *b)
{
	struct stat st;
	int fd = root_open_regular(f->root, path, &st, NULL), r = 0;
	uint8_t *p;

	if (fd < 0)
		return 0;
	if ((uint64_t)st.st_size > max)
		r = note_unresolved(f, path, "too large to be read");
	else if (!(p = buf_reserve(b, (size_t)st.st_size)))
		r = err_set(f->e, -ENOMEM, "no memory");
	else
		r = io_read_exact(fd, p, (size_t)st.st_size, 0, path, f->e);
	close(fd);
	return r;
}

static int never(const char *path, bool hwcaps, void *arg)
{
	(void)path;
	(void)hwcaps;
	(void)arg;
	return 0;
}

/* Without the cache only the directories are left: to be said. */
static int read_cache(struct finder *f)
{
	struct err why = {0};
	int r = read_small(f, CACHE, LDCACHE_MAX, &f->cache);

	if (!r && f->cache.len && ldcache_find(f->cache.data, f->cache.len, "", never, NULL, &why))
		r = note_unresolved(f, CACHE, why.text);
	return r;
}

/* Loaded into every program that has a loader; separated by white space and colons. */
static int add_preloaded(struct finder *f)
{
	struct buf b = BUF_INIT;
	char *save, *word;
	int r = read_small(f, PRELOAD, PRELOAD_MAX, &b);

	buf_add_u8(&b, 0);
	if (!r && b.failed)
		r = err_set(f->e, -ENOMEM, "no memory");
	if (!r)
		for (word = strtok_r((char *)b.data, " \t\r\n:", &save); word;
		     word = strtok_r(NULL, " \t\r\n:", &save))
			if (*word == '/')
				check_add(f->k, CHECK_PATH, word, PRELOAD, true, DIGLIM_USE_EXEC);
	buf_free(&b);
	return r;
}

int check_add_needs(struct check *k, size_t n, struct err *e)
{
	struct finder f = {.k = k,
			   .root = k->c->places.root[0] ? k->c->places.root : NULL,
			   .source = CHECK_PATH,
			   .e = e};
	int r = read_cache(&f);

	if (!r)
		r = add_preloaded(&f);
	progress_start(&k->progress, "Looking for libraries", n);
	for (size_t i = 0; !r && i < n; i++) {
		progress_step(&k->progress, i, k->items[i].path);
		r = do_program(&f, &k->items[i]);
	}
	progress_clear(&k->progress);
	tdestroy(f.seen, free);
	buf_free(&f.cache);
	if (!r && k->no_memory)
		r = err_set(e, -ENOMEM, "no memory");
	return r;
}
