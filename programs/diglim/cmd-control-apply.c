/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/sync/load.h"

static const char *const usage[] = {"control apply FILE", NULL};

static int control_apply_run(struct cli *c, int argc, char **argv)
{
	struct engine *g = NULL;
	struct err e = {0};
	int id = cli_option(c, argc, argv), r;

	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name one signed order");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = kernel_open(&g, &e);
	if (!r)
		r = sync_load_file(g, argv[optind], NULL, &e);
	engine_close(g);
	if (r) {
		cli_fail(c, &e);
		return kernel_refused_signature(r) ? EXIT_NO : EXIT_TROUBLE;
	}
	out_bool(c->out, "obeyed", NULL, true);
	out_line(c->out, OUT_GOOD, "[+]", "%s: obeyed", argv[optind]);
	return EXIT_YES;
}

const struct cli_verb verb_control_apply = {
	.name = "apply",
	.summary = "Give a signed order to the kernel",
	.usage = usage,
	.run = control_apply_run,
};
