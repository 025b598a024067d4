/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * glibc's cache of libraries, /etc/ld.so.cache, as written since glibc 2.2 (dl-cache.h of glibc
 * 2.37: "new format", alone or behind one of libc5's).
 */
#ifndef DIGLIM_FORMAT_LDCACHE_H
#define DIGLIM_FORMAT_LDCACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"

#define LDCACHE_MAX (16U << 20) /* largest cache that is read */

/*
 * Calls @fn for the entries of @soname in their order, until it returns non-zero, which is then
 * returned. @hwcaps: only for some processors; which, is not told. Whether it is for the right
 * architecture, the caller finds out. 0 at the end; -EBADMSG if the cache is damaged, -ENOTSUP if
 * it has no part in the newer format.
 */
typedef int (*ldcache_fn)(const char *path, bool hwcaps, void *arg);
int ldcache_find(const void *data, size_t len, const char *soname, ldcache_fn fn, void *arg,
		 struct err *e);

#endif
