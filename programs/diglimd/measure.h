/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seal register of a running machine (diglim-measure(5)). After any failure the caller closes
 * and begins anew: what the register lacks is recorded then, from the kernel's own events.
 */
#ifndef DIGLIMD_MEASURE_H
#define DIGLIMD_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon.h"

/*
 * Opens log and TPM and brings the register to what is in force. @d must be attached. @tcti: as
 * tpm_open() takes it. -EAGAIN: nothing is judged yet, as while an attach goes on, and
 * the first record waits for it.
 */
int measure_open(const struct daemon *d, const char *tcti, struct measure **ret, struct err *e);
struct measure *measure_close(struct measure *m);

/* An event; from number 1 on, or it counts as lost what is missing. */
int measure_event(struct measure *m, const struct diglim_event *ev, size_t size, struct err *e);

/* After the events that there are. @late: what has not come yet does not come any more. */
int measure_turn(struct measure *m, bool late, struct err *e);

/* Number of the newest event that was looked at. */
uint64_t measure_seen(const struct measure *m);

/* Events up to @seq do not come any more. */
int measure_lost(struct measure *m, uint64_t seq, struct err *e);

/*
 * Was something kept back by the TPM gate since measure_parked()? @in_flight: commands that do so
 * now; without any that is over.
 */
bool measure_was_kept_back(struct measure *m, uint32_t in_flight);

/* Commands to the TPM take too long to wait for. */
int measure_parked(struct measure *m, struct err *e);

/* Has the register all that the events told of? */
bool measure_is_settled(const struct measure *m);

/* The programs of the kernel side went. */
int measure_detached(struct measure *m, struct err *e);

#endif
