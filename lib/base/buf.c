// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "buf.h"

void buf_free(struct buf *b)
{
	free(b->data);
	*b = BUF_INIT;
}

uint8_t *buf_reserve(struct buf *b, size_t len)
{
	size_t size = b->size ? b->size : 64;
	uint8_t *p;

	if (b->failed || len > SIZE_MAX / 2 - b->len) {
		b->failed = true;
		return NULL;
	}
	while (size < b->len + len)
		size *= 2;
	if (size != b->size) {
		p = realloc(b->data, size);
		if (!p) {
			b->failed = true;
			return NULL;
		}
		b->data = p;
		b->size = size;
	}
	p = b->data + b->len;
	b->len += len;
	return p;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	uint8_t *p = buf_reserve(b, len);

	if (p && len)
		memcpy(p, data, len);
}

void buf_add_u8(struct buf *b, uint8_t v)
{
	buf_add(b, &v, 1);
}

static void add_be(struct buf *b, uint64_t v, unsigned int bytes)
{
	while (bytes--)
		buf_add_u8(b, (uint8_t)(v >> (8 * bytes)));
}

void buf_add_be16(struct buf *b, uint16_t v)
{
	add_be(b, v, 2);
}

void buf_add_be32(struct buf *b, uint32_t v)
{
	add_be(b, v, 4);
}

void buf_add_be64(struct buf *b, uint64_t v)
{
	add_be(b, v, 8);
}

void buf_insert(struct buf *b, size_t off, const void *data, size_t len)
{
	size_t tail = b->len - off;

	if (off > b->len || !buf_reserve(b, len))
		return;
	memmove(b->data + off + len, b->data + off, tail);
	memcpy(b->data + off, data, len);
}
