/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secrets that a TPM gives out in an approved state only: objects of the kind KEYEDHASH with the
 * policies of tpmkey.h, in the same kind of file. Errors as in tpm.h.
 */
#ifndef DIGLIM_ATTEST_TPMSECRET_H
#define DIGLIM_ATTEST_TPMSECRET_H

#include "policy.h"
#include "tpm.h"

#define TPM_SECRET_MAX 128 /* bytes: MAX_SYM_DATA of the TPM 2.0 Library */

/* Fills @ret but for its policies. -E2BIG if @secret is longer, -EINVAL if it is empty. */
int tpm_secret_seal(struct tpm *t, enum tpm_storage kind, const uint8_t policy[POLICY_SIZE],
		    const struct buf *secret, struct keyfile *ret, struct err *e);

/*
 * Appends the secret, which the TPM encrypts on its way here. Approvals are tried from the newest
 * to the oldest. -EKEYREJECTED if the registers hold none of the approved states.
 */
int tpm_secret_open(struct tpm *t, const struct keyfile *k, struct buf *ret, struct err *e);

#endif
