/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What 'diglim setup' has changed, so that it can be undone exactly: a journal on disk that names
 * each thing before it is touched, with a copy of what was there. After a power cut at any moment
 * it says at least what was changed.
 */
#ifndef DIGLIM_COMMON_UNDO_H
#define DIGLIM_COMMON_UNDO_H

#include <limits.h>
#include <stddef.h>

#include "../../lib/base/err.h"

struct undo {
	const char *root;   /* "" for the running system */
	char dir[PATH_MAX]; /* of journal and copies */
	unsigned next;	    /* number of the next copy */
};

/* Opens or begins the journal. 1: there is one already, 0: a new one. */
int undo_open(struct undo *u, const char *root, struct err *e);

/* @path (below the root, without it) is about to be made, changed or removed: a regular file. */
int undo_note_file(struct undo *u, const char *path, struct err *e);

/*
 * The same for everything below the directory @path, whatever will be there; and when all of it is
 * there. What others put there later is not touched.
 */
int undo_note_tree(struct undo *u, const char *path, struct err *e);
int undo_note_tree_done(struct undo *u, const char *path, struct err *e);

/* @path is about to get this content. Changed by others later it is not touched. */
int undo_note_content(struct undo *u, const char *path, const void *data, size_t len,
		      struct err *e);

/* Makes the directories above @path that are missing. Empty when it is undone, they go. */
int undo_note_dirs(struct undo *u, const char *path, struct err *e);

/* @path is about to get, or has, lines of ours: common-undo-block.h. */
int undo_note_block(struct undo *u, const char *path, struct err *e);

/* @command, run by sh below the root, is part of undoing. */
int undo_note_command(struct undo *u, const char *command, struct err *e);

/* Undoes all, newest first, and forgets it. @say gets a line for each thing; @dry: nothing is done.
 * Returns how many things were left because somebody has changed them since, or negative. */
int undo_all(struct undo *u, int dry, void (*say)(const char *line, void *arg), void *arg,
	     struct err *e);

/* Runs @command by sh, below @root if that is another system. Its exit status, or negative. */
int undo_run(const char *root, const char *command, struct err *e);

#endif
