/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known.h"
#include "load.h"
#include "scriptlets.h"
#include "shipped.h"
#include "stale.h"
#include "sync.h"
#include "../../abi/error.h"
#include "../base/io.h"
#include "../format/payload.h"
#include "../pkgdb/rpmdb.h"
#include "../policy/lists.h"

struct work {
	const struct sync *s;
	const struct sync_options *opt;
	struct sync_report *rep;
	uint64_t total;
	struct known wanted;  /* lists that should be there, and in the kernel */
	struct known loaded;  /* lists that are in the kernel; flag: follows packages */
	struct known shipped; /* what packages of lists had brought, sorted */
	bool shipped_unread;  /* not all that they bring now could be read */
	struct err *e;
};

static void tell(struct work *w, const struct sync_event *ev)
{
	w->rep->count[ev->what]++;
	if (w->opt->event)
		w->opt->event(ev, w->opt->arg);
}

static void tell_done(struct work *w, enum sync_what what, const char *name, const char *path)
{
	const struct sync_event ev = {.what = what, .name = name, .path = path};

	tell(w, &ev);
}

static void tell_refused(struct work *w, const char *name, const char *path, const struct err *why)
{
	const struct sync_event ev = {
		.what = SYNC_REFUSED, .name = name, .path = path, .why = why->text};

	tell(w, &ev);
}

/* The list of an installed package that somebody vouches for. */
static int want_package(struct work *w, const struct import_result *r)
{
	struct payload_info info = {0};
	struct err why = {0};
	char *path;
	int ret = import_path(r, w->s->places->lists[PLACES_MADE], &path, w->e);

	if (ret)
		return ret;
	ret = payload_walk(r->payload.data, r->payload.len, r->name, &info, NULL, NULL, w->e);
	if (!ret)
		ret = known_add(&w->wanted, info.list_id, path, r->name, w->e);
	if (!ret && !import_is_written(r, path)) {
		if (!w->opt->dry)
			ret = listfile_write_later(path, r->payload.data, r->payload.len,
						   r->sig.data, r->sig.len, &why);
		if (!ret)
			tell_done(w, SYNC_WRITTEN, r->name, path);
		else
			tell_refused(w, r->name, path, &why);
		ret = 0;
	}
	free(path);
	return ret;
}

static int see_package(const struct rpmpkg *p, const char *broken, void *arg)
{
	struct work *w = arg;
	struct import_result r = {0};
	struct err why = {0};
	int ret = 0;

	if (w->opt->step)
		w->opt->step(w->rep->packages, w->total, p->name, w->opt->arg);
	w->rep->packages++;
	if (!p->header.len) {
		err_set(&why, -EBADMSG, "%s", broken ? broken : "header is damaged");
		import_malformed(&r, p->name, &why);
	} else {
		ret = import_rpm(p, &w->s->import, &r, w->e);
	}
	if (!ret && r.outcome == IMPORT_OK)
		ret = want_package(w, &r);
	else if (!ret && r.outcome != IMPORT_NO_FILES)
		tell(w, &(struct sync_event){.what = SYNC_UNVOUCHED,
					     .name = r.name,
					     .why = r.text,
					     .way_out = r.way_out,
					     .outcome = r.outcome});
	import_result_done(&r);
	return ret;
}

static int walk_packages(struct work *w)
{
	int n = w->opt->files_only ? -ENOENT : rpmdb_count(w->opt->root, w->opt->dbpath, w->e);

	if (n == -ENOENT && (w->opt->files_only || !w->opt->dbpath)) {
		w->rep->no_database = true;
		return 0;
	}
	w->total = n > 0 ? (uint64_t)n : 0;
	n = n < 0 ? n : rpmdb_walk(w->opt->root, w->opt->dbpath, see_package, w, w->e);
	known_sort_paths(&w->wanted);
	return n;
}

/* A list file of whatever origin that stays. Control lists act once, and are not for keeping. */
static int want_file(struct work *w, int which, struct known *found, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	enum diglim_list_type type;
	struct err why = {0};
	int r = sync_list_id(path, id, &type, &why);

	if (r == -ENOMEM)
		return err_set(w->e, r, "out of memory");
	if (r) {
		w->shipped_unread |= which == PLACES_SHIPPED;
		tell_refused(w, name, path, &why);
		return 0;
	}
	return type == DIGLIM_LIST_CONTROL ? 0 : known_add(found, id, path, name, w->e);
}

