/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists that packages bring (PLACES_LISTS_SHIPPED): once the package that brought one has it no
 * more, it leaves the kernel. The kernel does not know where a list came from, so those that were
 * seen there since it started are written down in PLACES_RUN.
 */
#ifndef DIGLIM_SYNC_SHIPPED_H
#define DIGLIM_SYNC_SHIPPED_H

#include "known.h"
#include "sync.h"

#define PLACES_SHIPPED 1 /* index into places->lists */

/*
 * Writes down what is there now, unless @again is false and something is written down already. To
 * be called before packages change. Lists that cannot be read are left out.
 */
int shipped_note(const struct places *places, bool again, struct err *e);

/* What was written down, sorted by identity; none if nothing was. -EBADMSG: damaged. */
int shipped_read(const struct places *places, struct known *ret, struct err *e);

/* @lists: ->flag says which. */
int shipped_write(const struct places *places, const struct known *lists, struct err *e);

/*
 * After packages changed: loads what is new there, unloads what is gone and in no other directory
 * of lists, and writes down what is there. Each is told to @event (may be NULL). As long as a file
 * there cannot be read, nothing is unloaded: it could be any of them. 0 also if single lists
 * failed.
 */
int shipped_follow(const struct sync *s, void (*event)(const struct sync_event *ev, void *arg),
		   void *arg, struct err *e);

#endif
