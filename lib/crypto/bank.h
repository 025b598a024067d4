/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Banks of TPM registers: one value of each register for every hash algorithm. The numbers are
 * TPM_ALG_ID of the TCG Algorithm Registry.
 */
#ifndef DIGLIM_CRYPTO_BANK_H
#define DIGLIM_CRYPTO_BANK_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

enum bank {
	BANK_NONE = 0,
	BANK_SHA1 = 0x0004,
	BANK_SHA256 = 0x000b,
	BANK_SHA384 = 0x000c,
	BANK_SHA512 = 0x000d,
	BANK_SM3 = 0x0012,
};

#define BANK_SIZE_MAX 64
#define BANK_MAX      5 /* how many there are above */

/* The @i-th, in the order above; NONE from BANK_MAX on. */
enum bank bank_at(size_t i);

const char *bank_name(enum bank bank);	   /* as TPM tools say it: "sha256"; "?" for NONE */
enum bank bank_by_name(const char *name);  /* or NONE */
enum bank bank_by_number(uint32_t number); /* of TPM_ALG_ID; or NONE */
size_t bank_size(enum bank bank);	   /* bytes; 0 for NONE */

/* The digest of @data in this bank. -EOPNOTSUPP if OpenSSL has not got the algorithm. */
int bank_hash(enum bank bank, const void *data, size_t len, uint8_t *ret, struct err *e);

/* What the TPM does: value = H(value || digest). Both have bank_size() bytes. */
int bank_extend(enum bank bank, uint8_t *value, const uint8_t *digest, struct err *e);

#endif
