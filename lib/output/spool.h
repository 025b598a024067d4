/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event spool: JSON lines in DIR/events.jsonl, the older half in DIR/events.jsonl.1. The holder
 * of the lock on DIR/events.lock appends what the kernel's log holds, so that it is kept when the
 * log has long overwritten it.
 */
#ifndef DIGLIM_OUTPUT_SPOOL_H
#define DIGLIM_OUTPUT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

struct spool_writer;

/*
 * Takes the lock if it is free. 1 with *ret set, 0 if another process holds it, negative: trouble.
 * A file that grows above @max bytes becomes the older one, in place of the one that was.
 */
int spool_writer_open(const char *dir, uint64_t max, struct spool_writer **ret, struct err *e);
struct spool_writer *spool_writer_close(struct spool_writer *w);

/* Appends @line and a line feed in one write. */
int spool_append(struct spool_writer *w, const char *line, struct err *e);

struct spool_reader;

/* Longer lines are none of ours, and left out. */
#define SPOOL_LINE_MAX 65536

/* From the oldest line. An empty spool is no error, one that may not be read is. */
int spool_reader_open(const char *dir, struct spool_reader **ret, struct err *e);
struct spool_reader *spool_reader_close(struct spool_reader *r);

/*
 * The next whole line, without its line feed. 1 with *line and *len set until the next call, 0: no
 * more for now, negative: trouble.
 */
int spool_next(struct spool_reader *r, const char **line, size_t *len, struct err *e);

#endif
