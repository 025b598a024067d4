/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An enforce on trial, below places.trial: it ends in audit at a moment that is fixed when it is
 * asked for, unless it is confirmed before. Within a boot the kernel side keeps that time by
 * CLOCK_BOOTTIME, and needs no process for it; this record is for boots that start meanwhile.
 */
#ifndef DIGLIM_POLICY_TRIAL_H
#define DIGLIM_POLICY_TRIAL_H

#include <stdint.h>

#include "../base/err.h"

#define TRIAL_MAX_S (30U * 86400)

struct trial {
	int64_t asked;	  /* seconds since 1970 */
	uint64_t seconds; /* 0: there is no trial */
	char boot[40]; /* /proc/sys/kernel/random/boot_id of the boot in which it was asked for */
};

/* One of this boot, from now on. -EDOM above TRIAL_MAX_S. */
int trial_begin(struct trial *t, uint64_t seconds, struct err *e);

/*
 * Seconds left at @now. 0 when it is over, and before it was asked for: a machine whose clock is
 * wrong when it starts is not enforced.
 */
uint32_t trial_left(const struct trial *t, int64_t now);

/* Replaces @path, whose directory must be there. */
int trial_write(const char *path, const struct trial *t, struct err *e);

/* ->seconds is 0 if there is none, or if it is no record of ours. */
int trial_read(const char *path, struct trial *t, struct err *e);

/* 0 as well if there is none. */
int trial_end(const char *path, struct err *e);

#endif
