/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Following the kernel's event log. It is read as a whole and takes no notice of its readers; each
 * remembers up to which number it has seen the events.
 *
 * A missing number is an event that was overwritten, or that found its slot in use, or one that is
 * being written at this moment: for the last kind the reader waits a little.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

#define NAP_MS	   100 /* how often the log is looked at */
#define HOLE_NAP   10  /* ms */
#define HOLE_TRIES 20
#define END_TRIES  10 /* as long is an event waited for that has a number and is not there */

struct log {
	uint8_t *data;
	struct record *rec;
	size_t n;
	uint64_t newest; /* number given last, asked for after the log was read */
	uint64_t slots;
};

static void log_done(struct log *l)
{
	free(l->data);
	free(l->rec);
	*l = (struct log){0};
}

static int by_number(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Finds the records with numbers above @seen. */
static int log_index(struct log *l, size_t len, uint64_t seen, struct err *e)
{
	struct records all = {.data = l->data, .len = len};
	struct record rec;
	size_t room = 0;
	int r;

	while ((r = records_next(&all, DIGLIM_READ_EVENT, &rec, e)) > 0) {
		if (rec.number <= seen)
			continue;
		if (l->n == room) {
			struct record *more;

			room = room ? room * 2 : 256;
			more = realloc(l->rec, room * sizeof(*more));
			if (!more)
				return err_set(e, -ENOMEM, "no memory");
			l->rec = more;
		}
		l->rec[l->n++] = rec;
	}
	if (l->n)
		qsort(l->rec, l->n, sizeof(*l->rec), by_number);
	return r;
}

static int log_read(struct log *l, uint64_t seen, struct err *e)
{
	struct diglim_read_state s;
	size_t len = 0;
	int r = engine_read_pin(ENGINE_READ_EVENTS, &l->data, &len, e);

	if (!r)
		r = log_index(l, len, seen, e);
	if (!r)
		r = engine_state_read(&s, e);
	if (!r) {
		l->newest = s.status.event_seq;
		l->slots = s.limits.events;
	}
	return r;
}

/* Could number @seq, which is not in the log, still come? */
static bool may_come(const struct log *l, uint64_t seq)
{
	return seq + l->slots > l->newest;
}

/*
 * Hands the events out in order: how many, or negative, which @fn may ask for. Stops with *hole set
 * before one that may still come.
 */
static int log_deliver(struct engine *g, struct log *l, bool patient, bool *hole,
		       engine_event_fn fn, void *arg, struct err *e)
{
	union record_event ev;
	int r, n = 0;
	size_t size;

	for (size_t i = 0; i < l->n; i++) {
		const struct record *rec = &l->rec[i];

		if (rec->number <= g->seen)
			continue;
		*hole = patient && rec->number > g->seen + 1 && may_come(l, rec->number - 1);
		if (*hole)
			return n;
		r = record_event(rec, &ev, &size, e);
		if (r < 0)
			return r;
		/* Overwritten while it was copied: a gap like the others. */
		if (!r)
			continue;
		g->seen = rec->number;
		n++;
		r = fn(&ev.event, size, arg);
		if (r < 0)
			return r;
	}
	return n;
}

static void nap(int ms)
{
	struct timespec t = {.tv_nsec = ms * 1000000L};

	nanosleep(&t, NULL);
}

static int deliver(struct engine *g, engine_event_fn fn, void *arg, struct err *e)
{
	bool hole = true;
	int r = 0, n = 0;

	for (int i = 0; hole && r >= 0 && i <= HOLE_TRIES; i++) {
		struct log l = {0};

		hole = false;
		if (i)
			nap(HOLE_NAP);
		r = log_read(&l, g->seen, e);
		if (!r)
			r = log_deliver(g, &l, i < HOLE_TRIES, &hole, fn, arg, e);
		if (r > 0)
			n += r;
		log_done(&l);
	}
	return r < 0 ? r : n;
}

void engine_events_from(struct engine *g, uint64_t seq)
{
	g->seen = seq;
}

/* Is there anything above what was seen, that was not waited for in vain? */
static bool is_moved(struct engine *g, uint64_t newest)
{
	/* Numbers that began anew: somebody else's attachment. */
	if (newest < g->seen)
		g->seen = 0;
	if (newest != g->awaited) {
		g->awaited = newest;
		g->tries = 0;
	}
	return newest > g->seen && g->tries++ < END_TRIES;
}

int engine_events_poll(struct engine *g, int timeout_ms, engine_event_fn fn, void *arg,
		       struct err *e)
{
	struct diglim_read_state s;
	int r;

	for (;;) {
		r = engine_state_read(&s, e);
		if (!r && is_moved(g, s.status.event_seq))
			r = deliver(g, fn, arg, e);
		if (r || timeout_ms <= 0)
			return r;
		nap(timeout_ms < NAP_MS ? timeout_ms : NAP_MS);
		timeout_ms -= NAP_MS;
	}
}
