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

const struct cli_verb verb_control = {
	.name = "control",
	.summary = "Give orders to a sealed machine, signed by its owner",
	.usage = usage,
	.sub = subverbs,
	.run = cli_run_sub,
};
