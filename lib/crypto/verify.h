/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's check of a list signature, done again in user space. */
#ifndef DIGLIM_CRYPTO_VERIFY_H
#define DIGLIM_CRYPTO_VERIFY_H

#include "cert.h"
#include "digest.h"

/* Who signed, and how. */
struct verify_info {
	const struct cert *signer; /* in the set; NULL if it is not there */
	enum digest_algo digest;
	enum cert_algo algo;
	uint8_t serial[32]; /* of the certificate; for OpenPGP wrappers the key id */
	uint8_t serial_len; /* leading zeros removed */
};

/* What the PKCS#7 says, without checking the signature. Fills @ret. */
int verify_describe(const void *sig, size_t sig_len, const struct cert_set *set,
		    struct verify_info *ret, struct err *e);

/*
 * Checks form and signature of @sig over @payload, as the kernel side does with @set as its
 * keyring.
 * @ret may be NULL. 0, -DIGLIM_E_SIG_FORMAT, -DIGLIM_E_SIG_HASH, -DIGLIM_E_SIG_NO_KEY,
 * -DIGLIM_E_SIG_INVALID …
 */
int verify_list(const void *payload, size_t payload_len, const void *sig, size_t sig_len,
		const struct cert_set *set, struct verify_info *ret, struct err *e);

#endif
