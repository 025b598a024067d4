/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/err.h>

#include "pk.h"
#include "rawsig.h"

int rawsig_check(const struct cert *c, const void *data, size_t len, const void *sig,
		 size_t sig_len, struct err *e)
{
	uint8_t digest[DIGEST_SIZE_MAX];
	EVP_PKEY *key = pk_of_cert(c);
	int r = digest_buffer(DIGEST_SHA256, data, len, digest, e);

	if (!r && (!key || pk_verify(key, PK_HASH_SHA256, digest, digest_size(DIGEST_SHA256), sig,
				     sig_len) != 1))
		r = err_set(e, -EKEYREJECTED, "the signature is not of %s", c->owner);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return r;
}