static int delete_file(struct work *w, const char *path)
{
	struct err why = {0};

	if (!w->opt->dry && unlink(path) && errno != ENOENT) {
		err_set(&why, -errno, "%s: %s", path, strerror(errno));
		tell_refused(w, strrchr(path, '/') + 1, path, &why);
	} else {
		tell_done(w, SYNC_DELETED, strrchr(path, '/') + 1, path);
	}
	return 0;
}

static bool is_of_package(const char *path)
{
	return !strncmp(strrchr(path, '/') + 1, IMPORT_PREFIX "-", strlen(IMPORT_PREFIX "-"));
}

/* One directory: what is left over goes, what stays is noted in @found. */
static int look_at_dir(struct work *w, int which, struct known *found)
{
	struct lists l = {0};
	int r = lists_add(&l, w->s->places->lists[which], w->e);

	for (size_t i = 0; !r && i < l.n; i++) {
		const char *path = l.paths[i];
		bool ours = which == PLACES_MADE && !w->rep->no_database && is_of_package(path);

		if (ours && known_by_path(&w->wanted, path))
			continue;
		r = ours ? delete_file(w, path) : want_file(w, which, found, path);
	}
	lists_done(&l);
	return r == -ENOENT ? 0 : r;
}

static int has_package_lists(struct work *w)
{
	struct lists l = {0};
	int r = lists_add(&l, w->s->places->lists[PLACES_MADE], w->e);

	if (r == -ENOENT)
		r = 0;
	for (size_t i = 0; !r && i < l.n; i++)
		r = is_of_package(l.paths[i]);
	lists_done(&l);
	return r;
}

static int look_at_files(struct work *w)
{
	struct known found = {0};
	int r = 0;

	if (!w->rep->packages && !w->rep->no_database && has_package_lists(w) > 0)
		return err_set(w->e, -ENODATA,
			       "rpm's database has no package, and yet there are lists of "
			       "packages in %s: nothing is deleted",
			       w->s->places->lists[PLACES_MADE]);
	for (int i = 0; !r && i < PLACES_LIST_DIRS; i++)
		r = look_at_dir(w, i, &found);
	for (size_t i = 0; !r && i < found.n; i++)
		r = known_add(&w->wanted, found.lists[i].id, found.lists[i].path,
			      found.lists[i].name, w->e);
	known_done(&found);
	if (!r && !w->opt->dry)
		w->rep->count[SYNC_DELETED] += stale_delete(w->s->places->lists[PLACES_MADE]);
	return r;
}

/* rpm was killed while they ran. */
static bool is_left_scriptlet(const struct diglim_list_record *rec)
{
	return rec->format == DIGLIM_FORMAT_TLV && rec->type == DIGLIM_LIST_ALLOW &&
	       !strncmp(rec->name, SCRIPTLETS_NAME, strlen(SCRIPTLETS_NAME));
}

static int note_loaded(const uint8_t id[DIGLIM_LIST_ID_SIZE], const struct diglim_list_record *rec,
		       void *arg)
{
	struct work *w = arg;
	int r = known_add(&w->loaded, id, NULL, rec->name, w->e);

	if (!r)
		w->loaded.lists[w->loaded.n - 1].flag = rec->format == DIGLIM_FORMAT_RPM ||
							is_left_scriptlet(rec) ||
							known_by_id(&w->shipped, id);
	return r;
}

static bool is_room(int code)
{
	return code == -DIGLIM_E_FULL || code == -DIGLIM_E_LISTS_FULL;
}

/*
 * Loads what the kernel lacks. There may be room only once what is gone was unloaded, so @first
 * keeps silent about a full store; but before is better: no moment without an upgraded file.
 */
