/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diglimd's measuring on a TPM, of a machine whose kernel side is made up: ROOT TCTI WORD... Words:
 * another . (attachment, as the first), unknown PATH, mode N, lost, added HEXBYTE, turn, late,
 * detached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../programs/diglimd/measure.h"

static struct engine_status status;

int engine_status_get(struct engine *g, struct engine_status *ret, struct err *e)
{
	(void)g;
	(void)e;
	*ret = status;
	return 0;
}

/* There is no TPM gate. */
int engine_gate_keep(struct err *e)
{
	return err_set(e, -DIGLIM_E_KEEPER, "no gate");
}

int engine_gate_recorded(uint64_t uses, uint64_t seen, struct err *e)
{
	(void)uses;
	(void)seen;
	return engine_gate_keep(e);
}

int engine_gate_forgive(struct err *e)
{
	return engine_gate_keep(e);
}

int engine_events_poll(struct engine *g, int timeout_ms, engine_event_fn fn, void *arg,
		       struct err *e)
{
	(void)g;
	(void)timeout_ms;
	(void)fn;
	(void)arg;
	return engine_gate_keep(e);
}

static int event(struct measure *m, uint64_t *seq, uint32_t type, uint32_t reason, const char *path,
		 struct err *e)
{
	static union {
		struct diglim_event ev;
		char room[sizeof(struct diglim_event) + 256];
	} u;

	memset(&u, 0, sizeof(u));
	u.ev.seq = ++*seq;
	u.ev.type = type;
	u.ev.reason = reason;
	u.ev.use = 1;
	u.ev.path_len = (uint32_t)snprintf(u.room + sizeof(u.ev), 256, "%s", path) + 1;
	return measure_event(m, &u.ev, sizeof(u), e);
}

static int step(struct measure *m, char **word, uint64_t *seq, struct err *e)
{
	if (strcmp(*word, "unknown") == 0)
		return event(m, seq, DIGLIM_EVENT_WOULD_REFUSE, 1, word[1], e);
	if (strcmp(*word, "mode") == 0) {
		status.mode = (enum diglim_mode)atoi(word[1]);
		return event(m, seq, DIGLIM_EVENT_MODE, status.mode, "", e);
	}
	if (strcmp(*word, "added") == 0)
		return event(m, seq, DIGLIM_EVENT_LIST_ADDED, 0, word[1], e);
	if (strcmp(*word, "lost") == 0)
		*seq += 1;
	if (strcmp(*word, "detached") == 0)
		return measure_detached(m, e);
	return strcmp(*word, "turn") == 0   ? measure_turn(m, false, e)
	       : strcmp(*word, "late") == 0 ? measure_turn(m, true, e)
					    : 0;
}

int main(int argc, char **argv)
{
	struct measure *m = NULL;
	struct daemon d = {0};
	struct err e = {0};
	uint64_t seq = 0;
	int r;

	if (argc < 3)
		return 2;
	r = places_set(&d.places, argv[1], &e);
	r = r ?: config_read(d.places.conf, &d.config, &e);
	r = r ?: places_make_dir(d.places.run, &e);
	d.another = argc > 3 && strcmp(argv[3], "another") == 0;
	status.mode = d.config.mode;
	status.control.scope = d.config.scope;
	status.control.hash_limit = d.config.hash_limit;
	status.control.flags = d.config.flags;
	r = r ?: measure_open(&d, argv[2], &m, &e);
	for (int i = 3; !r && i + 1 < argc; i += 2)
		r = step(m, argv + i, &seq, &e);
	measure_close(m);
	if (r)
		fprintf(stderr, "%s\n", e.text);
	return r ? 1 : 0;
}
