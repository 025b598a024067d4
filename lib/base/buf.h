/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A growing byte buffer. A failed append is remembered in ->failed and makes all later ones do
 * nothing, so that a writer checks once, at its end.
 */
#ifndef DIGLIM_BASE_BUF_H
#define DIGLIM_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len;
	size_t size;
	bool failed; /* out of memory */
};

#define BUF_INIT ((struct buf){NULL, 0, 0, false})

void buf_free(struct buf *b); /* leaves BUF_INIT behind */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_be16(struct buf *b, uint16_t v);
void buf_add_be32(struct buf *b, uint32_t v);
void buf_add_be64(struct buf *b, uint64_t v);

/* Room for @len more bytes, which count as appended; NULL when out of memory. */
uint8_t *buf_reserve(struct buf *b, size_t len);

/* Puts @len bytes in at @off. */
void buf_insert(struct buf *b, size_t off, const void *data, size_t len);

#endif
