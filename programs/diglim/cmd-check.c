/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common-check.h"
#include "verbs.h"

static const char *const usage[] = {"check [--early]", NULL};

static const struct cli_option options[] = {
	{'e', "early", NULL, "The initramfs counts, too: DIGLIM is to start before it"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Looks at running programs and their libraries, at what units and cron start, at the "
	"programs",
	"in PATH, at kernel modules and at the initramfs. Exit status 0: all of it would go on "
	"under",
	"enforce, 1: something would be refused, or could not be looked at.", NULL};

static int check_run(struct cli *c, int argc, char **argv)
{
	struct check k = {.c = c};
	struct err e = {0};
	int id, r, status;

	while ((id = cli_option(c, argc, argv)) > 0)
		k.early = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "check takes no arguments");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = vouch_open(&k.vouch, c, true, &e);
	if (!r)
		r = check_collect(&k, &e);
	if (!r)
		r = check_judge(&k, &e);
	status = r ? cli_fail(c, &e) : check_show(&k);
	check_done(&k);
	return status;
}

const struct cli_verb verb_check = {
	.name = "check",
	.summary = "Tell what would break if it were enforced now",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = check_run,
};
