/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which BPF programs of others may ask DIGLIM (abi/query.h). */
#include <errno.h>

#include "cli.h"
#include "verbs.h"
#include "../../lib/engine/query.h"

static const char *const usage[] = {"query [--remove] [PROGRAM...]", NULL};

static const char *const text[] = {"PROGRAM is the number of a loaded BPF program (bpftool prog) "
				   "or the path of its pin. Without",
				   "it, the programs that may ask are listed.", NULL};

static const struct cli_option options[] = {
	{'r', "remove", NULL, "Take the permission back"},
	{0, NULL, NULL, NULL},
};

static int show(uint32_t program_id, void *arg)
{
	struct out *o = arg;

	out_object(o, NULL, NULL);
	out_num_as(o, "program", "Program", program_id, "%u", program_id);
	out_end(o);
	return 0;
}

static int list(struct cli *c)
{
	struct err e = {0};
	int r;

	out_array(c->out, "programs", NULL);
	r = engine_query_list(show, c->out, &e);
	out_end(c->out);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

static int change(struct cli *c, const char *program, bool take)
{
	struct err e = {0};
	uint32_t id = 0;
	int r = take ? engine_query_detach(program, &e) : engine_query_attach(program, &id, &e);

	out_object(c->out, NULL, NULL);
	out_str(c->out, "asked", NULL, program);
	out_bool(c->out, "done", NULL, !r);
	if (r)
		out_str(c->out, "error", NULL, e.text);
	out_end(c->out);
	if (!r)
		out_line(c->out, OUT_GOOD, "[+]", "%s: %s", program,
			 take ? "may no longer ask" : "may ask");
	else
		cli_say("%s", e.text);
	if (!r)
		return EXIT_YES;
	return r == -EEXIST || r == -ENOENT ? EXIT_NO : EXIT_TROUBLE;
}

static int query_run(struct cli *c, int argc, char **argv)
{
	int id, worst = EXIT_YES;
	bool take = false;

	while ((id = cli_option(c, argc, argv)) > 0)
		take = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (take && optind == argc)
		return cli_usage(c, "name the programs");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	if (optind == argc)
		return list(c);
	out_array(c->out, "programs", NULL);
	for (; optind < argc; optind++) {
		int status = change(c, argv[optind], take);

		worst = status > worst ? status : worst;
	}
	out_end(c->out);
	return worst;
}

const struct cli_verb verb_query = {
	.name = "query",
	.summary = "Let BPF programs of others ask what is vouched for",
	.usage = usage,
	.text = text,
	.options = options,
	.run = query_run,
};
