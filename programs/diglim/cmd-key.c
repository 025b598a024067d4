/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim key: the keys whose lists the kernel takes. Each sub-verb has its own file. */
#include "cli.h"
#include "verbs.h"

static const struct cli_verb *const subverbs[] = {
	&verb_key_add,	&verb_key_list, &verb_key_remove, &verb_key_create, &verb_key_limit,
	&verb_key_sync, NULL,
};

static const char *const usage[] = {"key VERB [OPTION…] [ARGUMENT…]", NULL};

const struct cli_verb verb_key = {
	.name = "key",
	.summary = "Manage the keys that may vouch for software",
	.usage = usage,
	.sub = subverbs,
	.run = cli_run_sub,
};
