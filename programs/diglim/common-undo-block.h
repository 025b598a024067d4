/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of ours in a text file that others write, too: between two marks, each a line. Whatever
 * becomes of the rest, these lines can be found and taken out again.
 */
#ifndef DIGLIM_COMMON_UNDO_BLOCK_H
#define DIGLIM_COMMON_UNDO_BLOCK_H

#include <stdbool.h>

#include "../../lib/base/buf.h"
#include "../../lib/base/err.h"

#define BLOCK_BEGIN "# DIGLIM begin\n"
#define BLOCK_END   "# DIGLIM end\n"

/* Does @text have such lines? */
bool block_is_in(const char *text);

/* @ret gets @text with the lines of @block, each ended, before all others. */
void block_put(struct buf *ret, const char *text, const char *block);

/* @ret gets @text without them. -EINVAL: they have no end. */
int block_take(struct buf *ret, const char *text);

/* Takes the block out of the file @real, which goes if nothing else is in it. 1: nothing of ours
 * was there, -EINVAL: it has no end. */
int block_undo(const char *real, bool dry, struct err *e);

#endif
