/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim attest enrol: show a CA that a key is in this machine's TPM. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_attest_enrol_request,
	&verb_attest_enrol_answer,
	NULL,
};

static const char *const usage[] = {"attest enrol VERB [OPTION…] [ARGUMENT…]", NULL};

static int enrol_run(struct cli *c, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage(c, "say what to do: request or answer");
	if (argv[1][0] != '-')
		return cli_dispatch(c, subverbs, argc - 1, argv + 1);
	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	return cli_usage(c, "options stand behind the verb: %s", argv[1]);
}

const struct cli_verb verb_attest_enrol = {
	.name = "enrol",
	.summary = "Show a CA that a key is in this machine's TPM",
	.usage = usage,
	.sub = subverbs,
	.run = enrol_run,
};
