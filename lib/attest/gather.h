/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of a system as its files make it: what is extended at its next boot. */
#ifndef DIGLIM_ATTEST_GATHER_H
#define DIGLIM_ATTEST_GATHER_H

#include "../base/err.h"
#include "../policy/config.h"
#include "../policy/keys.h"
#include "../policy/lists.h"
#include "statement.h"

/* Mode, scope and the settings of diglim.conf(5) that decide what is judged, and how. */
int gather_settings(struct statement *s, const struct config *c, struct err *e);

/* Each key as the kernel's keyrings get it. */
int gather_keys(struct statement *s, const struct keys *keys, struct err *e);

/*
 * DIGLIM's own programs below @root that are there. -ENOENT if there is none: a state that does not
 * say who made it is worth nothing.
 */
int gather_programs(struct statement *s, const char *root, struct err *e);

/* One list, by the SHA-256 of its payload and its name. */
int gather_payload(struct statement *s, const void *payload, size_t len, const char *name,
		   struct err *e);

/*
 * A list file. 1 if it was added, 0 if the keys do not vouch for it (why is in *why, which may be
 * NULL): the kernel refuses it, too. Negative if it is no list.
 */
int gather_list(struct statement *s, const char *path, const struct keys *keys, struct err *why,
		struct err *e);

/* The same; *id receives the list's identity if it was added. */
int gather_list_id(struct statement *s, const char *path, const struct keys *keys,
		   uint8_t id[DIGLIM_LIST_ID_SIZE], struct err *why, struct err *e);

#endif
