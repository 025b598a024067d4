/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "cli.h"
#include "verbs.h"
#include "../../lib/engine/engine.h"

static const char *const usage[] = {"detach", NULL};

static int detach_run(struct cli *c, int argc, char **argv)
{
	struct err e = {0};
	int r;

	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = engine_detach(&e);
	if (r && r != -ENOENT)
		return cli_fail(c, &e);
	out_bool(c->out, "detached", NULL, !r);
	if (r)
		cli_say("DIGLIM is not attached");
	else
		out_line(c->out, OUT_PLAIN, NULL, "Detached: nothing is judged any more");
	return r ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_detach = {
	.name = "detach",
	.summary = "Stop judging and forget all lists",
	.usage = usage,
	.run = detach_run,
};
