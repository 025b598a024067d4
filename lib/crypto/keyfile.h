/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Key files of TPM keys, PEM "TSS2 PRIVATE KEY", with the policies that the key asks for:
 * "ASN.1 Specification for TPM 2.0 Key Files", draft-bottomley-tpm2-keys. The TPM's own structures
 * are bytes here.
 *
 * The parameters of PolicyPCR stand in files in two orders: as the command has them (the draft,
 * GRUB, pcr-oracle), or as they are hashed, selection and digest without its length
 * (openssl_tpm2_engine). Both are read, the second is written; in memory it is the command's.
 */
#ifndef DIGLIM_CRYPTO_KEYFILE_H
#define DIGLIM_CRYPTO_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"

#define KEYFILE_MAX	      (256U << 10) /* largest file that is read */
#define KEYFILE_POLICIES_MAX  8		   /* commands one behind the other */
#define KEYFILE_APPROVALS_MAX 256
#define KEYFILE_NAME_MAX      128

/* Commands that we know: TPM_CC, TPM 2.0 Library, part 2, 6.5.2. */
enum keyfile_command {
	KEYFILE_AUTHORIZE = 0x0000016a,
	KEYFILE_PCR = 0x0000017f,
};

/*
 * One policy command: TPM_CC and its parameters; those of PolicyAuthorize are TPM2B_PUBLIC,
 * policyRef and TPMT_SIGNATURE, as the draft has it.
 */
struct keyfile_policy {
	uint32_t command;
	uint8_t *body;
	size_t len;
};

/* Commands that are executed in this order. An approval ends with PolicyAuthorize. */
struct keyfile_sequence {
	char name[KEYFILE_NAME_MAX];
	struct keyfile_policy items[KEYFILE_POLICIES_MAX];
	size_t n;
};

struct keyfile {
	bool sealed; /* a secret, not a key */
	bool empty_auth;
	uint32_t parent; /* handle of a key, or of a hierarchy: its primary key of P-256 */
	struct keyfile_sequence policy;
	struct keyfile_sequence *approvals; /* authPolicy of the draft: to be tried in this order */
	size_t n_approvals;
	struct buf public;  /* TPM2B_PUBLIC */
	struct buf private; /* TPM2B_PRIVATE */
};

void keyfile_done(struct keyfile *k);

/* -EBADMSG for what is none. @name is for messages. */
int keyfile_parse(const void *pem, size_t len, const char *name, struct keyfile *ret,
		  struct err *e);

/* Appends the PEM text. */
int keyfile_text(const struct keyfile *k, struct buf *ret, struct err *e);

/* Copies @body. -E2BIG if there are too many. */
int keyfile_add(struct keyfile_sequence *s, uint32_t command, const struct buf *body,
		struct err *e);

/* The PolicyAuthorize at the end of a sequence, or NULL. What is before it is what was approved. */
const struct keyfile_policy *keyfile_authorize(const struct keyfile_sequence *s);

/*
 * A new approval, instead of those of this name, before all others: the newest is the likeliest.
 * Its policies are to be added. NULL with -E2BIG or -ENOMEM in @e.
 */
struct keyfile_sequence *keyfile_approval(struct keyfile *k, const char *name, struct err *e);

#endif
