/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shipped.h"
#include "transaction.h"
#include "../pkgdb/rpmdigest.h"
#include "../policy/config.h"
#include "../policy/plainkeys.h"

#define LOCK_WAIT_S 60
#define SAY_MAX	    2048

/* A package that is being added. */
struct element {
	const void *who;
	struct sync_added added;
	bool settled;
};

struct sync_txn {
	struct places outside; /* with the root in front */
	struct places inside;  /* as seen from the root itself */
	struct config config;
	struct plainkeys keys; /* for what the kernel judges */
	struct judging judging;
	struct sync sync;
	struct engine *engine;
	struct scriptlets *scriptlets; /* NULL: the kernel does not ask for it */
	struct element *elements;
	size_t n;
	int lock;
	struct timespec shipped; /* when the directory of shipped lists changed last */
	bool begun;
	bool trouble; /* lists and database may differ */
	sync_say_fn say;
	void *arg;
};

__attribute__((format(printf, 3, 4))) static void say(struct sync_txn *t, bool bad, const char *fmt,
						      ...)
{
	char text[SAY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->say(bad, text, t->arg);
}

static void say_trouble(struct sync_txn *t, const char *name, const struct err *e)
{
	t->trouble = true;
	say(t, true, "%s: %s; 'diglim sync' puts it right", name, e->text);
}

/* sync_judge_fn: with all keys, not only the plain ones. */
static int judge(const struct sync *s, const struct rpmpkg *p, struct import_result *ret,
		 struct err *e)
{
	struct sync_txn *t = (void *)((char *)s - offsetof(struct sync_txn, sync));
	struct import_options opt = s->import;
	int r = judging_call(&t->judging, &t->outside, e);

	opt.vendor_keys = &t->judging.keys.set[KEYS_VENDOR];
	return r ?: t->judging.judge->import(p, &opt, ret, e);
}

static void open_scriptlets(struct sync_txn *t)
{
	struct engine_status st;
	struct err e = {0};
	int r = engine_status_get(t->engine, &st, &e);

	if (!r && st.control.interpreters != DIGLIM_INTERPRETERS_STRICT)
		return;
	r = r ?: judging_call(&t->judging, &t->outside, &e);
	r = r ?: t->judging.judge->scriptlets_open(&t->scriptlets, t->engine, &t->config, &e);
	if (r)
		say(t, true, "scriptlets: %s", e.text);
}

/*
 * Only the running system's kernel, and only if we are attached to it. Without a kernel all is
 * judged here, and that of another root is called now: inside of it, he would not be found.
 */
static void open_engine(struct sync_txn *t)
{
	struct err e = {0};
	int r = t->outside.root[0] ? 0 : engine_is_attached(&e);

	if (r > 0)
		r = engine_open(&t->engine, &e);
	if (r < 0)
		say_trouble(t, "the kernel is not told", &e);
	t->sync.g = t->engine;
	if (t->engine) {
		(void)plainkeys_read(&t->keys, &t->outside, rpmdigest_sha1, NULL);
		open_scriptlets(t);
	} else if (t->outside.root[0]) {
		(void)judging_call(&t->judging, &t->outside, NULL);
	}
}

static void vouch_scriptlets(struct sync_txn *t, const struct rpmpkg *p)
{
	struct err e = {0};

	if (t->scriptlets && t->judging.judge->scriptlets_vouch(t->scriptlets, p, &e))
		say(t, true, "scriptlets of %s: %s", p->name, e.text);
}

bool sync_txn_has_scriptlets(const struct sync_txn *t)
{
	return t->scriptlets;
}

void sync_txn_vouch_scriptlets(struct sync_txn *t, const struct rpmpkg *p)
{
	struct import_result res = {0};

	if (!t->scriptlets || judge(&t->sync, p, &res, NULL))
		return;
	if (res.outcome == IMPORT_OK || res.outcome == IMPORT_NO_FILES)
		vouch_scriptlets(t, p);
	import_result_done(&res);
}

static int take_lock(struct sync_txn *t)
{
	struct err e = {0};

	t->lock = sync_lock(&t->outside, LOCK_WAIT_S, &e);
	if (t->lock < 0 && t->lock != -ENOENT)
		say_trouble(t, "lists", &e);
	return t->lock;
}

static void use_places(struct sync_txn *t, bool inside)
{
	t->sync.places = inside ? &t->inside : &t->outside;
}

/* Zero without it. */
static struct timespec shipped_time(const struct sync_txn *t)
{
	struct stat st;

	if (stat(t->outside.lists[PLACES_SHIPPED], &st))
		return (struct timespec){0};
	return st.st_mtim;
}

/* Packages may bring lists, or take away those that they had brought. */
static void begin_shipped(struct sync_txn *t)
{
	struct err e = {0};

	if (!t->engine)
		return;
	t->shipped = shipped_time(t);
	if (t->shipped.tv_sec && shipped_note(&t->outside, false, &e))
		say_trouble(t, "lists of packages", &e);
}

static void say_shipped(const struct sync_event *ev, void *arg)
{
	struct sync_txn *t = arg;

	if (ev->what == SYNC_REFUSED)
		t->trouble = true;
	say(t, ev->what == SYNC_REFUSED, "%s: %s%s%s", ev->name,
	    ev->what == SYNC_UNLOADED ? "its package has this list no more: "
	    : ev->what == SYNC_LOADED ? "brought by a package: "
				      : "",
	    ev->why ? ev->why : sync_what_name(ev->what),
	    ev->why ? "; 'diglim sync' tries again" : "");
}

static void follow_shipped(struct sync_txn *t)
{
	struct timespec now;
	struct err e = {0};

	if (!t->engine)
		return;
	now = shipped_time(t);
	if (now.tv_sec == t->shipped.tv_sec && now.tv_nsec == t->shipped.tv_nsec)
		return;
	use_places(t, false);
	if (shipped_follow(&t->sync, say_shipped, t, &e))
		say_trouble(t, "lists of packages", &e);
}

static void set_up(struct sync_txn *t)
{
	struct err why = {0};

	if (config_read(t->outside.conf, &t->config, &why)) {
		say_trouble(t, "configuration", &why);
		config_defaults(&t->config);
	}
	t->sync.judge = judge;
	t->sync.import.vendor_keys = &t->keys.vendor;
	t->sync.import.ingest_buffer = t->config.ingest_buffer;
	open_engine(t);
	begin_shipped(t);
}

int sync_txn_begin(struct sync_txn **ret, const char *root, sync_say_fn say_fn, judge_find_fn find,
		   void *arg, struct err *e)
{
	struct sync_txn *t = calloc(1, sizeof(*t));
	struct err why = {0};
	int r;

	*ret = NULL;
	if (!t)
		return err_set(e, -ENOMEM, "out of memory");
	t->say = say_fn;
	t->arg = arg;
	t->judging = (struct judging){.find = find, .arg = arg};
	t->lock = -1;
	r = places_set(&t->outside, root, &why);
	r = r ?: places_set(&t->inside, NULL, &why);
	if (r)
		say_trouble(t, "lists", &why);
	if (r || take_lock(t) == -ENOENT) {
		sync_txn_free(t);
		return 0;
	}
	set_up(t);
	t->begun = true;
	*ret = t;
	return 0;
}

static struct element *find(const struct sync_txn *t, const void *who)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->elements[i].who == who)
			return &t->elements[i];
	return NULL;
}

