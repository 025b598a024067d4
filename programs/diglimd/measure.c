/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel side reports, into the seal register: one state after the start, a change for
 * each change of lists, keys or settings, and what breaks every policy. diglim-measure(5).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "unknown.h"
#include "../../lib/attest/gather.h"
#include "../../lib/attest/seal.h"
#include "../../lib/base/buf.h"
#include "../../lib/base/hex.h"
#include "../../lib/policy/keys.h"
#include "../../lib/policy/lists.h"

/* A list that was loaded and is not among the files; they may follow. */
struct pending {
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	struct pending *next;
};

struct measure {
	const struct daemon *d;
	struct seal *seal;
	struct statement state; /* as the register has it */
	uint8_t (*ids)[DIGLIM_LIST_ID_SIZE];
	size_t n_ids;
	struct pending *pending;
	struct measure_log log; /* as it was at the start */
	struct unknown unknown;
	uint64_t seq;  /* newest event that was looked at */
	uint64_t from; /* newest event of the time of the first gathering */
	uint64_t mode; /* of the last gathering */
	bool dirty;
	bool kept_back; /* the TPM gate refused a use */
};

struct measure *measure_close(struct measure *m)
{
	if (!m)
		return NULL;
	unknown_done(&m->unknown);
	while (m->pending) {
		struct pending *next = m->pending->next;

		free(m->pending);
		m->pending = next;
	}
	free(m->ids);
	statement_done(&m->state);
	measure_log_done(&m->log);
	seal_close(m->seal);
	free(m);
	return NULL;
}

static int add_id(struct measure *m, const uint8_t id[DIGLIM_LIST_ID_SIZE], struct err *e)
{
	uint8_t(*more)[DIGLIM_LIST_ID_SIZE] = realloc(m->ids, (m->n_ids + 1) * sizeof(*more));

	if (!more)
		return err_set(e, -ENOMEM, "out of memory");
	m->ids = more;
	memcpy(m->ids[m->n_ids++], id, DIGLIM_LIST_ID_SIZE);
	return 0;
}

/* What is no list is none of the kernel's, either. */
static int gather_lists(struct measure *m, struct statement *s, const struct keys *keys,
			struct err *e)
{
	struct lists lists = {0};
	int r = lists_add_places(&lists, &m->d->places, e);

	m->n_ids = 0;
	for (size_t i = 0; !r && i < lists.n; i++) {
		uint8_t id[DIGLIM_LIST_ID_SIZE];
		struct err why = {0};

		r = gather_list_id(s, lists.paths[i], keys, id, NULL, &why);
		if (r == -ENOMEM)
			*e = why;
		else
			r = r > 0 ? add_id(m, id, e) : 0;
	}
	lists_done(&lists);
	return r;
}

/* Settings are those in force; interpreter-names only the file knows. */
static struct config config_in_force(const struct daemon *d, const struct engine_status *st)
{
	struct config c = d->config;

	c.mode = st->mode;
	c.scope = st->control.scope;
	c.anonymous = st->control.anonymous;
	c.interpreters = st->control.interpreters;
	c.hash_limit = st->control.hash_limit;
	c.flags = st->control.flags;
	return c;
}

/* Lines of lists without a file, which are only in the register, stay. */
static int keep_loaded(const struct measure *m, struct statement *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < m->state.n; i++)
		if (strncmp(m->state.lines[i], "list - ", 7) == 0)
			r = statement_add(s, "list", NULL, m->state.lines[i] + 7, e);
	return r;
}

static int gather(struct measure *m, const struct engine_status *st, struct statement *s,
		  struct err *e)
{
	const struct config c = config_in_force(m->d, st);
	struct keys keys = {0};
	int r = keys_read(&keys, &m->d->places, e);

	*s = STATEMENT_INIT(STATEMENT_STATE);
	r = r ?: gather_settings(s, &c, e);
	r = r ?: gather_programs(s, m->d->places.root, e);
	r = r ?: gather_keys(s, &keys, e);
	r = r ?: gather_lists(m, s, &keys, e);
	r = r ?: keep_loaded(m, s, e);
	keys_done(&keys);
	return r;
}

