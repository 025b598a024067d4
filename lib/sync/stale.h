/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a killed writer leaves behind. */
#ifndef DIGLIM_SYNC_STALE_H
#define DIGLIM_SYNC_STALE_H

#include <stddef.h>

/*
 * Deletes temporary files of io_write_atomic() for lists that are over a minute old; returns how
 * many. Younger ones may belong to somebody who is writing.
 */
size_t stale_delete(const char *dir);

#endif
