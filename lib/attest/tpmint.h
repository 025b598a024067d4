/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lib/attest: what the files that talk to the TPM share. */
#ifndef DIGLIM_ATTEST_TPMINT_H
#define DIGLIM_ATTEST_TPMINT_H

#include <tss2/tss2_esys.h>

#include "tpm.h"
#include "../crypto/keyfile.h"

struct tpm {
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
};

/* 0 for success, else -EIO and what went wrong: "@what: words of tss2". */
int tpm_rc(TSS2_RC rc, const char *what, struct err *e);

/* Takes a loaded object or session out again; what lasts in the TPM stays there. */
void tpm_flush(struct tpm *t, ESYS_TR *handle);

/* Selects one register of one bank, in addition to what is there. -E2BIG if it does not fit. */
int tpm_select(TPML_PCR_SELECTION *ret, unsigned pcr, enum bank bank);

/* The storage key that key files with the owner hierarchy as parent mean. */
int tpm_make_primary(struct tpm *t, enum tpm_storage kind, ESYS_TR *ret, struct err *e);

/*
 * A session salted with @parent, so that nobody on the bus reads what goes to the TPM
 * (@attributes: TPMA_SESSION_DECRYPT) or comes from it (TPMA_SESSION_ENCRYPT).
 */
int tpm_session(struct tpm *t, ESYS_TR parent, TPM2_SE type, TPMA_SESSION attributes, ESYS_TR *ret,
		struct err *e);

/* Makes an object below it; fills @ret but for its policies. */
int tpm_create(struct tpm *t, enum tpm_storage kind, const TPM2B_SENSITIVE_CREATE *sensitive,
	       const TPM2B_PUBLIC *in, struct keyfile *ret, struct err *e);

/* A key of tpm_key_create(), or a secret. @parent: what it lies below, too, unless NULL. */
int tpm_load_key(struct tpm *t, const struct keyfile *k, ESYS_TR *parent, ESYS_TR *ret,
		 struct err *e);

/* Appends what a key signed, and the signature, as the TPM has them. */
int tpm_keep_signed(const TPM2B_ATTEST *attest, const TPMT_SIGNATURE *sig, struct buf *ret,
		    struct buf *ret_sig, struct err *e);

#endif
