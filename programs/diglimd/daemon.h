/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diglimd: what the kernel side reports, into the logs of this machine. It decides nothing, and
 * nothing waits for it: without it the kernel keeps its newest events for whoever asks.
 */
#ifndef DIGLIMD_DAEMON_H
#define DIGLIMD_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../lib/engine/engine.h"
#include "../../lib/output/event.h"
#include "../../lib/output/eventfields.h"
#include "../../lib/output/spool.h"
#include "../../lib/policy/config.h"
#include "../../lib/policy/places.h"

struct measure;

struct daemon {
	struct places places;
	struct config config;
	struct engine *engine;
	struct spool_writer *spool; /* NULL: somebody else writes it, a 'diglim watch' */
	struct event_clock clock;
	uint64_t logged;  /* number of the newest event of this attachment in the logs */
	uint64_t spooled; /* the same in the spool */
	struct err *e;
	bool another;		 /* attachment than the one that was followed last in this boot */
	bool once;		 /* what there is, and no more */
	char **argv;		 /* to start anew */
	unsigned gate_tries;	 /* rounds in which a numbered event did not come */
	int poll_ms;		 /* between looks for events */
	uint64_t late_ns;	 /* when the attachment was looked at last */
	struct measure *measure; /* NULL: nothing is measured, or not now */
	struct err measure_said; /* trouble with it, said once */
};

/*
 * Follows one attachment until it ends (1), *stop is set (0) or something fails; -ENOTCONN if there
 * is none. Only reads, without any request to the kernel side.
 */
int follow(struct daemon *d, const volatile sig_atomic_t *stop, struct err *e);

/* Does the TPM gate stand? */
bool gate_stands(const struct engine_status *s);

/* Before the register is looked at: from now on the gate waits for us. 0 if there is none. */
int gate_begin(const struct daemon *d, const struct engine_status *s, struct err *e);

/*
 * Opens the gate if the register has all that was used. @fn takes events that are not taken yet.
 * What it returns is trouble with measuring, or of @fn.
 */
int gate_turn(struct daemon *d, engine_event_fn fn, struct err *e);

/* Journal, syslog or standard error: the first of them that is there. */
void log_open(void);
void log_event(const struct event_fields *f);

/* Audit records, if libaudit was there and the kernel takes them. */
void audit_begin(void);
void audit_event(const struct event_fields *f);

/* Tells who was refused, on the terminal of the process or of its parent, if it is his. */
void tell_user(const struct diglim_event *ev, const struct event_fields *f);

#endif
