/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists into the kernel, with a remedy in the message if it refuses. */
#ifndef DIGLIM_SYNC_LOAD_H
#define DIGLIM_SYNC_LOAD_H

#include "../../abi/limits.h"
#include "../engine/engine.h"
#include "../format/listfile.h"

/*
 * Reads a list file and loads it. @name (may be NULL) receives its name. 0, -DIGLIM_E_EXISTS if it
 * is loaded already, or another negative code with file, reason and way out in @e.
 */
int sync_load_file(struct engine *g, const char *path, char name[DIGLIM_NAME_MAX], struct err *e);

/* The same for a list in memory; @path is for messages. */
int sync_load(struct engine *g, const char *path, const struct listfile *lf,
	      char name[DIGLIM_NAME_MAX], struct err *e);

#endif
