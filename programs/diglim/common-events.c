/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common-events.h"

bool events_filter_option(struct events_filter *f, int id)
{
	if (id == 'r')
		f->refused = true;
	else if (id == 'l')
		f->lists = true;
	return id == 'r' || id == 'l';
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int events_drain_start(struct events_drain *d, struct cli *c, struct engine *g, struct err *e)
{
	struct engine_status s;
	int r;

	*d = (struct events_drain){.engine = g};
	r = engine_status_get(g, &s, e);
	if (!r)
		r = places_make_dir(c->places.run, e);
	if (!r)
		r = spool_writer_open(c->places.run, c->config.spool, &d->spool, e);
	if (r <= 0)
		return r;
	d->clock.session = s.state.attached_ns;
	d->lost = spool_lost_get(d->spool, d->clock.session);
	return 1;
}

void events_drain_stop(struct events_drain *d)
{
	d->spool = spool_writer_close(d->spool);
}

static int append(struct events_drain *d, char *line)
{
	int r = line ? spool_append(d->spool, line, d->e) : 0;

	free(line);
	return r;
}

/* A record that cannot be read is left out: it counts as nobody's, but stops nothing. */
static int take_event(const struct diglim_event *ev, size_t size, void *arg)
{
	struct events_drain *d = arg;

	if (size >= sizeof(*ev) && ev->seq > d->seq)
		d->seq = ev->seq;
	d->failed = append(d, event_line(ev, size, &d->clock));
	return d->failed;
}

static int note_losses(struct events_drain *d, struct err *e)
{
	struct engine_status s;
	uint64_t total = 0;
	int r = engine_status_get(d->engine, &s, e);

	if (r)
		return r;
	for (int h = 0; h < DIGLIM_HOOK_MAX; h++)
		total += s.counters[h].events_lost;
	if (total <= d->lost)
		return 0;
	r = append(d, event_lost_line(s.state.event_seq, total - d->lost, total, &d->clock));
	if (!r)
		r = spool_lost_set(d->spool, d->clock.session, total, e);
	d->lost = total;
	return r;
}

int events_drain(struct events_drain *d, int timeout_ms, struct err *e)
{
	int r;

	d->clock.boot_ns = clock_ns(CLOCK_BOOTTIME);
	d->clock.real_ns = clock_ns(CLOCK_REALTIME);
	d->e = e;
	d->failed = 0;
	r = engine_events_poll(d->engine, timeout_ms, take_event, d, e);
	if (d->failed)
		return d->failed;
	if (r < 0)
		return r;
	return note_losses(d, e);
}

static bool is_wanted(const struct events_filter *f, const struct event_info *i)
{
	if (f->by_seq && f->session && i->session != f->session)
		return false;
	if (f->by_seq && i->seq <= f->since_seq)
		return false;
	if (i->time_us < f->since_us)
		return false;
	if (i->lost || (!f->refused && !f->lists))
		return true;
	return (f->refused && i->refused) || (f->lists && i->list);
}

int events_print(struct cli *c, struct spool_reader *r, const struct events_filter *f,
		 struct err *e)
{
	struct event_info info;
	const char *line;
	size_t len;
	int more;

	while ((more = spool_next(r, &line, &len, e)) > 0) {
		if (event_info(line, len, &info) || !is_wanted(f, &info))
			continue;
		if (c->json)
			printf("%.*s\n", (int)len, line);
		else
			event_show(c->out, line, len);
	}
	if (more < 0)
		return more;
	if (fflush(stdout) || ferror(stdout))
		return err_set(e, -EIO, "cannot write the answer");
	return 0;
}
