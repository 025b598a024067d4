/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-judge.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../abi/error.h"
#include "../../lib/engine/keyring.h"
#include "../../lib/output/progress.h"
#include "../../lib/output/names.h"
#include "../../lib/sync/begin.h"
#include "../../lib/sync/load.h"
#include "../../lib/sync/shipped.h"

static const char *const usage[] = {"attach [--accept-reduced]", NULL};

static const struct cli_option options[] = {
	{'r', "accept-reduced", NULL, "Go on although the kernel lacks a hook"},
	{0, NULL, NULL, NULL},
};

struct attach {
	struct cli *c;
	bool accept_reduced;
	struct keys keys;
	struct lists lists;
	struct kernel_rings rings;
	struct sync_amount amount;
	size_t loaded, twice, failed_lists, failed_keys;
	bool not_enforcing; /* although the configuration says so */
};

static void step(size_t done, const char *path, void *arg)
{
	progress_step(arg, done, path);
}

static void survey(struct attach *a)
{
	struct progress p;

	progress_start(&p, "Reading lists", a->lists.n);
	sync_survey(&a->lists, &a->amount, step, &p);
	progress_clear(&p);
}

static int open_rings(struct attach *a, struct err *e)
{
	int r = keyring_open(KEYRING_VENDOR, &a->rings.serial[KEYS_VENDOR], e);

	if (!r)
		r = keyring_open(KEYRING_OWNER, &a->rings.serial[KEYS_OWNER], e);
	if (!r)
		r = keyring_open(KEYRING_RESTRICTED, &a->rings.serial[KEYS_RESTRICTED], e);
	return r ? r : kernel_fill_rings(&a->rings, &a->keys, &a->failed_keys, e);
}

static int start(struct attach *a, struct err *e)
{
	struct engine_config cfg;
	int r = sync_engine_config(&a->c->config, a->amount.digests, a->lists.n, &cfg, e);

	if (r)
		return r;
	cfg.restricted_keyring = a->rings.serial[KEYS_RESTRICTED];
	cfg.accept_reduced = a->accept_reduced;
	return engine_attach(&cfg, a->rings.serial[KEYS_VENDOR], a->rings.serial[KEYS_OWNER], e);
}

static void load_all(struct attach *a, struct engine *g)
{
	struct progress p;

	progress_start(&p, "Loading lists", a->lists.n);
	for (size_t i = 0; i < a->lists.n; i++) {
		struct err why = {0};
		int r;

		progress_step(&p, i, a->lists.paths[i]);
		r = sync_load_file(g, a->lists.paths[i], NULL, &why);
		a->loaded += !r;
		a->twice += r == -DIGLIM_E_EXISTS;
		if (!r || r == -DIGLIM_E_EXISTS)
			continue;
		progress_clear(&p);
		cli_say("%s: skipped", why.text);
		a->failed_lists++;
	}
	progress_clear(&p);
}

/* The configured mode; audit instead of an enforce that nobody could end. */
static int set_mode(struct attach *a, struct engine *g, enum diglim_mode *mode, struct err *e)
{
	int r = 1;

	*mode = a->c->config.mode;
	if (*mode == DIGLIM_MODE_ENFORCE)
		r = judge_can_return(g, e);
	if (r < 0)
		return r;
	if (!r) {
		*mode = DIGLIM_MODE_AUDIT;
		a->not_enforcing = true;
		cli_say("staying in audit mode: only a reboot could end enforcing");
	}
	return engine_mode_set(g, *mode, 0, e);
}

static int fill(struct attach *a, struct err *e)
{
	struct out *o = a->c->out;
	struct engine_status s = {0};
	struct engine *g = NULL;
	struct err why = {0};
	enum diglim_mode mode;
	int r = engine_open(&g, e);

	if (r)
		return r;
	load_all(a, g);
	if (shipped_note(&a->c->places, true, &why))
		cli_say("lists of packages: %s", why.text);
	r = set_mode(a, g, &mode, e);
	if (!r)
		r = engine_status_get(g, &s, e);
	engine_close(g);
	if (r)
		return r;
	out_bool(o, "attached", NULL, true);
	out_str(o, "mode", "Mode", names_mode(mode));
	out_num(o, "lists", "Lists", a->loaded);
	out_num(o, "lists_skipped", NULL, a->failed_lists);
	out_num(o, "lists_twice", NULL, a->twice);
	out_num_as(o, "digests", "Digests", s.state.digests, "%llu, room for %u",
		   (unsigned long long)s.state.digests, s.store_limit);
	out_num(o, "digests_limit", NULL, s.store_limit);
	out_num(o, "keys_refused", NULL, a->failed_keys);
	if (a->failed_lists)
		out_label(o, OUT_BAD, "Skipped", "%zu lists", a->failed_lists);
	return 0;
}

static int attach_all(struct attach *a, struct err *e)
{
	int r = engine_is_attached(e);

	if (r)
		return r < 0 ? r : err_set(e, -EEXIST, "DIGLIM is attached already");
	r = keys_read(&a->keys, &a->c->places, e);
	if (!r)
		r = lists_add_places(&a->lists, &a->c->places, e);
	if (!r)
		survey(a);
	for (size_t i = 0; !r && i < a->keys.n_files; i++)
		if (a->keys.files[i].broken.code) {
			cli_say("%s: left out", a->keys.files[i].broken.text);
			a->failed_keys++;
		}
	if (!r && !a->keys.n_files)
		cli_say("no keys: 'diglim key add FILE' adds the one of your distribution");
	if (!r)
		r = open_rings(a, e);
	if (!r)
		r = start(a, e);
	if (r)
		return r;
	r = fill(a, e);
	if (r)
		engine_detach(NULL);
	return r;
}

static int attach_run(struct cli *c, int argc, char **argv)
{
	struct attach a = {.c = c};
	struct err e = {0};
	int id, status;

	while ((id = cli_option(c, argc, argv)) > 0)
		a.accept_reduced = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	if (attach_all(&a, &e))
		status = cli_fail(c, &e);
	else
		status = a.failed_lists || a.failed_keys || a.not_enforcing ? EXIT_NO : EXIT_YES;
	lists_done(&a.lists);
	keys_done(&a.keys);
	return status;
}

const struct cli_verb verb_attach = {
	.name = "attach",
	.summary = "Start judging: attach to the kernel and load all lists",
	.usage = usage,
	.options = options,
	.run = attach_run,
};
