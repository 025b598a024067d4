/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loader and the libraries that programs name in their ELF headers, found as glibc finds them:
 * DT_RPATH of the file and of what needs it, DT_RUNPATH, ld.so.cache, the standard directories.
 * What depends on how a program is started (LD_LIBRARY_PATH, LD_PRELOAD, dlopen(3)) is not known.
 */
#ifndef DIGLIM_COMMON_CHECK_NEEDS_H
#define DIGLIM_COMMON_CHECK_NEEDS_H

#include "common-check.h"

/*
 * Adds to the items from 0 to @n, of units, cron and PATH, what they need, each file once for each
 * source, and the libraries of /etc/ld.so.preload. What is not found goes to k->unresolved.
 */
int check_add_needs(struct check *k, size_t n, struct err *e);

#endif
