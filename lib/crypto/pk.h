/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public keys as OpenSSL has them. Private to lib/crypto, the only place that sees OpenSSL. */
#ifndef DIGLIM_CRYPTO_PK_H
#define DIGLIM_CRYPTO_PK_H

#include <openssl/evp.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "cert.h"
#include "pkder.h"

/* Hash algorithms by OpenSSL's name; SHA-1 and SHA-224 occur in self-signatures of keys. */
enum pk_hash {
	PK_HASH_NONE = 0,
	PK_HASH_SHA1,
	PK_HASH_SHA224,
	PK_HASH_SHA256,
	PK_HASH_SHA384,
	PK_HASH_SHA512,
};

const char *pk_hash_name(enum pk_hash hash);

/*
 * Does @sig over the digest verify? RSA: PKCS#1 v1.5, padding and DigestInfo compared in full.
 * ECDSA and DSA: DER. Ed25519 and Ed448: over the digest as message. 1 yes, 0 no.
 */
int pk_verify(EVP_PKEY *key, enum pk_hash hash, const uint8_t *digest, size_t digest_len,
	      const uint8_t *sig, size_t sig_len);

/* NULL if OpenSSL does not take it. */
EVP_PKEY *pk_from_spki(const struct buf *spki);

/* The key of its X.509 certificate; NULL if there is none. */
EVP_PKEY *pk_of_cert(const struct cert *c);

/* Sets c->algo, algo_name, bits; not usable: state and why too. */
void pk_describe(EVP_PKEY *key, struct cert *c);

/* For OpenSSL's readers of PEM, which ask on the terminal otherwise: nothing public is encrypted.
 */
int pk_no_passphrase(char *buf, int size, int writing, void *arg);

/* The way out that every message about an unusable key or signature ends with. */
#define PK_WAY_OUT "sign the lists you need with your own key (diglim sign)"

#endif
