/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small things about OpenPGP that need no OpenSSL. Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_PGPNAME_H
#define DIGLIM_CRYPTO_PGPNAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../../core/openpgp.h"

/* Name of an OpenPGP public-key or hash algorithm for messages. */
const char *pgppub_algo_name(unsigned int algo);
const char *pgppub_hash_name(unsigned int hash);

/* Does @sig (body @v) claim to be made by the key of this fingerprint and id? Also if it is mute.
 */
static inline bool pgp_claims(const uint8_t *fpr, size_t fpr_len, const uint8_t key_id[8],
			      const struct core_view *v, const struct core_pgp_sig *sig)
{
	const uint8_t *base = v->data + v->start;

	if (sig->fpr_len && (sig->fpr_len != fpr_len || memcmp(base + sig->fpr, fpr, sig->fpr_len)))
		return false;
	return !sig->key_id_len || !memcmp(base + sig->key_id, key_id, 8);
}

#endif