/* Brings the register to @now, which is taken: nothing, a change, or the state. */
static int bring_to(struct measure *m, struct statement *now, struct err *e)
{
	struct statement change = STATEMENT_INIT(STATEMENT_CHANGE);
	int r = m->state.kind ? statement_diff(&m->state, now, &change, e) : 0;

	if (!r && !m->state.kind)
		r = seal_record(m->seal, now, e);
	else if (!r && change.n)
		r = seal_record(m->seal, &change, e);
	statement_done(&change);
	if (!r) {
		statement_done(&m->state);
		m->state = *now;
	} else {
		statement_done(now);
	}
	return r;
}

static int poison(struct measure *m, const char *reason, struct err *e)
{
	struct statement s = STATEMENT_INIT(STATEMENT_POISON);
	int r = statement_add_word(&s, "reason", reason, e);

	r = r ?: seal_record(m->seal, &s, e);
	statement_done(&s);
	return r;
}

static int refresh(struct measure *m, struct err *e)
{
	struct engine_status st;
	struct statement now;
	int r = engine_status_get(m->d->engine, &st, e);

	if (r)
		return r;
	if (!m->from)
		m->from = st.state.event_seq;
	m->mode = st.mode;
	r = gather(m, &st, &now, e);
	if (r) {
		statement_done(&now);
		return r;
	}
	m->dirty = false;
	return bring_to(m, &now, e);
}

/* What another one told the gate, before we came, to be in the register. */
static void skip_recorded(struct measure *m, const struct engine_status *st)
{
	if (!gate_stands(st) || !st->gate.armed)
		return;
	m->seq = st->gate.seen;
	if (!st->gate.deciding && st->gate.uses == st->gate.recorded)
		m->seq = st->state.event_seq;
}

/* Without a first record: with one, off is a change like any other, and breaks the policies. */
static int refuse_unjudged(const struct measure *m, const struct engine_status *st, struct err *e)
{
	if (m->state.kind || st->mode != DIGLIM_MODE_OFF)
		return 0;
	return err_set(e, -EAGAIN, "the mode is off; the state is measured once it is another");
}

/* The programs went and came, which the one before us may have seen. */
static int was_detached(struct measure *m, struct err *e)
{
	const struct measure_record *last = m->log.n ? &m->log.records[m->log.n - 1] : NULL;

	if (!m->d->another || !m->state.kind || (last && last->kind == STATEMENT_POISON))
		return 0;
	return measure_detached(m, e);
}

int measure_open(const struct daemon *d, const char *tcti, struct measure **ret, struct err *e)
{
	struct measure *m = calloc(1, sizeof(*m));
	char path[PATH_MAX + 32];
	const struct imarecord_config ima = {d->places.run, IMARECORD_LIST, IMARECORD_GROUP};
	struct seal_config cfg = {.tcti = tcti,
				  .log = path,
				  .pcr = (unsigned)d->config.seal_register,
				  .ima = d->config.measure_log ? &ima : NULL};
	struct engine_status st;
	int r = m ? 0 : err_set(e, -ENOMEM, "out of memory");

	*ret = NULL;
	if (r)
		return r;
	m->d = d;
	r = engine_status_get(d->engine, &st, e);
	r = r ?: gate_begin(d, &st, e);
	if (!r)
		skip_recorded(m, &st);
	snprintf(path, sizeof(path), "%s/" MEASURELOG_NAME, d->places.run);
	r = r ?: seal_open(&cfg, &m->seal, &m->log, e);
	r = r ?: measure_state(&m->log, cfg.pcr, &m->state, NULL, e);
	r = r ?: refuse_unjudged(m, &st, e);
	r = r ?: was_detached(m, e);
	r = r ?: refresh(m, e);
	if (r)
		measure_close(m);
	else
		*ret = m;
	return r;
}

static int list_came(struct measure *m, const struct diglim_event *ev, struct err *e)
{
	struct pending *p = malloc(sizeof(*p));

	m->dirty = true;
	if (!p)
		return err_set(e, -ENOMEM, "out of memory");
	memcpy(p->id, ev->digest, sizeof(p->id));
	p->next = m->pending;
	m->pending = p;
	return 0;
}

