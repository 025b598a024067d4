/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys that a TPM makes for us, and what it signs with them. Errors as in tpm.h. */
#ifndef DIGLIM_ATTEST_TPMKEY_H
#define DIGLIM_ATTEST_TPMKEY_H

#include <stdbool.h>

#include "tpm.h"
#include "../crypto/keyfile.h"

/*
 * A signing key that never leaves its TPM. An attestation key (@ak) is restricted: it signs only
 * what the TPM itself says. Any other has no password (userWithAuth is clear) and works only
 * under its policy.
 */
struct tpm_key_wish {
	bool rsa; /* RSA-2048, else ECC P-256 */
	bool ak;
	uint8_t policy[32];
};

/* Fills @ret but for its policies. */
int tpm_key_create(struct tpm *t, const struct tpm_key_wish *wish, struct keyfile *ret,
		   struct err *e);

/* Can this TPM check signatures with a key, TPM2B_PUBLIC? -EOPNOTSUPP: not of its kind or length.
 */
int tpm_can_check(struct tpm *t, const void *public, size_t len, struct err *e);

/* TPMS_ATTEST and TPMT_SIGNATURE over registers of one bank. @nonce: at most 64 bytes. */
int tpm_quote(struct tpm *t, const struct keyfile *ak, const struct buf *nonce, enum bank bank,
	      uint32_t mask, struct buf *ret, struct buf *ret_sig, struct err *e);

#endif
