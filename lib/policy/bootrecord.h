/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How this boot went, in /run: written by diglim-init, shown as long as the machine runs. */
#ifndef DIGLIM_POLICY_BOOTRECORD_H
#define DIGLIM_POLICY_BOOTRECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"
#include "bootmode.h"
#include "places.h"

#define BOOT_RECORD "boot" /* below places.run */

enum boot_outcome {
	BOOT_NONE = 0,	 /* nothing is recorded */
	BOOT_AS_ASKED,	 /* the mode that was chosen, with all keys and lists */
	BOOT_INCOMPLETE, /* that mode, but a key or a list was not taken */
	BOOT_WEAKER,	 /* another mode, or not sealed, because something failed */
	BOOT_OFF,	 /* off, because somebody said so */
	BOOT_FAILED,	 /* nothing is judged, because something failed */
	BOOT_OUTCOMES,
};

struct boot_record {
	enum boot_outcome outcome;
	enum diglim_mode mode; /* in force when the next program was started */
	bool sealed;
	char stage[16]; /* "early", "late" or "init" */
	char why[BOOT_WHY_MAX];
	char trouble[ERR_TEXT_MAX]; /* the first thing that went wrong; empty: nothing */
	uint64_t keys, keys_refused, lists, lists_refused, digests;
	uint64_t bytes;					/* of lists read */
	uint64_t read_us, attach_us, feed_us, total_us; /* parts, and the whole */
};

/* For scripts and people: "as-asked", "incomplete" … */
const char *boot_outcome_name(enum boot_outcome o);

/* Is what happened what the owner asked for, with protection? */
bool boot_is_good(enum boot_outcome o);

/* Replaces @path, whose directory must be there. */
int boot_record_write(const char *path, const struct boot_record *b, struct err *e);

/* 0 with ->outcome BOOT_NONE if there is none. Unknown keys are passed over. */
int boot_record_read(const char *path, struct boot_record *b, struct err *e);

#endif
