/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim attest: proof of the software state to others. Each sub-verb has its own file. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_attest_predict, &verb_attest_log,
	&verb_attest_key,     &verb_attest_quote,
	&verb_attest_verify,  &verb_attest_export,
	&verb_attest_enrol,   &verb_attest_ca,
	&verb_attest_secret,  NULL,
};

static const char *const usage[] = {"attest VERB [OPTION…] [ARGUMENT…]", NULL};

const struct cli_verb verb_attest = {
	.name = "attest",
	.summary = "Prove the software state to others, and check such proofs",
	.usage = usage,
	.sub = subverbs,
	.run = cli_run_sub,
};
