/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A TPM 2.0, through ESAPI of tpm2-tss. Without tss2 at build time every call is -EOPNOTSUPP. What
 * a TPM answers is -EIO with its words, unless something better is said here.
 */
#ifndef DIGLIM_ATTEST_TPM_H
#define DIGLIM_ATTEST_TPM_H

#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "../crypto/bank.h"

#define TPM_PCRS 24

struct tpm;

/*
 * The owner's primary key of P-256 below which keys and secrets lie: as key files mean it; or as
 * systemd makes it for a token without "tpm2_srk", which differs in an attribute, noDA.
 */
enum tpm_storage {
	TPM_STORAGE_KEYFILE,
	TPM_STORAGE_SYSTEMD,
};

/* @tcti: as tpm2-tss takes it, "device:/dev/tpmrm0"; NULL: what it finds by itself. */
int tpm_open(const char *tcti, struct tpm **ret, struct err *e);
struct tpm *tpm_close(struct tpm *t);

/* Banks that have the register, ended by NONE or BANK_MAX. Banks we do not know are left out. */
int tpm_banks(struct tpm *t, unsigned pcr, enum bank ret[BANK_MAX], struct err *e);

/* -ENODATA if the bank is not there. */
int tpm_pcr_read(struct tpm *t, unsigned pcr, enum bank bank, uint8_t ret[BANK_SIZE_MAX],
		 struct err *e);

/* One digest for each of @banks, in one command. */
int tpm_pcr_extend(struct tpm *t, unsigned pcr, const enum bank banks[BANK_MAX],
		   uint8_t digests[BANK_MAX][BANK_SIZE_MAX], struct err *e);

#endif
