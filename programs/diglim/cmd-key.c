/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim key: the keys whose lists the kernel takes. Each sub-verb has its own file. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_key_add,	&verb_key_list, &verb_key_remove, &verb_key_create, &verb_key_limit,
	&verb_key_sync, NULL,
};

static const char *const usage[] = {"key VERB [OPTION…] [ARGUMENT…]", NULL};

static int key_run(struct cli *c, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage(c, "say what to do: add, list, remove, create, limit or sync");
	if (argv[1][0] != '-')
		return cli_dispatch(c, subverbs, argc - 1, argv + 1);
	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	return cli_usage(c, "options stand behind the verb: %s", argv[1]);
}

const struct cli_verb verb_key = {
	.name = "key",
	.summary = "Manage the keys that may vouch for software",
	.usage = usage,
	.sub = subverbs,
	.run = key_run,
};
