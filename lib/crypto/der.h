/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The little of DER (X.690) that signatures and certificates need. Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_DER_H
#define DIGLIM_CRYPTO_DER_H

#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0,
};

/* Writing. der_begin() … der_end(mark) enclose the content of a constructed element. */
size_t der_begin(struct buf *b, uint8_t tag);
void der_end(struct buf *b, size_t mark);
void der_put(struct buf *b, uint8_t tag, const void *data, size_t len);
/* An unsigned big-endian number as INTEGER, in its shortest form. */
void der_put_uint(struct buf *b, const void *data, size_t len);
/* SEQUENCE { OID } or, with @null, SEQUENCE { OID, NULL }. @oid: content bytes. */
void der_put_algorithm(struct buf *b, const void *oid, size_t len, bool null);

/* Reading: a stretch of DER that shrinks as elements are taken from it. */
struct der {
	const uint8_t *p;
	size_t len;
};

/*
 * Takes the next element. Definite shortest-form lengths and one-byte tags only. @whole (may be
 * NULL) includes tag and length. Returns the tag, or -1.
 */
int der_next(struct der *d, struct der *content, struct der *whole);
/* The same for an element that must have this @tag: 0, or -1. */
int der_take(struct der *d, uint8_t tag, struct der *content, struct der *whole);

#endif
