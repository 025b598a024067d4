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
	uint16_t type; /* TPM_ALG_RSA, TPM_ALG_ECC, or TPM_ALG_KEYEDHASH for a secret */
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

/* The same for sealed data (TPM_ALG_KEYEDHASH without a scheme); ->spki stays empty. */
int tpmpub_parse_sealed(const void *tpm2b, size_t len, struct tpmpub *ret, struct err *e);

/* Does it sign only what its TPM itself says? */
bool tpmpub_is_ak(const struct tpmpub *p);

/*
 * How a key that only checks signatures is described to a TPM, which decides its name, and so the
 * policies that ask for it. systemd takes RSA only and writes the usual exponent as 65537, in some
 * releases of version 255 as 0 (src/shared/tpm2-util.c).
 */
enum tpmpub_form {
	TPMPUB_FORM_PLAIN,
	TPMPUB_FORM_SYSTEMD,
	TPMPUB_FORM_SYSTEMD_255,
};

/* The TPM2B_PUBLIC of such a key, from its certificate. -EOPNOTSUPP: a TPM does not take it. */
int tpmpub_of_cert(const struct cert *c, enum tpmpub_form form, struct buf *ret, struct err *e);

/* The same for an RSA key in PEM, "PUBLIC KEY". */
int tpmpub_of_pem(const char *pem, size_t len, enum tpmpub_form form, struct buf *ret,
		  struct err *e);

/* The public key in PEM, as OpenSSL reads it. */
int tpmpub_pem(const struct tpmpub *p, struct buf *ret, struct err *e);

/* SHA-256 of an RSA key as PKCS#1 writes it (RSAPublicKey): "pkfp" of systemd. */
int tpmpub_pkcs1_digest(const struct tpmpub *p, uint8_t ret[32], struct err *e);

/* The signature in a TPMT_SIGNATURE of RSASSA with SHA-256, inside @sig. NULL: it is none. */
const uint8_t *tpmpub_rsa_signature(const uint8_t *sig, size_t sig_len, size_t *ret_len);

/*
 * Is this TPMT_SIGNATURE that of the key, over @data? 0; -EBADMSG if it is malformed, -EKEYREJECTED
 * if it does not verify. Only RSASSA and ECDSA with SHA-256, SHA-384 or SHA-512.
 */
int tpmpub_check(const struct tpmpub *p, const void *data, size_t len, const void *sig,
		 size_t sig_len, struct err *e);

#endif
