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

const struct cli_verb verb_attest_enrol = {
	.name = "enrol",
	.summary = "Show a CA that a key is in this machine's TPM",
	.usage = usage,
	.sub = subverbs,
	.run = cli_run_sub,
};