/* One that is long gone, when we come to a machine that has run for a while, is no news. */
static void list_went(struct measure *m, const struct diglim_event *ev)
{
	m->dirty = true;
	if (!m->log.n || ev->seq > m->from)
		return;
	for (struct pending **at = &m->pending; *at; at = &(*at)->next) {
		struct pending *p = *at;

		if (memcmp(p->id, ev->digest, sizeof(p->id)) != 0)
			continue;
		*at = p->next;
		free(p);
		return;
	}
}

int measure_event(struct measure *m, const struct diglim_event *ev, size_t size, struct err *e)
{
	int r = 0;

	if (ev->seq <= m->seq)
		return 0;
	if (ev->seq != m->seq + 1)
		r = poison(m, "lost-events", e);
	m->seq = ev->seq;
	if (r)
		return r;
	switch (ev->type) {
	case DIGLIM_EVENT_WOULD_REFUSE:
		return ev->hook == DIGLIM_HOOK_IMMUTABLE
			       ? 0
			       : unknown_record(&m->unknown, m->seal, &m->log, ev, size, e);
	case DIGLIM_EVENT_REFUSED:
		m->kept_back |= ev->reason == DIGLIM_REASON_GATE_BUSY;
		return 0;
	case DIGLIM_EVENT_LIST_ADDED:
		return list_came(m, ev, e);
	case DIGLIM_EVENT_LIST_REMOVED:
		list_went(m, ev);
		return 0;
	case DIGLIM_EVENT_MODE:
		m->dirty = true;
		/* While nothing is judged nobody knows what was used. */
		return ev->reason == DIGLIM_MODE_OFF ? poison(m, "detached", e) : 0;
	case DIGLIM_EVENT_SEAL:
	case DIGLIM_EVENT_CONTROL:
		m->dirty = true;
	}
	return 0;
}

static bool is_file(const struct measure *m, const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	for (size_t i = 0; i < m->n_ids; i++)
		if (memcmp(m->ids[i], id, DIGLIM_LIST_ID_SIZE) == 0)
			return true;
	return false;
}

/* Lists that came, and of which there is still no file, get a line by their identity. */
static int settle(struct measure *m, struct err *e)
{
	struct statement now = STATEMENT_INIT(STATEMENT_STATE);
	int r = 0;

	for (size_t i = 0; !r && i < m->state.n; i++)
		r = statement_copy_line(&now, m->state.lines[i], e);
	while (m->pending) {
		struct pending *p = m->pending;
		char hex[2 * DIGLIM_LIST_ID_SIZE + 1];

		if (!r && !is_file(m, p->id))
			r = statement_add(&now, "list", NULL, hex_encode(p->id, sizeof(p->id), hex),
					  e);
		m->pending = p->next;
		free(p);
	}
	if (r) {
		statement_done(&now);
		return r;
	}
	return bring_to(m, &now, e);
}

int measure_turn(struct measure *m, bool late, struct err *e)
{
	int r = 0;

	if (late) {
		struct engine_status st;

		/* The end of a time-limited mode makes no event. */
		r = engine_status_get(m->d->engine, &st, e);
		if (!r && st.mode != m->mode)
			m->dirty = true;
	}
	if (!r && m->dirty)
		r = refresh(m, e);
	if (!r && late && m->pending)
		r = settle(m, e);
	return r;
}

uint64_t measure_seen(const struct measure *m)
{
	return m->seq;
}

int measure_lost(struct measure *m, uint64_t seq, struct err *e)
{
	int r = poison(m, "lost-events", e);

	if (!r)
		m->seq = seq;
	return r;
}

bool measure_was_kept_back(struct measure *m, uint32_t in_flight)
{
	if (!in_flight)
		m->kept_back = false;
	return m->kept_back;
}

int measure_parked(struct measure *m, struct err *e)
{
	m->kept_back = false;
	return poison(m, "gate-timeout", e);
}

bool measure_is_settled(const struct measure *m)
{
	for (const struct pending *p = m->pending; p; p = p->next)
		if (!is_file(m, p->id))
			return false;
	return !m->dirty;
}

int measure_detached(struct measure *m, struct err *e)
{
	return poison(m, "detached", e);
}
