/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common-events.h"
#include "common-kernel.h"
#include "verbs.h"

static const char *const usage[] = {
	"log [--since TIME] [--since-seq N] [--refused] [--list-events]", NULL};

static const struct cli_option options[] = {
	{'t', "since", "TIME", "Only the last TIME (90s, 15m, 2h, 1d)"},
	{'s', "since-seq", "N", "Only events after number N since DIGLIM was attached"},
	EVENTS_FILTER_OPTIONS,
	{0, NULL, NULL, NULL},
};

#define OTHER_DRAINS_MS 300 /* what a 'diglim watch' needs to catch up */

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

/* Brings the spool up to date, if the programs are attached. */
static int catch_up(struct cli *c, struct events_filter *f, struct err *e)
{
	struct timespec wait = {0, OTHER_DRAINS_MS * 1000000};
	struct events_drain d = {0};
	struct engine *g = NULL;
	struct engine_status s;
	int r = engine_is_attached(NULL);

	if (r <= 0)
		return 0;
	r = engine_open(&g, e);
	if (!r)
		r = engine_status_get(g, &s, e);
	if (!r) {
		f->session = s.state.attached_ns;
		r = events_drain_start(&d, c, g, e);
		if (r > 0)
			r = events_drain(&d, 0, e);
		else if (!r)
			nanosleep(&wait, NULL);
	}
	events_drain_stop(&d);
	engine_close(g);
	return r < 0 ? r : 0;
}

static int log_run(struct cli *c, int argc, char **argv)
{
	struct spool_reader *reader = NULL;
	struct events_filter f = {0};
	struct err e = {0};
	int r;

	if (parse(c, argc, argv, &f) < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = catch_up(c, &f, &e);
	if (!r)
		r = spool_reader_open(c->places.run, 1, &reader, &e);
	if (r == -ENOENT) {
		cli_say("nothing was recorded since the last boot");
		return EXIT_YES;
	}
	if (!r)
		r = events_print(c, reader, &f, &e);
	spool_reader_close(reader);
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
