/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attached programs, their keyrings and lists, as several verbs need them. */
#ifndef DIGLIM_COMMON_KERNEL_H
#define DIGLIM_COMMON_KERNEL_H

#include "../../lib/engine/engine.h"
#include "../../lib/policy/keys.h"
#include "cli.h"

/* Serials of the keyrings, by enum keys_kind. */
struct kernel_rings {
	int32_t serial[KEYS_KINDS];
};

/* Opens the connection; says what to do if DIGLIM is not attached. Negative with @e set. */
int kernel_open(struct engine **ret, struct err *e);

/* The keyrings that the attached programs check against. */
int kernel_rings(struct engine *g, struct kernel_rings *ret, struct err *e);

/*
 * Puts every key of keys.d that the kernel can use into the keyrings. A key that the kernel refuses
 * is said on standard error and counted in *failed.
 */
int kernel_fill_rings(const struct kernel_rings *rings, const struct keys *keys, size_t *failed,
		      struct err *e);

/* Adds the usable ones of @set to one keyring; the same rules. Returns how many were added. */
int kernel_add_certs(int32_t ring, const struct cert_set *set, size_t *failed, struct err *e);

/*
 * The keyrings again from the files that there are now. 1, 0 if the files alone count: DIGLIM is
 * not attached, or they are below another root.
 */
int kernel_refill_rings(struct cli *c, struct err *e);

/* Is it the signature that was refused (an answer), or is something else wrong (trouble)? */
bool kernel_refused_signature(int code);

/* "in force until …" for people; empty without a window. @buf is returned. */
#define KERNEL_WINDOW_MAX 96
char *kernel_window(const struct engine_status *s, char buf[KERNEL_WINDOW_MAX]);

/* CLOCK_BOOTTIME in ns to seconds since 1970, given both clocks now. */
uint64_t kernel_wall_time(uint64_t boot_ns);

#endif
