// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "der.h"

size_t der_begin(struct buf *b, uint8_t tag)
{
	buf_add_u8(b, tag);
	return b->len;
}

void der_end(struct buf *b, size_t mark)
{
	size_t len = b->len - mark, n = 0;
	uint8_t head[1 + sizeof(len)];

	if (b->failed)
		return;
	if (len < 0x80) {
		head[0] = (uint8_t)len;
	} else {
		while (len >> (8 * n))
			n++;
		head[0] = (uint8_t)(0x80 | n);
		for (size_t i = 0; i < n; i++)
			head[1 + i] = (uint8_t)(len >> (8 * (n - 1 - i)));
	}
	buf_insert(b, mark, head, 1 + n);
}

void der_put(struct buf *b, uint8_t tag, const void *data, size_t len)
{
	size_t mark = der_begin(b, tag);

	buf_add(b, data, len);
	der_end(b, mark);
}

void der_put_uint(struct buf *b, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t mark = der_begin(b, DER_INTEGER);

	while (len && !*p) {
		p++;
		len--;
	}
	if (!len || *p & 0x80)
		buf_add_u8(b, 0);
	buf_add(b, p, len);
	der_end(b, mark);
}

void der_put_algorithm(struct buf *b, const void *oid, size_t len, bool null)
{
	size_t mark = der_begin(b, DER_SEQUENCE);

	der_put(b, DER_OID, oid, len);
	if (null)
		der_put(b, DER_NULL, NULL, 0);
	der_end(b, mark);
}

/* Length field at d->p[*at]; moves *at behind it. */
static int read_length(const struct der *d, size_t *at, size_t *ret)
{
	size_t n, len = 0;

	if (*at >= d->len)
		return -1;
	n = d->p[(*at)++];
	if (n < 0x80) {
		*ret = n;
		return 0;
	}
	n &= 0x7f;
	if (!n || n > 4 || n > d->len - *at)
		return -1;
	for (size_t i = 0; i < n; i++)
		len = len << 8 | d->p[(*at)++];
	if (len < 0x80 || len >> (8 * (n - 1)) == 0)
		return -1;
	*ret = len;
	return 0;
}

int der_next(struct der *d, struct der *content, struct der *whole)
{
	size_t at = 1, len;
	uint8_t tag;

	if (!d->len)
		return -1;
	tag = d->p[0];
	if ((tag & 0x1f) == 0x1f || read_length(d, &at, &len) < 0 || len > d->len - at)
		return -1;
	*content = (struct der){d->p + at, len};
	if (whole)
		*whole = (struct der){d->p, at + len};
	d->p += at + len;
	d->len -= at + len;
	return tag;
}

int der_take(struct der *d, uint8_t tag, struct der *content, struct der *whole)
{
	struct der at = *d;

	if (der_next(&at, content, whole) != tag)
		return -1;
	*d = at;
	return 0;
}
