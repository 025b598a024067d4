/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim attest key: keys of the TPM that work in the approved state only. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_attest_key_create,
	&verb_attest_key_approve,
	&verb_attest_key_list,
	NULL,
};

static const char *const usage[] = {"attest key VERB [OPTION…] [ARGUMENT…]", NULL};

static int key_run(struct cli *c, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage(c, "say what to do: create, approve or list");
	if (argv[1][0] != '-')
		return cli_dispatch(c, subverbs, argc - 1, argv + 1);
	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	return cli_usage(c, "options stand behind the verb: %s", argv[1]);
}

const struct cli_verb verb_attest_key = {
	.name = "key",
	.summary = "Manage keys of the TPM that work in an approved state only",
	.usage = usage,
	.sub = subverbs,
	.run = key_run,
};
