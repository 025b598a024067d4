/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the files of lib/engine only. */
#ifndef DIGLIM_ENGINE_INTERNAL_H
#define DIGLIM_ENGINE_INTERNAL_H

#include <stdint.h>

#include "engine.h"
#include "records.h"

/* The pins that are read (abi/read.h). */
#define ENGINE_READ_STATE  "state"
#define ENGINE_READ_LISTS  "lists"
#define ENGINE_READ_EVENTS "events"

struct engine {
	uint32_t ingest_room; /* bytes of a payload; 0: not asked yet */
	uint64_t seen;	      /* newest event handed out */
	uint64_t awaited;     /* newest number when nothing came */
	unsigned tries;	      /* how often nothing came */
};

/* The program that takes requests; also the name of its link's pin. */
#define ENGINE_INGEST_PROGRAM "diglim_ingest"

/* Path of a pin; static buffers would not survive threads, so the caller brings one. */
#define ENGINE_PATH_MAX 256
const char *engine_pin_path(char buf[ENGINE_PATH_MAX], const char *kind, const char *name);

/* One request; returns 0 or the negative answer, without retrying and without text. */
int engine_request(const struct diglim_request *rq);

/* One attach or detach at a time: a descriptor that holds the lock until it is closed, or negative.
 */
int engine_lock(struct err *e);

/* Removes all pins, also those of an attach that was killed half-way. */
int engine_pins_remove(struct err *e);

uint64_t engine_boottime_ns(void);

/* All that a pin gives, in new memory. */
int engine_read_pin(const char *name, uint8_t **ret, size_t *len, struct err *e);

int engine_state_read(struct diglim_read_state *ret, struct err *e);

/*
 * Makes a child do what each hook in @mask must refuse. Returns 0 or negative.
 */
struct selftest_maps {
	int control, counters, tasks; /* descriptors */
};
struct selftest_seen {
	uint32_t refused;   /* mask of hooks that were seen to refuse */
	uint32_t forestall; /* of the others: another LSM refused before DIGLIM was asked */
};
int engine_selftest(const struct selftest_maps *maps, uint32_t mask, struct selftest_seen *ret,
		    struct err *e);

/* The same for the hooks of the guard: 0 or -errno. */
int engine_selftest_guard(uint32_t hook);

/* In the child, before any of it: mounts of its own. */
void engine_selftest_prepare(void);

/* Removes what its attempts left because they were refused. */
void engine_selftest_tidy(void);

/*
 * Everything that attaching and sealing rely on, asked of the kernel, and of the attached programs:
 * -ENOTSUP if something is missing. @first: hooks from this number on; once enforcing, an attempt
 * on another hook may be refused before it gets there.
 */
int engine_refuse_partial(bool accept_reduced, struct err *e);
int engine_selftest_all(const struct selftest_maps *maps, uint32_t first,
			const struct engine_config *cfg, struct err *e);

/* Major number of the TPM driver's devices, now and later; 0: there is no such driver. */
uint32_t engine_tpm_region(void);

/* Kernel encoding of the number of /dev/tpmrm0, as sysfs has it; 0: there is none. */
uint32_t engine_tpm_number(void);

/* A descriptor of a TPM, open for writing, or negative. */
int engine_tpm_device(void);

/* A descriptor of the root of the control groups, also where nobody has mounted them. */
int engine_cgroup_root(struct err *e);

/* What the kernel answers a sealed machine's owner in words. */
int engine_say_sealed(struct err *e);

#endif
