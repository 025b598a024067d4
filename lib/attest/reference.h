/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signed reference values: a DSSE envelope (github.com/secure-systems-lab/dsse, version 1) around
 * the JSON of pcrs.h. What is signed is "DSSEv1", the length and text of the type, the length and
 * bytes of the payload, each after a blank.
 */
#ifndef DIGLIM_ATTEST_REFERENCE_H
#define DIGLIM_ATTEST_REFERENCE_H

#include <stdbool.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "../crypto/signer.h"

#define REFERENCE_TYPE "application/vnd.diglim.reference+json"

/* Is it an envelope, whoever signed it? */
bool reference_is_signed(const char *json, size_t len);

/* Appends the envelope of @payload, with a line feed. */
int reference_sign(struct signer *s, const struct buf *payload, struct buf *ret, struct err *e);

/*
 * Appends the payload if one of its signatures is of one of @signers; -EKEYREJECTED if none is,
 * -EBADMSG for what is no envelope of this type.
 */
int reference_open(const char *json, size_t len, const struct cert_set *signers, struct buf *ret,
		   struct err *e);

#endif
