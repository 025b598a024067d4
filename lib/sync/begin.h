/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Before lists are loaded for the first time: in which order, and for how many there must be room.
 */
#ifndef DIGLIM_SYNC_BEGIN_H
#define DIGLIM_SYNC_BEGIN_H

#include "../engine/engine.h"
#include "../policy/config.h"
#include "../policy/lists.h"

struct sync_amount {
	uint64_t digests; /* at most: what the lists say of themselves */
	uint64_t bytes;	  /* of their files */
};

/*
 * Looks into each list as far as needed to tell how much it holds, and puts those that deny, limit
 * or set lowest versions before those that they are about. What is wrong with a list is said when
 * it is loaded. @step (may be NULL) is called before each file.
 */
void sync_survey(struct lists *l, struct sync_amount *ret,
		 void (*step)(size_t done, const char *path, void *arg), void *arg);

/* What the kernel side is told at attach. @digests: of the lists; head-room is added here. */
int sync_engine_config(const struct config *conf, uint64_t digests, uint64_t lists,
		       struct engine_config *ret, struct err *e);

#endif
