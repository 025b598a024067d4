/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of metadata: written by import, checked by verify. */
#ifndef DIGLIM_COMMON_METADATA_H
#define DIGLIM_COMMON_METADATA_H

#include "cli.h"
#include "../../lib/policy/lists.h"

/* How their files begin, as in earlier generations. */
#define METADATA_PREFIX "0-metadata_list-compact_tlv"

/*
 * Compares what is at or below @path with the lists @l (none: all in their directories, those of
 * packages and of metadata). Shows what differs. An exit status, or negative with @e.
 */
int metadata_verify(struct cli *c, const char *path, struct lists *l, const struct keys *keys,
		    struct err *e);

#endif
