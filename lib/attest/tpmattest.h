/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a TPM says of itself, TPMS_ATTEST (TPM 2.0 Library, part 2, 10.12), read without one. All
 * bytes may be an attacker's until the signature over them is checked.
 */
#ifndef DIGLIM_ATTEST_TPMATTEST_H
#define DIGLIM_ATTEST_TPMATTEST_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../crypto/bank.h"

/* Pointers are into what was parsed. */
struct tpmattest {
	const uint8_t *nonce; /* extraData */
	size_t nonce_len;
	uint32_t reset_count, restart_count;
};

struct tpmattest_quote {
	struct tpmattest head;
	enum bank bank;
	uint32_t mask;
	const uint8_t *digest; /* of the values */
	size_t digest_len;
};

struct tpmattest_certify {
	struct tpmattest head;
	const uint8_t *name; /* of the key that is in the TPM */
	size_t name_len;
};

/* TPM2_Quote of one bank; TPM2_Certify. -EBADMSG for anything else. */
int tpmattest_quote(const void *data, size_t len, struct tpmattest_quote *ret, struct err *e);
int tpmattest_certify(const void *data, size_t len, struct tpmattest_certify *ret, struct err *e);

#endif
