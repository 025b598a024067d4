/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "common-kernel.h"
#include "verbs.h"
#include "../../abi/error.h"
#include "../../lib/output/progress.h"
#include "../../lib/sync/load.h"

static const char *const usage[] = {"load FILE|DIR…", NULL};

struct load {
	struct cli *c;
	struct engine *g;
	size_t loaded, twice, failed;
	int status;
};

static void show(struct load *l, const char *path, const char *name, const char *outcome,
		 const char *why)
{
	struct out *o = l->c->out;

	out_object(o, NULL, NULL);
	out_str(o, "file", NULL, path);
	if (name[0])
		out_str(o, "name", NULL, name);
	out_str(o, "outcome", NULL, outcome);
	if (why)
		out_str(o, "reason", NULL, why);
	out_end(o);
	if (why)
		cli_say("%s", why);
	else
		out_line(o, OUT_GOOD, *outcome == 'l' ? "[+]" : "[=]", "%s: %s",
			 *name ? name : path, outcome);
}

static void load_one(struct load *l, const char *path)
{
	char name[DIGLIM_NAME_MAX] = "";
	struct err why = {0};
	int r = sync_load_file(l->g, path, name, &why);

	if (!r) {
		l->loaded++;
		show(l, path, name, "loaded", NULL);
	} else if (r == -DIGLIM_E_EXISTS) {
		l->twice++;
		show(l, path, name, "loaded before", NULL);
	} else {
		l->failed++;
		if (!kernel_refused_signature(r) || r == -DIGLIM_E_NO_SIGNATURE)
			l->status = EXIT_TROUBLE;
		else if (!l->status)
			l->status = EXIT_NO;
		show(l, path, name, "refused", why.text);
	}
}

static int load_paths(struct load *l, const struct lists *paths)
{
	struct progress p;

	progress_start(&p, "Loading lists", paths->n);
	out_array(l->c->out, "lists", NULL);
	for (size_t i = 0; i < paths->n; i++) {
		progress_step(&p, i, paths->paths[i]);
		progress_clear(&p);
		load_one(l, paths->paths[i]);
	}
	out_end(l->c->out);
	progress_clear(&p);
	out_num(l->c->out, "loaded", NULL, l->loaded);
	out_num(l->c->out, "loaded_before", NULL, l->twice);
	out_num(l->c->out, "refused", NULL, l->failed);
	if (paths->n > 1)
		out_line(l->c->out, OUT_BOLD, NULL, "%zu loaded, %zu loaded before, %zu refused",
			 l->loaded, l->twice, l->failed);
	return l->status;
}

static int load_run(struct cli *c, int argc, char **argv)
{
	struct load l = {.c = c};
	struct lists paths = {0};
	struct err e = {0};
	int r, status;

	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name the lists, or directories of them");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = kernel_open(&l.g, &e);
	for (int i = optind; !r && i < argc; i++)
		r = lists_add(&paths, argv[i], &e);
	status = r ? cli_fail(c, &e) : load_paths(&l, &paths);
	lists_done(&paths);
	engine_close(l.g);
	return status;
}

const struct cli_verb verb_load = {
	.name = "load",
	.summary = "Give lists to the kernel",
	.usage = usage,
	.run = load_run,
};
