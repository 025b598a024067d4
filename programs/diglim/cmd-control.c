/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim control: the owner's way into a sealed machine. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_control_new,
	&verb_control_sign,
	&verb_control_apply,
	NULL,
};

static const char *const usage[] = {"control VERB [OPTION…] [ARGUMENT…]", NULL};

static int control_run(struct cli *c, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage(c, "say what to do: new, sign or apply");
	if (argv[1][0] != '-')
		return cli_dispatch(c, subverbs, argc - 1, argv + 1);
	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	return cli_usage(c, "options stand behind the verb: %s", argv[1]);
}

const struct cli_verb verb_control = {
	.name = "control",
	.summary = "Give orders to a sealed machine, signed by its owner",
	.usage = usage,
	.sub = subverbs,
	.run = control_run,
};
