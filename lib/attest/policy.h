/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Policies of TPM keys, computed without a TPM: which digest a session has after the commands of a
 * key file. SHA-256 throughout, as the names of our keys. TPM 2.0 Library, part 3, 23.
 */
#ifndef DIGLIM_ATTEST_POLICY_H
#define DIGLIM_ATTEST_POLICY_H

#include "../crypto/bank.h"
#include "../crypto/keyfile.h"
#include "../crypto/signer.h"
#include "../crypto/tpmpub.h"

#define POLICY_SIZE 32

/* policyRef of our approvals: a signature for something else is none of them. */
#define POLICY_REF "diglim attest 1"

/* Whose approvals a key asks for. systemd has no policyRef, and a form of its own for the key. */
enum policy_style {
	POLICY_STYLE_DIGLIM,
	POLICY_STYLE_SYSTEMD,
};

/*
 * The digest after @s. *approved (may be NULL) is the digest before the PolicyAuthorize that ends
 * an approval: what must be signed. -EBADMSG for a malformed body, -EOPNOTSUPP for other commands.
 */
int policy_digest(const struct keyfile_sequence *s, uint8_t ret[POLICY_SIZE],
		  uint8_t approved[POLICY_SIZE], struct err *e);

/* Parts of the body of a PolicyAuthorize. */
struct policy_authorize {
	const uint8_t *public; /* TPM2B_PUBLIC */
	size_t public_len;
	const uint8_t *ref;
	size_t ref_len;
	const uint8_t *sig; /* TPMT_SIGNATURE */
	size_t sig_len;
};

/* -EBADMSG if it is malformed, or none (NULL). */
int policy_authorize_split(const struct keyfile_policy *p, struct policy_authorize *ret,
			   struct err *e);

/* What the approver signs the digest of: SHA-256 of the approved digest and the policyRef. */
int policy_signed_digest(const uint8_t approved[POLICY_SIZE], const struct policy_authorize *a,
			 uint8_t ret[POLICY_SIZE], struct err *e);

/* The policy of a key that needs an approval signed with the key of @c. */
int policy_for_approver(const struct cert *c, enum policy_style style, struct keyfile_sequence *ret,
			struct err *e);

/* The same for a TPM2B_PUBLIC and a policyRef. */
int policy_for_public(const struct buf *public, const char *ref, struct keyfile_sequence *ret,
		      struct err *e);

/*
 * Makes an approval: @pcr is the body of a PolicyPCR, signed with the key of @signer. -EKEYREJECTED
 * if it is not the one that the key asks for, or the key asks for no approval of a style above.
 */
int policy_approve(struct keyfile *k, const char *name, const struct buf *pcr,
		   struct signer *signer, struct err *e);

/*
 * Is the approval signed with the key that the policy of the key names, and does it lead to the
 * same digest? 0, -EKEYREJECTED or -EBADMSG.
 */
int policy_check_approval(const struct keyfile *k, const struct keyfile_sequence *s, struct err *e);

/*
 * Does what the key is in its TPM ask for the policy that its file tells, and for nothing less? 0
 * or -EBADMSG. The file alone is a hint that anybody can write.
 */
int policy_check_public(const struct keyfile *k, const struct tpmpub *pub, struct err *e);

/* What a PolicyPCR body selects: one bank. -EBADMSG if it is malformed or of several banks. */
int policy_pcr_selection(const struct keyfile_policy *p, enum bank *bank, uint32_t *mask);

#endif
