/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The endorsement key of a TPM, by the TCG's default templates (EK Credential Profile, L-1 and
 * L-2): who made the TPM, and that other keys are in the same one. Errors as in tpm.h.
 */
#ifndef DIGLIM_ATTEST_TPMEK_H
#define DIGLIM_ATTEST_TPMEK_H

#include "tpm.h"
#include "../crypto/keyfile.h"

/* Appends the maker's certificate of the RSA key, else of the ECC key. -ENOENT: it has neither. */
int tpm_ek_cert(struct tpm *t, struct buf *ret, struct err *e);

/*
 * Opens what a CA encrypted for the EK (@rsa: which of them) and for @ak: TPM2B_ID_OBJECT and
 * TPM2B_ENCRYPTED_SECRET. -EKEYREJECTED if it is not for these keys.
 */
int tpm_activate(struct tpm *t, bool rsa, const struct keyfile *ak, const struct buf *credential,
		 struct buf *ret, struct err *e);

/* TPMS_ATTEST and TPMT_SIGNATURE by @ak: @key is in this TPM. @nonce: at most 64 bytes. */
int tpm_certify(struct tpm *t, const struct keyfile *ak, const struct keyfile *key,
		const struct buf *nonce, struct buf *ret, struct buf *ret_sig, struct err *e);

#endif
