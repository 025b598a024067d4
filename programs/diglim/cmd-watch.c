/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

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

struct watch {
	struct cli *c;
	struct events_filter filter;
	struct events_drain drain;
	struct spool_reader *reader;
	struct engine *g;
	unsigned round;
};

static void wait_a_round(void)
{
	struct timespec t = {0, POLL_MS * 1000000};

	nanosleep(&t, NULL);
}

/* One round: drain if we may, else wait for who does; then print. 1: detached. */
static int watch_round(struct watch *w, struct err *e)
{
	int r = 0;

	if (w->round++ % CHECK_ROUNDS == 0) {
		r = engine_is_attached(e);
		if (r <= 0)
			return r < 0 ? r : 1;
		r = w->drain.spool ? 0 : events_drain_start(&w->drain, w->c, w->g, e);
		if (r < 0)
			return r;
	}
	if (w->drain.spool)
		r = events_drain(&w->drain, POLL_MS, e);
	else
		wait_a_round();
	if (r < 0 && r != -EINTR)
		return r;
	return events_print(w->c, w->reader, &w->filter, e);
}

static int watch_all(struct watch *w, struct err *e)
{
	int r = kernel_open(&w->g, e);

	if (!r)
		r = places_make_dir(w->c->places.run, e);
	if (!r)
		r = spool_reader_open(w->c->places.run, 0, &w->reader, e);
	if (r)
		return r;
	catch_signals();
	while (!r && !interrupted)
		r = watch_round(w, e);
	events_drain_stop(&w->drain);
	spool_reader_close(w->reader);
	return r;
}

static int watch_run(struct cli *c, int argc, char **argv)
{
	struct watch w = {.c = c};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		events_filter_option(&w.filter, id);
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = watch_all(&w, &e);
	engine_close(w.g);
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
