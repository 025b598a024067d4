/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public keys and signatures as a TPM writes them (TPM 2.0 Library, part 2: TPMT_PUBLIC,
 * TPMT_SIGNATURE), read and checked without one. All bytes may be an attacker's.
 */
#ifndef DIGLIM_CRYPTO_TPMPUB_H
#define DIGLIM_CRYPTO_TPMPUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "cert.h"

/* TPMA_OBJECT */
enum tpmpub_attribute {
	TPMPUB_FIXED_TPM = 1 << 1,
	TPMPUB_FIXED_PARENT = 1 << 4,
	TPMPUB_SENSITIVE_DATA_ORIGIN = 1 << 5,
	TPMPUB_USER_WITH_AUTH = 1 << 6,
	TPMPUB_ADMIN_WITH_POLICY = 1 << 7,
	TPMPUB_NO_DA = 1 << 10,
	TPMPUB_RESTRICTED = 1 << 16,
	TPMPUB_DECRYPT = 1 << 17,
	TPMPUB_SIGN = 1 << 18,
};

#define TPMPUB_NAME_MAX (2 + 64)

struct tpmpub {
	uint16_t type; /* TPM_ALG_RSA, TPM_ALG_ECC */
	uint32_t attributes;
	const uint8_t *policy; /* authPolicy, inside what was parsed */
	size_t policy_len;
	uint8_t name[TPMPUB_NAME_MAX]; /* the TPM's: algorithm and digest of all of it */
	size_t name_len;
	struct buf spki; /* SubjectPublicKeyInfo in DER */
};

/*
 * Reads a TPM2B_PUBLIC of an RSA or NIST P-256 or P-384 key with a SHA-256 or SHA-384 name.
 * -EBADMSG if it is malformed, -EOPNOTSUPP for other keys.
 */
int tpmpub_parse(const void *tpm2b, size_t len, struct tpmpub *ret, struct err *e);
void tpmpub_done(struct tpmpub *p);

/* Does it sign only what its TPM itself says? */
bool tpmpub_is_ak(const struct tpmpub *p);

/* The TPM2B_PUBLIC of a key that only checks signatures, from its certificate. */
int tpmpub_of_cert(const struct cert *c, struct buf *ret, struct err *e);

/* The public key in PEM, as OpenSSL reads it. */
int tpmpub_pem(const struct tpmpub *p, struct buf *ret, struct err *e);

/*
 * Is this TPMT_SIGNATURE that of the key, over @data? 0; -EBADMSG if it is malformed, -EKEYREJECTED
 * if it does not verify. Only RSASSA and ECDSA with SHA-256, SHA-384 or SHA-512.
 */
int tpmpub_check(const struct tpmpub *p, const void *data, size_t len, const void *sig,
		 size_t sig_len, struct err *e);

#endif
