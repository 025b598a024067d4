/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the measuring programs of the guest share: a clock, keys, lists, attaching. */
#ifndef DIGLIM_BENCH_GUEST_H
#define DIGLIM_BENCH_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/crypto/cert.h"
#include "../lib/engine/engine.h"
#include "../lib/format/listfile.h"

/*
 * Instructions executed since some time in the past, in a guest that counts them (tests/vm/run
 * ICOUNT=1): there, the processor's time stamp moves by one for each.
 */
uint64_t guest_instructions(void);

/* Jiffies that the processors were idle: time that passed without instructions. */
uint64_t guest_idle(void);

/*
 * Instructions of one call of @fn: the median of batches of GUEST_BATCH of @calls, which are at
 * most GUEST_CALLS_MAX, after a warm-up.
 */
#define GUEST_BATCH	100U
#define GUEST_CALLS_MAX 1000000U
double guest_measure(void (*fn)(void), uint32_t calls);

struct guest {
	struct cert_set certs;
	int32_t ring; /* holds them; vendor's and owner's at once */
	struct listfile *list;
	unsigned int lists;
	uint32_t digests; /* in all of them */
};

/* Takes certificate @cert and the lists 000000.list … in @dir. Ends the program if it cannot. */
void guest_open(struct guest *g, const char *cert, const char *dir);

/* With a store for the lists; mode is off. */
struct engine *guest_attach(const struct guest *g, enum diglim_interpreters interpreters);
void guest_detach(struct engine *e);

/* Loads @l with the signature @sig, which must be answered with @want; instructions. */
uint64_t guest_request(struct engine *e, const struct listfile *l, const uint8_t *sig, int want);

void guest_die(const char *what);

#endif
