/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events on their way to the person and into the spool: for watch and log. The kernel keeps the
 * newest and anybody may read them; the spool keeps older ones for as long as a watch runs.
 */
#ifndef DIGLIM_COMMON_EVENTS_H
#define DIGLIM_COMMON_EVENTS_H

#include "../../lib/engine/engine.h"
#include "../../lib/output/event.h"
#include "../../lib/output/spool.h"
#include "cli.h"

/* Which lines are wanted. */
struct events_filter {
	bool refused; /* only refusals */
	bool lists;   /* only what happened to lists */
	bool by_seq;  /* only numbers after since_seq, of the present attachment */
	uint64_t since_seq;
	int64_t since_us; /* only later times, since 1970 */
};

#define EVENTS_FILTER_OPTIONS                                                                      \
	{'r', "refused", NULL, "Only refusals (in audit mode: what would have been refused)"},     \
	{                                                                                          \
		'l', "list-events", NULL, "Only lists that came, went or were rejected"            \
	}

/* Takes one of them; false if @id is none. */
bool events_filter_option(struct events_filter *f, int id);

struct events_feed {
	struct cli *c;
	struct events_filter filter;
	struct engine *engine;	    /* NULL: nothing is attached */
	struct spool_writer *spool; /* NULL: this process does not write it */
	struct event_clock clock;
	uint64_t newest;  /* number at the start */
	uint64_t shown;	  /* newest number that was shown or is not wanted */
	uint64_t spooled; /* newest number in the spool */
	struct err *e;
};

/* ->c, ->filter and ->engine are set. Nothing is shown before events_feed_from(). */
int events_feed_start(struct events_feed *f, struct err *e);
void events_feed_stop(struct events_feed *f);

/* The next event to be shown is the one after @seq. */
void events_feed_from(struct events_feed *f, uint64_t seq);

/* Becomes the one who writes the spool, if nobody is. 1 yes, 0 no, negative with @e set. */
int events_feed_record(struct events_feed *f, struct err *e);

/* Shows what comes within @timeout_ms, and records it. */
int events_feed_poll(struct events_feed *f, int timeout_ms, struct err *e);

/* Shows what is in the spool; ->spooled says how far it goes. -ENOENT if there is none. */
int events_feed_spool(struct events_feed *f, struct err *e);

#endif