static int load_missing(struct work *w, bool first)
{
	for (size_t i = 0; i < w->wanted.n; i++) {
		struct known_list *l = &w->wanted.lists[i];
		struct err why = {0};
		int r = 0;

		if (l->flag || known_by_id(&w->loaded, l->id))
			continue;
		if (!w->opt->dry)
			r = sync_load_file(w->s->g, l->path, NULL, &why);
		if (r == -ENOMEM)
			return err_set(w->e, r, "out of memory");
		if (first && is_room(r))
			continue;
		l->flag = true;
		if (r && r != -DIGLIM_E_EXISTS)
			tell_refused(w, l->name, l->path, &why);
		else
			tell_done(w, SYNC_LOADED, l->name, l->path);
	}
	return 0;
}

/* Without a database of packages only what a package of lists had brought goes. */
static bool is_gone(const struct work *w, const struct known_list *l)
{
	bool shipped = known_by_id(&w->shipped, l->id);

	return l->flag && !known_by_id(&w->wanted, l->id) &&
	       (shipped ? !w->shipped_unread : !w->rep->no_database);
}

/* The next sync tries again. */
static void keep_noted(struct work *w, const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	for (size_t i = 0; i < w->shipped.n; i++)
		if (!memcmp(w->shipped.lists[i].id, id, DIGLIM_LIST_ID_SIZE))
			w->shipped.lists[i].flag = true;
}

static int unload_rest(struct work *w)
{
	for (size_t i = 0; i < w->loaded.n; i++) {
		const struct known_list *l = &w->loaded.lists[i];
		struct err why = {0};
		int r = 0;

		if (!is_gone(w, l))
			continue;
		if (!w->opt->dry)
			r = engine_list_remove(w->s->g, l->id, &why);
		if (r && r != -DIGLIM_E_ABSENT) {
			keep_noted(w, l->id);
			tell_refused(w, l->name, NULL, &why);
		} else {
			tell_done(w, SYNC_UNLOADED, l->name, NULL);
		}
	}
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return path && !strncmp(path, dir, len) && path[len] == '/';
}

/* Without it nothing that they had brought goes; in the end it is written anew. */
static int read_shipped(struct work *w)
{
	struct err why = {0};
	int r = shipped_read(w->s->places, &w->shipped, &why);

	if (r == -ENOMEM)
		return err_set(w->e, r, "out of memory");
	if (r)
		tell_refused(w, "shipped", NULL, &why);
	return 0;
}

/* What packages of lists bring now, and what they had brought and could not be unloaded. */
static int note_shipped(struct work *w)
{
	size_t n = w->wanted.n;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		w->wanted.lists[i].flag =
			is_below(w->wanted.lists[i].path, w->s->places->lists[PLACES_SHIPPED]);
	for (size_t i = 0; !r && i < w->shipped.n; i++) {
		const struct known there = {.lists = w->wanted.lists, .n = n};
		const struct known_list *l = &w->shipped.lists[i];

		if (!l->flag || known_by_id(&there, l->id))
			continue;
		r = known_add(&w->wanted, l->id, NULL, l->name, w->e);
		if (!r)
			w->wanted.lists[w->wanted.n - 1].flag = true;
	}
	return r ? r : shipped_write(w->s->places, &w->wanted, w->e);
}

static int sync_kernel(struct work *w)
{
	int r = engine_lists(w->s->g, note_loaded, w, w->e);

	if (r)
		return r;
	known_sort_ids(&w->loaded);
	known_sort_ids(&w->wanted);
	r = load_missing(w, true);
	if (!r)
		r = unload_rest(w);
	if (!r)
		r = load_missing(w, false);
	for (size_t i = 0; w->shipped_unread && i < w->shipped.n; i++)
		w->shipped.lists[i].flag = true;
	return r || w->opt->dry ? r : note_shipped(w);
}

int sync_all(const struct sync *s, const struct sync_options *opt, struct sync_report *ret,
	     struct err *e)
{
	struct work w = {.s = s, .opt = opt, .rep = ret, .e = e};
	int r;

	*ret = (struct sync_report){0};
	r = s->g ? read_shipped(&w) : 0;
	if (!r)
		r = walk_packages(&w);
	if (!r)
		r = look_at_files(&w);
	if (!r && ret->count[SYNC_WRITTEN] && !opt->dry)
		r = io_flush(s->places->lists[PLACES_MADE], e);
	if (!r && s->g)
		r = sync_kernel(&w);
	known_done(&w.wanted);
	known_done(&w.loaded);
	known_done(&w.shipped);
	return r;
}
