/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the files of lib/engine only. */
#ifndef DIGLIM_ENGINE_INTERNAL_H
#define DIGLIM_ENGINE_INTERNAL_H

#include <stdint.h>

#include "engine.h"

/* The maps that user space opens again through their pins. */
enum engine_map {
	ENGINE_MAP_CONTROL,
	ENGINE_MAP_STATUS,
	ENGINE_MAP_COUNTERS,
	ENGINE_MAP_EVENTS,
	ENGINE_MAP_STORE,
	ENGINE_MAP_LINKS,
	ENGINE_MAP_CHUNKS,
	ENGINE_MAP_LISTS,
	ENGINE_MAP_BUFFERS,
	ENGINE_MAP_MAX,
};

extern const char *const engine_map_names[ENGINE_MAP_MAX];

struct ring_buffer;

struct engine {
	int map[ENGINE_MAP_MAX];
	struct ring_buffer *ring; /* NULL until the first poll */
	engine_event_fn event_fn;
	void *event_arg;
};

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

/*
 * Makes a child do what each hook in @mask must refuse. Returns the mask of hooks that were seen to
 * refuse, or negative.
 */
int engine_selftest(int control_fd, int counters_fd, uint32_t mask, uint32_t *ret_seen,
		    struct err *e);

/* Sum over CPUs. */
int engine_counters_get(int counters_fd, uint32_t hook, struct diglim_counters *ret);

#endif
