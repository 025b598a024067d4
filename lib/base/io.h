/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files, read and written with care: only regular files, never blocking on a FIFO, bounded, and
 * noticing a file that changes meanwhile.
 */
#ifndef DIGLIM_BASE_IO_H
#define DIGLIM_BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "buf.h"
#include "err.h"

/*
 * Opens a regular file for reading. Follows symbolic links; refuses everything else that is not a
 * regular file, and does not hang on a FIFO or a device. Fills @st. Returns the descriptor.
 * @dir_fd as in openat(2).
 */
int io_open_regular(int dir_fd, const char *path, struct stat *st, struct err *e);

/* -EBUSY with @e set if the file behind @fd is not as it was when @st was taken. */
int io_check_unchanged(int fd, const struct stat *st, const char *path, struct err *e);

/* Exactly @len bytes at @off; -ENODATA if the file ends before. */
int io_read_exact(int fd, void *data, size_t len, uint64_t off, const char *path, struct err *e);

/*
 * Whole file, at most @max bytes (-EFBIG above). @ret is appended to.
 */
int io_read_file(const char *path, size_t max, struct buf *ret, struct err *e);

/*
 * The same for files that do not know their size before they are read, as those of securityfs and
 * sysfs: up to the end, at most @max bytes (-EFBIG above).
 */
int io_read_stream(const char *path, size_t max, struct buf *ret, struct err *e);

/* The same from an open file of any kind, such as standard input; @name is for messages. */
int io_read_fd(int fd, const char *name, size_t max, struct buf *ret, struct err *e);

/* Writes @len bytes where @fd is. 0 or a negative errno; part of them may have been written. */
int io_write_all(int fd, const void *data, size_t len);

struct io_part {
	const void *data;
	size_t len;
};

/*
 * Replaces @path by the concatenation of @parts: temporary file beside it, fsync, rename, fsync of
 * the directory. Whoever looks sees the old or the new file. What is there and no regular file (or
 * link) is refused: a device must not become a file.
 */
int io_write_atomic(const char *path, const struct io_part *parts, size_t n, mode_t mode,
		    struct err *e);

/*
 * The same without waiting for the disk, for many files: whoever looks sees the old or the new
 * one, a power cut before io_flush() may leave either or an empty one.
 */
int io_write_later(const char *path, const struct io_part *parts, size_t n, mode_t mode,
		   struct err *e);

/* Waits until the file system of @dir is on disk. */
int io_flush(const char *dir, struct err *e);

/* Writes a file that must not exist yet (-EEXIST). Nothing is left behind after a failure. */
int io_write_new(const char *path, const void *data, size_t len, mode_t mode, struct err *e);

#endif
