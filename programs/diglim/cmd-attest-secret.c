/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_attest_secret_seal, &verb_attest_secret_open, &verb_attest_secret_import,
	&verb_attest_secret_signatures, NULL};

static const char *const usage[] = {"attest secret VERB [OPTION…] [ARGUMENT…]", NULL};

static const char *const text[] = {
	"A secret that the TPM gives out in an approved state only: the key of EVM, or of a "
	"volume.",
	"It is approved like a key, by 'diglim attest key approve'.",
	NULL,
};

const struct cli_verb verb_attest_secret = {
	.name = "secret",
	.summary = "Keep secrets that the TPM gives out in an approved state only",
	.usage = usage,
	.text = text,
	.sub = subverbs,
	.run = cli_run_sub,
};
