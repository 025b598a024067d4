/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>

#include "common-events.h"
#include "common-kernel.h"
#include "verbs.h"

static const char *const usage[] = {"watch [--refused] [--list-events]", NULL};

static const struct cli_option options[] = {
	EVENTS_FILTER_OPTIONS,
	{0, NULL, NULL, NULL},
};

#define POLL_MS	     200
#define CHECK_ROUNDS 10 /* how often the attachment and the lock are looked at */

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

/* Is it still the attachment that was there at the start? 1 yes, 0 no. */
static int is_same(struct events_feed *f, struct err *e)
{
	struct engine_status s;
	int r = engine_is_attached(e);

	if (r <= 0)
		return r;
	r = engine_status_get(f->engine, &s, e);
	return r ? r : s.state.attached_ns == f->clock.session;
}

/* 1: detached. */
static int watch_round(struct events_feed *f, unsigned round, struct err *e)
{
	int r;

	if (round % CHECK_ROUNDS == 0) {
		r = is_same(f, e);
		if (r <= 0)
			return r < 0 ? r : 1;
		r = f->spool ? 0 : events_feed_record(f, e);
		if (r < 0)
			return r;
	}
	return events_feed_poll(f, POLL_MS, e);
}

static int watch_all(struct events_feed *f, struct err *e)
{
	int r = kernel_open(&f->engine, e);

	if (!r)
		r = events_feed_start(f, e);
	if (r)
		return r;
	events_feed_from(f, f->newest);
	catch_signals();
	for (unsigned round = 0; !r && !interrupted; round++)
		r = watch_round(f, round, e);
	events_feed_stop(f);
	return r;
}

static int watch_run(struct cli *c, int argc, char **argv)
{
	struct events_feed f = {.c = c};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		events_filter_option(&f.filter, id);
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = watch_all(&f, &e);
	engine_close(f.engine);
	if (r < 0)
		return cli_fail(c, &e);
	if (r)
		cli_say("DIGLIM was detached");
	return r ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_watch = {
	.name = "watch",
	.summary = "Follow what is refused, and what happens to lists",
	.usage = usage,
	.options = options,
	.lines = true,
	.run = watch_run,
};