bool sync_txn_has(const struct sync_txn *t, const void *who)
{
	return find(t, who);
}

static struct element *new_element(struct sync_txn *t, const void *who)
{
	struct element *all = realloc(t->elements, (t->n + 1) * sizeof(*all));

	if (!all)
		return NULL;
	t->elements = all;
	all[t->n] = (struct element){.who = who};
	return &all[t->n++];
}

/* Nobody vouches for it, or the kernel does not take it: as the owner wishes. */
static int complain(struct sync_txn *t, const char *name, const char *why, const char *way_out)
{
	bool refuse = t->config.unvouched == CONFIG_REFUSE;

	say(t, refuse, "%s: %s%s%s%s", name, why, *way_out ? "; " : "", way_out,
	    refuse ? "; refused by unvouched in [packages] of diglim.conf" : "");
	return refuse ? -EPERM : 0;
}

int sync_txn_add(struct sync_txn *t, const void *who, const struct rpmpkg *p, bool inside)
{
	struct import_result why = {0};
	struct err e = {0};
	struct element *el;
	int r;

	if (find(t, who))
		return 0;
	el = new_element(t, who);
	if (!el) {
		err_set(&e, -ENOMEM, "out of memory");
		say_trouble(t, p->name, &e);
		return 0;
	}
	use_places(t, inside);
	r = sync_add(&t->sync, p, &why, &el->added, &e);
	if (why.outcome == IMPORT_OK || why.outcome == IMPORT_NO_FILES)
		vouch_scriptlets(t, p);
	if (r > 0)
		return 0;
	if (!r)
		return complain(t, p->name, why.text, why.way_out);
	t->trouble = true;
	return complain(t, p->name, e.text, "'diglim sync' tries again");
}

