/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common-events.h"
#include "verbs.h"

static const char *const usage[] = {
	"log [--since TIME] [--since-seq N] [--refused] [--list-events]", NULL};

static const struct cli_option options[] = {
	{'t', "since", "TIME", "Only the last TIME (90s, 15m, 2h, 1d)"},
	{'s', "since-seq", "N", "Only events after number N since DIGLIM was attached"},
	EVENTS_FILTER_OPTIONS,
	{0, NULL, NULL, NULL},
};

static int parse_seq(const char *text, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno ? -EINVAL : 0;
}

static int parse(struct cli *c, int argc, char **argv, struct events_filter *f)
{
	uint64_t span;
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (events_filter_option(f, id))
			continue;
		if (id == 't' && config_span_parse(optarg, &span)) {
			cli_usage(c, "--since %s: must be like 90s, 15m, 2h or 1d", optarg);
			return -EINVAL;
		}
		if (id == 't' && span > (uint64_t)time(NULL)) {
			cli_usage(c, "--since %s: longer ago than 1970", optarg);
			return -ERANGE;
		}
		if (id == 't')
			f->since_us = ((int64_t)time(NULL) - (int64_t)span) * 1000000;
		if (id != 's')
			continue;
		f->by_seq = true;
		if (parse_seq(optarg, &f->since_seq)) {
			cli_usage(c, "--since-seq %s: must be a number", optarg);
			return -EINVAL;
		}
	}
	return id;
}

/* With --root it is about another system, of which there is only the spool. */
static int open_kernel(struct events_feed *f, struct err *e)
{
	int r = f->c->places.root[0] ? 0 : engine_is_attached(NULL);

	if (r <= 0)
		return 0;
	r = engine_open(&f->engine, e);
	return r ? r : events_feed_start(f, e);
}

/* What the spool has, then what only the kernel has. */
static int log_all(struct events_feed *f, struct err *e)
{
	uint64_t from = f->filter.since_seq;
	int r = open_kernel(f, e);

	if (r)
		return r;
	r = events_feed_spool(f, e);
	if (r == -ENOENT && !f->engine)
		cli_say("nothing was recorded since the last boot");
	if (r && r != -ENOENT)
		return r;
	if (!f->engine)
		return 0;
	events_feed_from(f, f->spooled > from ? f->spooled : from);
	return events_feed_poll(f, 0, e);
}

static int log_run(struct cli *c, int argc, char **argv)
{
	struct events_feed f = {.c = c};
	struct err e = {0};
	int r;

	if (parse(c, argc, argv, &f.filter) < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = log_all(&f, &e);
	engine_close(f.engine);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_log = {
	.name = "log",
	.summary = "Show what was refused, and what happened to lists",
	.usage = usage,
	.options = options,
	.lines = true,
	.root = true,
	.run = log_run,
};
