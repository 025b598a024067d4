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

const struct cli_verb verb_attest_ca = {
	.name = "ca",
	.summary = "Make sure that a key is in a machine's TPM, for those who certify it",
	.usage = usage,
	.sub = subverbs,
	.run = cli_run_sub,
};
