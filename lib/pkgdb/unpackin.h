/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to unpack.c and unpackin.c: the decompressed bytes of an archive, checksums compared. */
#ifndef DIGLIM_PKGDB_UNPACKIN_H
#define DIGLIM_PKGDB_UNPACKIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define UNPACK_BLOCK (128U << 10)

struct archive;

/* One of the three. */
struct unpack_from {
	const void *data; /* NULL: another */
	size_t len;
	struct archive *member; /* data of the entry at hand; NULL: another */
	int fd;
};

/* NULL on trouble: @why has the reason, NULL if it is that libarchive cannot be used. */
struct unpack_input;
struct unpack_input *unpack_input_open(const struct unpack_from *from, const char **why);
struct unpack_input *unpack_input_close(struct unpack_input *in); /* NULL */

/* Bytes read, 0 at the end, negative with @why. */
ssize_t unpack_input_read(struct unpack_input *in, void *to, size_t len, const char **why);

#endif
