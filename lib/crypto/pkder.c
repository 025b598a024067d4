// SPDX-License-Identifier: LGPL-2.1-or-later
#include "der.h"
#include "pkder.h"

/* BIT STRING whose bits fill whole bytes; put between begin and end. */
static size_t begin_bits(struct buf *b)
{
	size_t mark = der_begin(b, DER_BIT_STRING);

	buf_add_u8(b, 0);
	return mark;
}

void pk_spki_rsa(struct buf *ret, const uint8_t *n, size_t n_len, const uint8_t *exp,
		 size_t exp_len)
{
	static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
	size_t spki = der_begin(ret, DER_SEQUENCE), bits, key;

	der_put_algorithm(ret, oid, sizeof(oid), true);
	bits = begin_bits(ret);
	key = der_begin(ret, DER_SEQUENCE);
	der_put_uint(ret, n, n_len);
	der_put_uint(ret, exp, exp_len);
	der_end(ret, key);
	der_end(ret, bits);
	der_end(ret, spki);
}

void pk_spki_ec(struct buf *ret, const uint8_t *curve, size_t curve_len, const uint8_t *point,
		size_t point_len)
{
	static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
	size_t spki = der_begin(ret, DER_SEQUENCE), mark;

	mark = der_begin(ret, DER_SEQUENCE);
	der_put(ret, DER_OID, oid, sizeof(oid));
	der_put(ret, DER_OID, curve, curve_len);
	der_end(ret, mark);
	mark = begin_bits(ret);
	buf_add(ret, point, point_len);
	der_end(ret, mark);
	der_end(ret, spki);
}

void pk_spki_raw(struct buf *ret, const uint8_t *oid, size_t oid_len, const uint8_t *point,
		 size_t point_len)
{
	size_t spki = der_begin(ret, DER_SEQUENCE), mark;

	der_put_algorithm(ret, oid, oid_len, false);
	mark = begin_bits(ret);
	buf_add(ret, point, point_len);
	der_end(ret, mark);
	der_end(ret, spki);
}

void pk_spki_dsa(struct buf *ret, const uint8_t *const num[4], const size_t len[4])
{
	static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01};
	size_t spki = der_begin(ret, DER_SEQUENCE), algo, mark;

	algo = der_begin(ret, DER_SEQUENCE);
	der_put(ret, DER_OID, oid, sizeof(oid));
	mark = der_begin(ret, DER_SEQUENCE);
	for (int i = 0; i < 3; i++)
		der_put_uint(ret, num[i], len[i]);
	der_end(ret, mark);
	der_end(ret, algo);
	mark = begin_bits(ret);
	der_put_uint(ret, num[3], len[3]);
	der_end(ret, mark);
	der_end(ret, spki);
}

void pk_sig_der(struct buf *ret, const uint8_t *r, size_t r_len, const uint8_t *s, size_t s_len)
{
	size_t mark = der_begin(ret, DER_SEQUENCE);

	der_put_uint(ret, r, r_len);
	der_put_uint(ret, s, s_len);
	der_end(ret, mark);
}
