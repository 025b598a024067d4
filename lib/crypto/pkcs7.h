/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the one form of PKCS#7 that core/pkcs7.h accepts. Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_PKCS7_H
#define DIGLIM_CRYPTO_PKCS7_H

#include "../base/buf.h"
#include "../base/err.h"
#include "cert.h"
#include "digest.h"

/* @sig: RSA number in full length, or DER of ECDSA. Signer and algorithm are those of @c. */
int pkcs7_make(const struct cert *c, enum digest_algo digest, const uint8_t *sig, size_t sig_len,
	       struct buf *ret, struct err *e);

#endif
