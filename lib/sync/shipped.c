/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"
#include "shipped.h"
#include "../../abi/error.h"
#include "../base/hex.h"
#include "../base/io.h"
#include "../policy/lists.h"

#define RECORD_MAX (64U << 20)
#define ID_HEX	   (2 * DIGLIM_LIST_ID_SIZE)

static const char *record_path(const struct places *places, char ret[PATH_MAX])
{
	/* Cannot be cut: the root takes at most half. */
	(void)snprintf(ret, PATH_MAX, "%.*s/shipped", PATH_MAX - 16, places->run);
	return ret;
}

/* "IDENTITY NAME" */
static int take_line(struct known *to, char *line, const char *path, struct err *e)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	size_t len = strlen(line);

	if (len < ID_HEX + 2 || line[ID_HEX] != ' ' || hex_decode(line, ID_HEX, id, sizeof(id)) < 0)
		return err_set(e, -EBADMSG,
			       "%s: damaged: lists that their package has no more may stay "
			       "loaded until DIGLIM is attached anew",
			       path);
	return known_add(to, id, NULL, line + ID_HEX + 1, e);
}

int shipped_read(const struct places *places, struct known *ret, struct err *e)
{
	char path[PATH_MAX], *line, *rest;
	struct buf text = BUF_INIT;
	int r = io_read_file(record_path(places, path), RECORD_MAX, &text, e);

	*ret = (struct known){0};
	if (r == -ENOENT) {
		e->code = 0;
		return 0;
	}
	buf_add_u8(&text, 0);
	if (!r && text.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	for (line = r ? NULL : strtok_r((char *)text.data, "\n", &rest); line && !r;
	     line = strtok_r(NULL, "\n", &rest))
		r = take_line(ret, line, path, e);
	if (r)
		known_done(ret);
	known_sort_ids(ret);
	buf_free(&text);
	return r;
}

int shipped_write(const struct places *places, const struct known *lists, struct err *e)
{
	char path[PATH_MAX], hex[ID_HEX + 1];
	struct buf text = BUF_INIT;
	struct io_part part;
	int r;

	for (size_t i = 0; i < lists->n; i++) {
		const struct known_list *l = &lists->lists[i];

		if (!l->flag)
			continue;
		buf_add(&text, hex_encode(l->id, sizeof(l->id), hex), ID_HEX);
		buf_add_u8(&text, ' ');
		/* A name with a line feed in it is shown up to there. */
		buf_add(&text, *l->name ? l->name : "-", strcspn(*l->name ? l->name : "-", "\n"));
		buf_add_u8(&text, '\n');
	}
	part = (struct io_part){text.data, text.len};
	r = text.failed ? err_set(e, -ENOMEM, "out of memory") : places_make_dir(places->run, e);
	if (!r)
		r = io_write_later(record_path(places, path), &part, 1, 0644, e);
	buf_free(&text);
	return r;
}

/* What is in one directory of lists. *unread: how many could not be read. */
static int look(const char *dir, struct known *ret, size_t *unread, struct err *e)
{
	struct lists l = {0};
	int r = lists_add(&l, dir, e);

	if (r == -ENOENT)
		r = 0;
	for (size_t i = 0; !r && i < l.n; i++) {
		uint8_t id[DIGLIM_LIST_ID_SIZE];
		enum diglim_list_type type;
		struct err why = {0};
		int read = sync_list_id(l.paths[i], id, &type, &why);

		if (read == -ENOMEM)
			r = err_set(e, read, "out of memory");
		else if (read)
			++*unread;
		else if (type != DIGLIM_LIST_CONTROL)
			r = known_add(ret, id, l.paths[i], strrchr(l.paths[i], '/') + 1, e);
	}
	lists_done(&l);
	return r;
}

static void flag_all(struct known *k)
{
	for (size_t i = 0; i < k->n; i++)
		k->lists[i].flag = true;
}

int shipped_note(const struct places *places, bool again, struct err *e)
{
	struct known now = {0};
	char path[PATH_MAX];
	size_t unread = 0;
	int r;

	if (!again && !access(record_path(places, path), F_OK))
		return 0;
	r = look(places->lists[PLACES_SHIPPED], &now, &unread, e);
	flag_all(&now);
	if (!r && (now.n || again))
		r = shipped_write(places, &now, e);
	known_done(&now);
	return r;
}

struct follow {
	const struct sync *s;
	void (*event)(const struct sync_event *ev, void *arg);
	void *arg;
	struct known now;    /* in the directory; flag: to be written down */
	struct known others; /* of the other directories, once they were looked at */
	struct err *e;
};

static void tell(struct follow *f, enum sync_what what, const struct known_list *l,
		 const struct err *why)
{
	const struct sync_event ev = {
		.what = what, .name = l->name, .path = l->path, .why = why ? why->text : NULL};

	if (f->event)
		f->event(&ev, f->arg);
}

static int load_new(struct follow *f, const struct known *before)
{
	for (size_t i = 0; i < f->now.n; i++) {
		const struct known_list *l = &f->now.lists[i];
		struct err why = {0};
		int r;

		if (known_by_id(before, l->id))
			continue;
		r = sync_load_file(f->s->g, l->path, NULL, &why);
		if (r == -ENOMEM)
			return err_set(f->e, r, "out of memory");
		if (r && r != -DIGLIM_E_EXISTS)
			tell(f, SYNC_REFUSED, l, &why);
		else if (!r)
			tell(f, SYNC_LOADED, l, NULL);
	}
	return 0;
}

/* The owner, or another package, may have the same list. */
static int look_elsewhere(struct follow *f)
{
	size_t unread = 0;
	int r = 0;

	for (int i = 0; !r && i < PLACES_LIST_DIRS; i++)
		if (i != PLACES_SHIPPED)
			r = look(f->s->places->lists[i], &f->others, &unread, f->e);
	known_sort_ids(&f->others);
	return r;
}

/* Written down as before. */
static int keep(struct follow *f, const struct known_list *l)
{
	int r = known_add(&f->now, l->id, NULL, l->name, f->e);

	if (!r)
		f->now.lists[f->now.n - 1].flag = true;
	return r;
}

static int unload_one(struct follow *f, const struct known_list *l)
{
	struct err why = {0};
	int r = engine_list_remove(f->s->g, l->id, &why);

	if (!r)
		tell(f, SYNC_UNLOADED, l, NULL);
	if (!r || r == -DIGLIM_E_ABSENT)
		return 0;
	tell(f, SYNC_REFUSED, l, &why);
	return keep(f, l); /* the next time tries again */
}

static int unload_gone(struct follow *f, const struct known *before)
{
	size_t n = f->now.n;
	bool looked = false;
	int r = 0;

	for (size_t i = 0; !r && i < before->n; i++) {
		const struct known there = {.lists = f->now.lists, .n = n};
		const struct known_list *l = &before->lists[i];

		if (known_by_id(&there, l->id))
			continue;
		if (!looked)
			r = look_elsewhere(f);
		looked = true;
		if (!r && !known_by_id(&f->others, l->id))
			r = unload_one(f, l);
	}
	return r;
}

static int keep_all(struct follow *f, const struct known *before)
{
	size_t n = f->now.n;
	int r = 0;

	for (size_t i = 0; !r && i < before->n; i++) {
		const struct known there = {.lists = f->now.lists, .n = n};

		if (!known_by_id(&there, before->lists[i].id))
			r = keep(f, &before->lists[i]);
	}
	return r;
}

int shipped_follow(const struct sync *s, void (*event)(const struct sync_event *ev, void *arg),
		   void *arg, struct err *e)
{
	struct follow f = {.s = s, .event = event, .arg = arg, .e = e};
	struct known before;
	size_t unread = 0;
	const struct known_list record = {.name = (char *)"shipped"};
	struct err why = {0};
	int r = shipped_read(s->places, &before, &why);

	if (r == -ENOMEM)
		return err_set(e, r, "out of memory");
	if (r)
		tell(&f, SYNC_REFUSED, &record, &why);
	r = look(s->places->lists[PLACES_SHIPPED], &f.now, &unread, e);
	known_sort_ids(&f.now);
	flag_all(&f.now);
	if (!r)
		r = load_new(&f, &before);
	if (!r && !unread)
		r = unload_gone(&f, &before);
	if (!r && unread)
		r = keep_all(&f, &before);
	if (!r)
		r = shipped_write(s->places, &f.now, e);
	known_done(&before);
	known_done(&f.now);
	known_done(&f.others);
	return r;
}
