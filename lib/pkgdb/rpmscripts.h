/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scriptlets of a package, as rpm writes them to a file for their interpreter. */
#ifndef DIGLIM_PKGDB_RPMSCRIPTS_H
#define DIGLIM_PKGDB_RPMSCRIPTS_H

#include "rpmpkg.h"

/*
 * Calls @fn for each scriptlet and trigger of the signed header until it returns non-zero, which is
 * then returned. Left out is what rpm runs itself (Lua), and what it changes before (macros, query
 * formats): that text is not what was signed.
 */
typedef int (*rpmscripts_fn)(const char *text, void *arg);
int rpmscripts_walk(const struct rpmpkg *p, rpmscripts_fn fn, void *arg, struct err *e);

#endif
