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

int events_feed_start(struct events_feed *f, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(f->engine, &s, e);

	if (r)
		return r;
	f->clock.session = s.state.attached_ns;
	f->newest = s.state.event_seq;
	return 0;
}

void events_feed_stop(struct events_feed *f)
{
	f->spool = spool_writer_close(f->spool);
}

void events_feed_from(struct events_feed *f, uint64_t seq)
{
	f->shown = seq;
	engine_events_from(f->engine, seq);
}

static bool is_wanted(const struct events_feed *f, const struct event_info *i)
{
	const struct events_filter *w = &f->filter;

	if (w->by_seq && f->engine && i->session != f->clock.session)
		return false;
	if (w->by_seq && i->seq <= w->since_seq)
		return false;
	if (i->time_us < w->since_us)
		return false;
	if (i->lost || (!w->refused && !w->lists))
		return true;
	return (w->refused && i->refused) || (w->lists && i->list);
}

static void show_line(const struct events_feed *f, const struct event_info *i, const char *line,
		      size_t len)
{
	if (!is_wanted(f, i))
		return;
	if (f->c->json)
		printf("%.*s\n", (int)len, line);
	else
		event_show(f->c->out, line, len);
}

static int flush(struct err *e)
{
	if (fflush(stdout) || ferror(stdout))
		return err_set(e, -EIO, "cannot write the answer");
	return 0;
}

static int put_line(struct events_feed *f, bool spool, const char *line)
{
	struct event_info info;

	if (spool)
		return spool_append(f->spool, line, f->e);
	if (!event_info(line, strlen(line), &info))
		show_line(f, &info, line, strlen(line));
	return 0;
}

/* Event number @seq, after those up to *last, to the spool or to the person. */
static int put(struct events_feed *f, bool spool, uint64_t *last, uint64_t seq, const char *line)
{
	uint64_t missing = seq - *last - 1;
	char *lost = NULL;
	int r = 0;

	if (missing)
		lost = event_lost_line(seq - 1, missing, &f->clock);
	if (lost)
		r = put_line(f, spool, lost);
	free(lost);
	if (!r)
		r = put_line(f, spool, line);
	if (!r)
		*last = seq;
	return r;
}

static int take_event(const struct diglim_event *ev, size_t size, void *arg)
{
	struct events_feed *f = arg;
	char *line = event_line(ev, size, &f->clock);
	int r = 0;

	if (!line)
		return err_set(f->e, -ENOMEM, "no memory");
	if (f->spool && ev->seq > f->spooled)
		r = put(f, true, &f->spooled, ev->seq, line);
	if (!r && ev->seq > f->shown)
		r = put(f, false, &f->shown, ev->seq, line);
	free(line);
	return r;
}

int events_feed_poll(struct events_feed *f, int timeout_ms, struct err *e)
{
	int r;

	f->clock.boot_ns = clock_ns(CLOCK_BOOTTIME);
	f->clock.real_ns = clock_ns(CLOCK_REALTIME);
	f->e = e;
	r = engine_events_poll(f->engine, timeout_ms, take_event, f, e);
	return r < 0 ? r : flush(e);
}

static int read_spool(struct events_feed *f, bool show, struct err *e)
{
	struct spool_reader *reader;
	struct event_info info;
	const char *line;
	size_t len;
	int r = spool_reader_open(f->c->places.run, &reader, e);

	if (r)
		return r;
	while ((r = spool_next(reader, &line, &len, e)) > 0) {
		if (event_info(line, len, &info))
			continue;
		if (info.session == f->clock.session && info.seq > f->spooled)
			f->spooled = info.seq;
		if (show)
			show_line(f, &info, line, len);
	}
	spool_reader_close(reader);
	return r ? r : flush(e);
}

int events_feed_spool(struct events_feed *f, struct err *e)
{
	return read_spool(f, true, e);
}

/* What nobody recorded until now, and the kernel still has, is recorded first. */
int events_feed_record(struct events_feed *f, struct err *e)
{
	int r = places_make_dir(f->c->places.run, e);

	if (!r)
		r = spool_writer_open(f->c->places.run, f->c->config.spool, &f->spool, e);
	if (r <= 0)
		return r;
	r = read_spool(f, false, e);
	if (r)
		return r;
	if (f->spooled < f->shown)
		engine_events_from(f->engine, f->spooled);
	return 1;
}