/* Erased and added again in one transaction: the list is the new one's. */
static bool is_added(const struct sync_txn *t, const struct rpmpkg *p)
{
	char name[DIGLIM_NAME_MAX + 32];

	import_file_name(IMPORT_PREFIX, p->name, name, sizeof(name));
	for (size_t i = 0; i < t->n; i++) {
		const char *path = t->elements[i].added.path;

		if (path && !strcmp(strrchr(path, '/') + 1, name))
			return true;
	}
	return false;
}

void sync_txn_remove(struct sync_txn *t, const struct rpmpkg *p, bool inside)
{
	struct err e = {0};

	use_places(t, inside);
	if (!is_added(t, p) && sync_remove(&t->sync, p, &e) < 0)
		say_trouble(t, p->name, &e);
}

/* Paths were taken down inside of the root. */
static int move_outside(const struct sync_txn *t, struct sync_added *a)
{
	char *path;

	if (!t->outside.root[0] || !a->path)
		return 0;
	if (asprintf(&path, "%s%s", t->outside.root, a->path) < 0)
		return -ENOMEM;
	free(a->path);
	a->path = path;
	return 0;
}

void sync_txn_settle(struct sync_txn *t, const void *who, bool installed, bool failed)
{
	struct element *el = find(t, who);
	struct err e = {0};

	if (!el || el->settled)
		return;
	el->settled = true;
	use_places(t, false);
	if (installed && failed && el->added.old.len) {
		err_set(&e, -EAGAIN, "it is not known which of two builds is installed");
		say_trouble(t, "after a failure", &e);
	} else if (installed) {
		sync_settle(&t->sync, &el->added);
	} else if (move_outside(t, &el->added) || sync_take_back(&t->sync, &el->added, &e)) {
		say_trouble(t, "after a failure", &e);
	}
}

/* For doctor, which compares this time with that of the database. */
static void stamp(const struct sync_txn *t)
{
	if (t->begun && !t->trouble)
		utimensat(AT_FDCWD, t->outside.lists[PLACES_MADE], NULL, 0);
}

void sync_txn_end(struct sync_txn *t)
{
	for (size_t i = 0; i < t->n; i++)
		sync_added_done(&t->elements[i].added);
	free(t->elements);
	t->elements = NULL;
	t->n = 0;
	if (t->scriptlets)
		t->judging.judge->scriptlets_close(t->scriptlets);
	t->scriptlets = NULL;
	follow_shipped(t);
	t->engine = t->sync.g = engine_close(t->engine);
	judging_done(&t->judging);
	plainkeys_done(&t->keys);
	stamp(t);
	if (t->lock >= 0)
		close(t->lock);
	t->lock = -1;
}

void sync_txn_free(struct sync_txn *t)
{
	if (t)
		sync_txn_end(t);
	free(t);
}
