/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A copy of a file that nobody can change any more. Whoever may write to a file can do so between
 * two readings of it, and through a shared mapping without a trace in its times: what is hashed
 * and what is parsed must be one and the same copy.
 */
#ifndef DIGLIM_BASE_SNAPSHOT_H
#define DIGLIM_BASE_SNAPSHOT_H

#include <stdint.h>

#include "err.h"

/* The largest file that is copied by default, bytes: it is in memory (or swap) meanwhile. */
#define SNAPSHOT_MAX (4ULL << 30)

/*
 * Copies the file behind @fd, from its start to its end, into a sealed memfd: neither its content
 * nor its size can change. Returns its descriptor, for reading, at offset 0; *size (may be NULL) is
 * its size. @fd stays the caller's, its offset is not moved. -EFBIG if there are more than @max
 * bytes, also in a file that grows meanwhile; -ENOMEM or -ENOSPC if memory does not suffice. @path
 * is for messages.
 */
int snapshot_fd(int fd, uint64_t max, const char *path, uint64_t *size, struct err *e);

#endif
