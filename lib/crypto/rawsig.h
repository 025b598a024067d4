/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures as they are, SHA-256: RSA by PKCS#1 v1.5, ECDSA in DER. What 'openssl dgst -sha256
 * -verify' takes.
 */
#ifndef DIGLIM_CRYPTO_RAWSIG_H
#define DIGLIM_CRYPTO_RAWSIG_H

#include "signer.h"

/* Appends the signature over @data. */
int rawsig_sign(struct signer *s, const void *data, size_t len, struct buf *ret, struct err *e);

/* 0 if it is of the key of @c, -EKEYREJECTED if not. */
int rawsig_check(const struct cert *c, const void *data, size_t len, const void *sig,
		 size_t sig_len, struct err *e);

#endif
