/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "daemon.h"
#include "measure.h"
#include "../../lib/base/buf.h"
#include "../../lib/base/io.h"

#define STATE	     "daemon" /* below places.run: attachment, and number of the newest event */
#define STATE_MAX    64
#define POLL_MS	     250
#define GATE_POLL_MS 50		   /* while the TPM waits for us */
#define CHECK_NS     2000000000ULL /* how often the attachment and the spool are looked at */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void state_path(const struct daemon *d, char ret[PATH_MAX + 16])
{
	snprintf(ret, PATH_MAX + 16, "%s/" STATE, d->places.run);
}

/* Without it, or after another attach, everything that the kernel has is new. */
static void read_state(struct daemon *d)
{
	uint64_t session = 0, seq = 0;
	struct buf text = BUF_INIT;
	char path[PATH_MAX + 16];

	state_path(d, path);
	d->logged = 0;
	d->another = false;
	if (!io_read_file(path, STATE_MAX, &text, NULL)) {
		buf_add_u8(&text, 0);
		if (!text.failed && sscanf((const char *)text.data, "%20" SCNu64 " %20" SCNu64,
					   &session, &seq) == 2) {
			d->another = session != d->clock.session;
			d->logged = d->another ? 0 : seq;
		}
	}
	buf_free(&text);
}

/* After the events are in the logs: killed before, one is logged twice rather than not at all. */
static int write_state(struct daemon *d, struct err *e)
{
	char path[PATH_MAX + 16], text[STATE_MAX];
	struct io_part part = {text, 0};

	state_path(d, path);
	part.len = (size_t)snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 "\n",
				    d->clock.session, d->logged);
	return io_write_later(path, &part, 1, 0600, e);
}

static int read_spooled(struct daemon *d, struct err *e)
{
	struct spool_reader *reader;
	struct event_info info;
	const char *line;
	size_t len;
	int r = spool_reader_open(d->places.run, &reader, e);

	d->spooled = 0;
	if (r)
		return r;
	while ((r = spool_next(reader, &line, &len, e)) > 0)
		if (!event_info(line, len, &info) && info.session == d->clock.session &&
		    info.seq > d->spooled)
			d->spooled = info.seq;
	spool_reader_close(reader);
	return r;
}

/* What the spool lacks is read again, the logs pass over what they have. */
static int take_spool(struct daemon *d, struct err *e)
{
	int r;

	if (d->spool)
		return 0;
	r = spool_writer_open(d->places.run, d->config.spool, &d->spool, e);
	if (r <= 0)
		return r;
	r = read_spooled(d, e);
	if (!r && d->spooled < d->logged)
		engine_events_from(d->engine, d->spooled);
	return r;
}

static int log_line(struct daemon *d, const char *line, const struct diglim_event *ev)
{
	struct event_fields *f = malloc(sizeof(*f));
	int r = f ? event_fields(line, strlen(line), f) : -ENOMEM;

	if (r) {
		free(f);
		return err_set(d->e, r, "an event that cannot be logged");
	}
	log_event(f);
	audit_event(f);
	if (ev && d->config.tell_user && ev->type == DIGLIM_EVENT_REFUSED)
		tell_user(ev, f);
	event_fields_done(f);
	free(f);
	return 0;
}

/* Event @seq, and before it what is missing since *last, to the logs or to the spool. */
static int put(struct daemon *d, bool spool, uint64_t *last, const struct diglim_event *ev,
	       const char *line)
{
	uint64_t missing = ev->seq - *last - 1;
	char *lost = missing ? event_lost_line(ev->seq - 1, missing, &d->clock) : NULL;
	int r = 0;

	if (missing && !lost)
		return err_set(d->e, -ENOMEM, "no memory");
	if (lost)
		r = spool ? spool_append(d->spool, lost, d->e) : log_line(d, lost, NULL);
	free(lost);
	if (!r)
		r = spool ? spool_append(d->spool, line, d->e) : log_line(d, line, ev);
	if (!r)
		*last = ev->seq;
	return r;
}

