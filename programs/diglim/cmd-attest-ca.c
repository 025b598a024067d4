/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim attest ca: make sure that a key is in a machine's TPM, for those who certify it. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_attest_ca_challenge,
	&verb_attest_ca_check,
	NULL,
};

static const char *const usage[] = {"attest ca VERB [OPTION…] [ARGUMENT…]", NULL};

static int ca_run(struct cli *c, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage(c, "say what to do: challenge or check");
	if (argv[1][0] != '-')
		return cli_dispatch(c, subverbs, argc - 1, argv + 1);
	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	return cli_usage(c, "options stand behind the verb: %s", argv[1]);
}

const struct cli_verb verb_attest_ca = {
	.name = "ca",
	.summary = "Make sure that a key is in a machine's TPM, for those who certify it",
	.usage = usage,
	.sub = subverbs,
	.run = ca_run,
};
