/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* List files: payload ‖ PKCS#7 ‖ trailer ‖ marker (abi/listfile.h, diglim-list(5)). */
#ifndef DIGLIM_FORMAT_LISTFILE_H
#define DIGLIM_FORMAT_LISTFILE_H

#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"

/* Largest list file that is read: ingest buffer at its largest, and the rest. */
#define LISTFILE_MAX (8U << 20)

struct listfile {
	struct buf data; /* the whole file */
	const uint8_t *payload;
	size_t payload_len;
	const uint8_t *sig; /* PKCS#7 */
	size_t sig_len;
};

/*
 * Reads and splits a list file. Refuses directories, FIFOs, sockets and devices without touching
 * them, files above LISTFILE_MAX and files that change meanwhile. Does not look into the payload.
 */
int listfile_read(const char *path, struct listfile *ret, struct err *e);

/* The same for bytes in memory, which stay the caller's; ret->data stays empty. */
int listfile_split(const void *data, size_t len, const char *name, struct listfile *ret,
		   struct err *e);
void listfile_done(struct listfile *l);

/* Replaces @path atomically, mode 0644. */
int listfile_write(const char *path, const void *payload, size_t payload_len, const void *sig,
		   size_t sig_len, struct err *e);

/* The same without waiting for the disk: io_flush() does that once for many. */
int listfile_write_later(const char *path, const void *payload, size_t payload_len, const void *sig,
			 size_t sig_len, struct err *e);

#endif