/* The logs go on without the TPM; with the next turn it is tried again. */
static void measure_failed(struct daemon *d, const struct err *e)
{
	/* diglimd.service takes away what diglimd-gate.conf gives back. */
	bool confined = !prctl(PR_CAPBSET_READ, CAP_DAC_OVERRIDE, 0, 0, 0);

	d->measure = measure_close(d->measure);
	if (strcmp(e->text, d->measure_said.text) != 0)
		fprintf(stderr, "diglimd: nothing is measured: %s%s\n", e->text,
			confined ? "; its unit needs diglimd-gate.conf, see diglim-measure(5)"
				 : "");
	d->measure_said = *e;
}

static void measure_begin(struct daemon *d)
{
	struct err e = {0};

	if (d->measure)
		return;
	if (d->config.seal_register == CONFIG_NO_REGISTER) {
		if (d->config.measure_log) {
			err_set(&e, -EINVAL, "[attest] log takes a register");
			measure_failed(d, &e);
		}
		return;
	}
	if (measure_open(d, getenv("DIGLIM_TCTI") ?: "device:/dev/tpmrm0", &d->measure, &e)) {
		measure_failed(d, &e);
		return;
	}
	d->measure_said = (struct err){0};
	d->another = false;
	/* What it has in the register it knows by its own log. */
	engine_events_from(d->engine, 0);
}

static int take_event(const struct diglim_event *ev, size_t size, void *arg)
{
	struct daemon *d = arg;
	char *line = event_line(ev, size, &d->clock);
	struct err why = {0};
	int r = 0;

	if (d->measure && measure_event(d->measure, ev, size, &why))
		measure_failed(d, &why);
	if (!line)
		return err_set(d->e, -ENOMEM, "no memory");
	if (ev->seq > d->logged)
		r = put(d, false, &d->logged, ev, line);
	/* A full /run must not keep events from the logs. */
	if (!r && d->spool && ev->seq > d->spooled && put(d, true, &d->spooled, ev, line)) {
		d->spool = spool_writer_close(d->spool);
		*d->e = (struct err){0};
	}
	free(line);
	return r;
}

static void measure_round(struct daemon *d, bool late)
{
	struct err e = {0};

	int r = d->measure ? measure_turn(d->measure, late, &e) : 0;

	if (!r && d->measure)
		r = gate_turn(d, take_event, &e);
	if (r)
		measure_failed(d, &e);
}

/* Is it still the attachment that was there at the start? 1 yes, 0 no. */
static int is_same(struct daemon *d, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(d->engine, &s, e);

	if (r == -ENOENT)
		return 0;
	return r ? r : s.state.attached_ns == d->clock.session;
}

/* 1: it has ended. */
static int turn(struct daemon *d, unsigned round, struct err *e)
{
	uint64_t before = d->logged, now = clock_ns(CLOCK_BOOTTIME);
	bool late = !round || now - d->late_ns >= CHECK_NS;
	int r;

	if (late) {
		d->late_ns = now;
		r = is_same(d, e);
		if (r <= 0)
			return r < 0 ? r : 1;
		measure_begin(d);
		if (take_spool(d, e))
			*e = (struct err){0};
	}
	d->clock.boot_ns = clock_ns(CLOCK_BOOTTIME);
	d->clock.real_ns = clock_ns(CLOCK_REALTIME);
	r = engine_events_poll(d->engine, d->once ? 0 : d->poll_ms, take_event, d, e);
	/* Detached meanwhile. */
	if (r == -ENOENT)
		return 1;
	if (r >= 0)
		measure_round(d, late || d->once);
	if (d->logged != before && r >= 0)
		r = write_state(d, e);
	return r < 0 ? r : 0;
}

int follow(struct daemon *d, const volatile sig_atomic_t *stop, struct err *e)
{
	struct engine_status s;
	int r = engine_open_reader(&d->engine, e);

	if (!r)
		r = engine_status_get(d->engine, &s, e);
	if (!r) {
		d->e = e;
		d->clock.session = s.state.attached_ns;
		d->poll_ms = gate_stands(&s) ? GATE_POLL_MS : POLL_MS;
		read_state(d);
		engine_events_from(d->engine, d->logged);
	}
	for (unsigned round = 0; !r && !*stop && !(d->once && round); round++)
		r = turn(d, round, e);
	if (r == 1 && d->measure) {
		struct err why = {0};

		if (measure_detached(d->measure, &why))
			measure_failed(d, &why);
	}
	d->measure = measure_close(d->measure);
	d->spool = spool_writer_close(d->spool);
	d->engine = engine_close(d->engine);
	return r;
}
