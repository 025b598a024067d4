/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The TPM gate, diglimd's side: it tells the kernel side how much of what was used is in the
 * register. If it dies, or the TPM fails, the gate stays as it is: shut, if anything is missing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "measure.h"

#define AGAIN	   "DIGLIMD_AGAIN" /* the attachment for which this program was started anew */
#define LOST_TRIES 20		   /* rounds after which a numbered event does not come any more */

bool gate_stands(const struct engine_status *s)
{
	return s->control.flags & DIGLIM_CONTROL_GATE;
}

/*
 * The kernel side knows programs that were started since attach. Whoever is older starts anew,
 * once.
 */
static void start_again(const struct daemon *d)
{
	char session[32];
	const char *last = getenv(AGAIN);

	snprintf(session, sizeof(session), "%llu", (unsigned long long)d->clock.session);
	if (d->once || !d->argv || (last && strcmp(last, session) == 0))
		return;
	setenv(AGAIN, session, 1);
	execv("/proc/self/exe", d->argv);
}

int gate_begin(const struct daemon *d, const struct engine_status *s, struct err *e)
{
	int r;

	if (!gate_stands(s))
		return 0;
	if (s->control.seal_register != (uint32_t)d->config.seal_register)
		return err_set(
			e, -EINVAL,
			"the TPM gate waits for register %u, the configuration says %d: attach "
			"again",
			s->control.seal_register, d->config.seal_register);
	r = engine_gate_keep(e);
	if (r == -DIGLIM_E_KEEPER)
		start_again(d);
	return r;
}

/* Something was used, and a command that took too long kept it back. */
static int settle_parked(struct daemon *d, const struct engine_status *s, struct err *e)
{
	int r;

	if (!measure_was_kept_back(d->measure, s->gate.in_flight) || !s->gate.parked)
		return 0;
	r = measure_parked(d->measure, e);
	return r ? r : engine_gate_forgive(e);
}

/* Are all events up to @seq in the register, or known to be lost? */
static int has_seen(struct daemon *d, uint64_t seq, struct err *e)
{
	if (measure_seen(d->measure) >= seq) {
		d->gate_tries = 0;
		return 1;
	}
	if (++d->gate_tries < LOST_TRIES)
		return 0;
	d->gate_tries = 0;
	return measure_lost(d->measure, seq, e) ?: 1;
}

int gate_turn(struct daemon *d, engine_event_fn fn, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(d->engine, &s, e);

	if (r || !gate_stands(&s))
		return r;
	r = settle_parked(d, &s, e);
	if (r || s.gate.uses == s.gate.recorded || s.gate.deciding)
		return r;
	/* What was counted before the state was read has its number by then. */
	r = engine_events_poll(d->engine, 0, fn, d, e);
	if (r < 0 || !d->measure)
		return r < 0 ? r : 0;
	r = measure_turn(d->measure, false, e);
	if (!r)
		r = has_seen(d, s.state.event_seq, e);
	if (r <= 0 || !measure_is_settled(d->measure))
		return r < 0 ? r : 0;
	return engine_gate_recorded(s.gate.uses, measure_seen(d->measure), e);
}
