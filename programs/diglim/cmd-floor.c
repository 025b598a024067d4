/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-rules.h"
#include "verbs.h"

static const char *const usage[] = {
	"floor PACKAGE=[EPOCH:]VERSION[-RELEASE]… [--lower] [--arch ARCH] [--name NAME]", NULL};

static const struct cli_option options[] = {
	{'l', "lower", NULL, "Permit these versions although newer ones were loaded"},
	{'a', "arch", "ARCH", "For this architecture only"},
	RULES_OPTIONS,
	{0, NULL, NULL, NULL},
};

struct args {
	struct rules_args rules;
	bool lower;
	const char *arch;
};

/* Cuts @text, PACKAGE=[EPOCH:]VERSION[-RELEASE], into its parts. */
static int cut(char *text, struct rulewrite_floor *f, struct err *e)
{
	char *version = strchr(text, '='), *release, *colon, *end = "";
	unsigned long epoch = 0;

	if (!version || version == text || !version[1])
		return err_set(e, -EINVAL, "%s: must be like openssl=1:3.0.7-16.el9", text);
	*version++ = '\0';
	colon = strchr(version, ':');
	if (colon) {
		epoch = strtoul(version, &end, 10);
		if (end != colon || epoch > UINT32_MAX)
			return err_set(e, -EINVAL, "%s: epoch of %s is no number", text, version);
		version = colon + 1;
	}
	release = strrchr(version, '-');
	if (release)
		*release++ = '\0';
	*f = (struct rulewrite_floor){
		.name = text, .epoch = (uint32_t)epoch, .version = version, .release = release};
	return 0;
}

static int add(struct rulewrite *w, const char *text, const struct args *a, struct err *e)
{
	char *copy = strdup(text);
	struct rulewrite_floor f;
	int r;

	if (!copy)
		return err_set(e, -ENOMEM, "out of memory");
	r = cut(copy, &f, e);
	if (!r) {
		f.arch = a->arch;
		f.lower = a->lower;
		rulewrite_floor(w, &f);
	}
	free(copy);
	return r;
}

static int floor_run(struct cli *c, int argc, char **argv)
{
	char name[DIGLIM_NAME_MAX];
	struct rulewrite w = {0};
	struct args a = {0};
	struct err e = {0};
	int id, r = 0;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'l')
			a.lower = true;
		else if (id == 'a')
			a.arch = optarg;
		else
			rules_take_option(&a.rules, id, optarg);
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name packages and their lowest versions");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	snprintf(name, sizeof(name), "floor %.100s", argv[optind]);
	for (int i = optind; !r && i < argc; i++)
		r = add(&w, argv[i], &a, &e);
	if (!r)
		r = rules_publish(c, &a.rules, DIGLIM_LIST_FLOOR, name, &w, &e);
	rulewrite_done(&w);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_floor = {
	.name = "floor",
	.summary = "Set the lowest version of packages that is taken",
	.usage = usage,
	.options = options,
	.run = floor_run,
};
