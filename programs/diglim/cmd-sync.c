/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/output/progress.h"
#include "../../lib/sync/sync.h"

#define LOCK_WAIT_S 60

static const char *const usage[] = {"sync [--dry-run] [--dbpath DIR] [--quiet]", NULL};

static const struct cli_option options[] = {
	{'n', "dry-run", NULL, "Say what would be done, change nothing"},
	{'b', "dbpath", "DIR", "Where rpm's database is, below --root"},
	{'q', "quiet", NULL, "Do not name packages that nobody vouches for"},
	{0, NULL, NULL, NULL},
};

struct job {
	struct cli *c;
	struct keys keys;
	struct sync sync;
	struct sync_options opt;
	struct sync_report report;
	struct progress progress;
	bool quiet, kernel;
};

static void show_json(struct out *o, const struct sync_event *ev)
{
	out_object(o, NULL, NULL);
	out_str(o, "what", NULL, sync_what_name(ev->what));
	out_str(o, "name", NULL, ev->name);
	if (ev->path)
		out_str(o, "file", NULL, ev->path);
	if (ev->what == SYNC_UNVOUCHED)
		out_str(o, "outcome", NULL, import_outcome_name(ev->outcome));
	if (ev->why)
		out_str(o, "reason", NULL, ev->why);
	if (ev->way_out && *ev->way_out)
		out_str(o, "way_out", NULL, ev->way_out);
	out_end(o);
}

static void show(const struct sync_event *ev, void *arg)
{
	static const char *const marks[SYNC_WHATS] = {"[+]", "[-]", "[+]", "[-]", "[?]", "[?]"};
	struct job *j = arg;
	struct out *o = j->c->out;

	if (ev->what == SYNC_UNVOUCHED && j->quiet)
		return;
	progress_clear(&j->progress);
	if (out_is_json(o)) {
		show_json(o, ev);
	} else if (ev->what == SYNC_REFUSED) {
		cli_say("%s", ev->why);
	} else if (ev->what == SYNC_UNVOUCHED) {
		out_line(o, OUT_WARN, marks[ev->what], "%s: %s", ev->name, ev->why);
		if (ev->way_out && *ev->way_out)
			out_line(o, OUT_PLAIN, NULL, "      %s", ev->way_out);
	} else {
		out_line(o, OUT_GOOD, marks[ev->what], "%s: %s%s", ev->name,
			 j->opt.dry ? "would be " : "", sync_what_name(ev->what));
	}
}

static void step(uint64_t done, uint64_t total, const char *name, void *arg)
{
	struct job *j = arg;

	if (!done)
		progress_start(&j->progress, "Looking at packages", total);
	progress_step(&j->progress, done, name);
}

static int summarise(struct job *j)
{
	const struct sync_report *rep = &j->report;
	struct out *o = j->c->out;
	size_t changes = 0;

	out_num(o, "packages", NULL, rep->packages);
	out_bool(o, "database", NULL, !rep->no_database);
	out_bool(o, "kernel", NULL, j->kernel);
	out_bool(o, "dry_run", NULL, j->opt.dry);
	out_object(o, "summary", NULL);
	for (int i = 0; i < SYNC_WHATS; i++) {
		out_num(o, sync_what_name((enum sync_what)i), NULL, rep->count[i]);
		if (i != SYNC_UNVOUCHED)
			changes += rep->count[i];
	}
	out_end(o);
	if (rep->no_database)
		out_line(o, OUT_PLAIN, NULL, "No rpm database: lists of packages were left alone");
	out_line(o, OUT_BOLD, NULL,
		 "%zu packages, %zu of them not vouched for; lists: %zu %s, %zu %s, %zu %s, %zu %s",
		 rep->packages, rep->count[SYNC_UNVOUCHED], rep->count[SYNC_WRITTEN], "written",
		 rep->count[SYNC_DELETED], "deleted", rep->count[SYNC_LOADED], "loaded",
		 rep->count[SYNC_UNLOADED], j->opt.dry ? "unloaded (dry run)" : "unloaded");
	if (rep->count[SYNC_REFUSED])
		out_line(o, OUT_BAD, NULL, "%zu lists could not be written or loaded",
			 rep->count[SYNC_REFUSED]);
	return rep->count[SYNC_REFUSED] || (j->opt.dry && changes) ? EXIT_NO : EXIT_YES;
}

/* Below another root the kernel is none of our business. */
static int open_kernel(struct job *j, struct err *e)
{
	int r;

	if (j->c->places.root[0])
		return 0;
	r = engine_is_attached(e);
	return r > 0 ? engine_open(&j->sync.g, e) : r;
}

static int sync_locked(struct job *j, struct err *e)
{
	int r = open_kernel(j, e), lock = -1;

	if (!r && !j->opt.dry) {
		r = places_make_dir(j->c->places.lists[PLACES_MADE], e);
		if (!r)
			lock = sync_lock(&j->c->places, LOCK_WAIT_S, e);
		if (lock < 0 && !r)
			r = lock;
	}
	if (!r) {
		out_array(j->c->out, "changes", NULL);
		r = sync_all(&j->sync, &j->opt, &j->report, e);
		out_end(j->c->out);
	}
	progress_clear(&j->progress);
	if (lock >= 0)
		close(lock);
	j->kernel = j->sync.g;
	j->sync.g = engine_close(j->sync.g);
	return r;
}

static int sync_run(struct cli *c, int argc, char **argv)
{
	struct job j = {.c = c, .opt = {.event = show, .step = step, .arg = &j}};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'n')
			j.opt.dry = true;
		else if (id == 'b')
			j.opt.dbpath = optarg;
		else if (id == 'q')
			j.quiet = true;
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	j.opt.root = c->places.root[0] ? c->places.root : NULL;
	r = keys_read(&j.keys, &c->places, &e);
	j.sync.places = &c->places;
	j.sync.import.vendor_keys = &j.keys.set[KEYS_VENDOR];
	j.sync.import.ingest_buffer = c->config.ingest_buffer;
	r = r ? r : sync_locked(&j, &e);
	keys_done(&j.keys);
	return r ? cli_fail(c, &e) : summarise(&j);
}

const struct cli_verb verb_sync = {
	.name = "sync",
	.summary = "Make lists and kernel follow the installed packages",
	.usage = usage,
	.options = options,
	.root = true,
	.run = sync_run,
};
