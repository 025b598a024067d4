/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in an initramfs image: uncompressed cpio archives, then one that may be compressed. */
#ifndef DIGLIM_PKGDB_INITRAMFS_H
#define DIGLIM_PKGDB_INITRAMFS_H

#include "contents.h"

#define INITRAMFS_MAX (512U << 20)

/* -EBADMSG with offset and reason if the image is damaged. */
int initramfs_read(const void *data, size_t len, const char *name, struct contents *c,
		   struct err *e);

/*
 * Length of the cpio archive (newc, uncompressed) at the start of @data, with the zeros behind it.
 * 0: there is none. Negative: it is damaged.
 */
int64_t initramfs_segment(const void *data, size_t len);

#endif
