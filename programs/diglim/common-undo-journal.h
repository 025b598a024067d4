/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What writing the notes of setup (common-undo-journal.c) and undoing (common-undo.c) share. */
#ifndef DIGLIM_COMMON_UNDO_JOURNAL_H
#define DIGLIM_COMMON_UNDO_JOURNAL_H

#include <dirent.h>
#include <stdbool.h>

#include "common-undo.h"
#include "../../abi/limits.h"

#define UNDO_JOURNAL	"journal" /* its name in undo.dir */
#define UNDO_FILE_LIMIT (256U << 20)
#define UNDO_LINE_MAX	(PATH_MAX + 128)

/* @path with the root in front. */
void undo_real_path(char ret[PATH_MAX], const struct undo *u, const char *path);

/* SHA-256 of a file, in hexadecimal. */
int undo_hash(const char *real, char ret[2 * DIGLIM_DIGEST_SIZE + 1], struct err *e);

/* Our own notes are in no tree; NULL with errno if it cannot be read. */
DIR *undo_open_tree(const struct undo *u, const char *path);

typedef int undo_entry_fn(void *ctx, const char *path, bool dir, struct err *e);

/*
 * Calls @fn for files and folders in @d, which is closed. A name that the journal cannot hold was
 * never noted: passed over, or -EINVAL if @strict.
 */
int undo_each_below(DIR *d, const char *path, bool strict, undo_entry_fn *fn, void *ctx,
		    struct err *e);

#endif
