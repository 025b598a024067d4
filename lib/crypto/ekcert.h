/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Endorsement keys (EK) of TPMs: the certificate by which a maker says that a TPM is his, and
 * secrets that only the TPM with that key can open, and only for the holder of another key. No TPM
 * is needed. TCG EK Credential Profile for TPM 2.0; TPM 2.0 Library, part 1, 24 (credential
 * protection), annexes B.10.4 and C.6.4.
 */
#ifndef DIGLIM_CRYPTO_EKCERT_H
#define DIGLIM_CRYPTO_EKCERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"

#define EKCERT_MAX	  8192 /* bytes of a certificate */
#define EKCERT_SECRET_MAX 32   /* of a secret: the digest of the EK's name */

struct ekcert {
	bool rsa;	 /* RSA-2048, else ECC P-256: the TCG's default templates L-1 and L-2 */
	char owner[256]; /* whose key it is, printable */
	struct buf der;
	struct buf spki; /* SubjectPublicKeyInfo in DER */
};

/*
 * Reads a certificate, DER (padding behind it, as TPMs store it, is dropped) or PEM. -EBADMSG if it
 * is none, -EOPNOTSUPP for keys of other templates.
 */
int ekcert_parse(const void *data, size_t len, struct ekcert *ret, struct err *e);
void ekcert_done(struct ekcert *c);

/*
 * Does a chain lead from it to one of the makers' certificates in these PEM files, now, and is it
 * one of an EK? 0, or -EKEYREJECTED with the reason.
 */
int ekcert_check(const struct ekcert *c, const char *const *roots, size_t n_roots, struct err *e);

/*
 * TPM2_MakeCredential: appends TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET. The TPM with the EK
 * gives @secret (at most EKCERT_SECRET_MAX bytes) only if it has the key called @name.
 */
int ekcert_make_credential(const struct ekcert *c, const uint8_t *name, size_t name_len,
			   const void *secret, size_t secret_len, struct buf *ret, struct err *e);

#endif
