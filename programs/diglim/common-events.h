/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the kernel's ring into the spool, and from the spool to the person: for watch and log. */
#ifndef DIGLIM_COMMON_EVENTS_H
#define DIGLIM_COMMON_EVENTS_H

#include "../../lib/engine/engine.h"
#include "../../lib/output/event.h"
#include "../../lib/output/spool.h"
#include "cli.h"

struct events_drain {
	struct engine *engine;
	struct spool_writer *spool; /* NULL: another process drains */
	struct event_clock clock;
	uint64_t lost;
	uint64_t seq;
	int failed; /* of an append; then nothing more is taken from the ring */
	struct err *e;
};

/* Which lines are wanted. */
struct events_filter {
	bool refused; /* only refusals */
	bool lists;   /* only what happened to lists */
	bool by_seq;  /* only numbers after since_seq, of the present attachment */
	uint64_t since_seq;
	int64_t since_us; /* only later times, since 1970 */
	uint64_t session; /* the present attachment; 0: none, then of any */
};

#define EVENTS_FILTER_OPTIONS                                                                      \
	{'r', "refused", NULL, "Only refusals (in audit mode: what would have been refused)"},     \
	{                                                                                          \
		'l', "list-events", NULL, "Only lists that came, went or were rejected"            \
	}

/* Takes one of them; false if @id is none. */
bool events_filter_option(struct events_filter *f, int id);

/* Becomes the one who drains, if nobody is. 1 yes, 0 no, negative with @e set. */
int events_drain_start(struct events_drain *d, struct cli *c, struct engine *g, struct err *e);
void events_drain_stop(struct events_drain *d);

/* Waits up to @timeout_ms for events and appends them to the spool. */
int events_drain(struct events_drain *d, int timeout_ms, struct err *e);

/* Prints what the reader has, as far as it is wanted. */
int events_print(struct cli *c, struct spool_reader *r, const struct events_filter *f,
		 struct err *e);

#endif
