/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rpm/rpmcrypto.h>

#include "rpmdigest.h"

int rpmdigest_sha1(const void *data, size_t len, uint8_t ret[20])
{
	DIGEST_CTX ctx = rpmDigestInit(RPM_HASH_SHA1, RPMDIGEST_NONE);
	void *digest = NULL;
	size_t n = 0;
	int r = -EOPNOTSUPP;

	if (!ctx)
		return r;
	(void)rpmDigestUpdate(ctx, data, len);
	(void)rpmDigestFinal(ctx, &digest, &n, 0);
	if (digest && n == 20) {
		memcpy(ret, digest, n);
		r = 0;
	}
	free(digest);
	return r;
}
