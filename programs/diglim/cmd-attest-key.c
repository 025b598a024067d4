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

const struct cli_verb verb_attest_key = {
	.name = "key",
	.summary = "Manage keys of the TPM that work in an approved state only",
	.usage = usage,
	.sub = subverbs,
	.run = cli_run_sub,
};
