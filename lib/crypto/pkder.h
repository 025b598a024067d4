/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public keys and signatures as DER, of their numbers. Without OpenSSL. Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_PKDER_H
#define DIGLIM_CRYPTO_PKDER_H

#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"

/* SubjectPublicKeyInfo from numbers (big endian, without leading zeros). */
void pk_spki_rsa(struct buf *ret, const uint8_t *n, size_t n_len, const uint8_t *exp,
		 size_t exp_len);
/* @curve: content of the object identifier; @point: uncompressed. */
void pk_spki_ec(struct buf *ret, const uint8_t *curve, size_t curve_len, const uint8_t *point,
		size_t point_len);
/* Ed25519, Ed448: algorithm without parameters. */
void pk_spki_raw(struct buf *ret, const uint8_t *oid, size_t oid_len, const uint8_t *point,
		 size_t point_len);
/* DSA: p, q, g, y. */
void pk_spki_dsa(struct buf *ret, const uint8_t *const num[4], const size_t len[4]);

/* ECDSA and DSA signatures: two numbers as SEQUENCE { INTEGER, INTEGER }. */
void pk_sig_der(struct buf *ret, const uint8_t *r, size_t r_len, const uint8_t *s, size_t s_len);

#endif
