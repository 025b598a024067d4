// SPDX-License-Identifier: LGPL-2.1-or-later
/* Key files of any kind: OpenPGP, armoured or not, X.509, wrappers. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../lib/crypto/cert.h"
#include "../../../lib/crypto/pgpplain.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is promised about every key, whatever it came from. */
static void check(const struct cert *c)
{
	bool usable = c->state == CERT_USABLE || c->state == CERT_EXPIRED;

	assert(cert_has_der(c) == usable);
	assert((c->why[0] == '\0') == (c->state == CERT_USABLE));
	assert(strlen(c->owner) < sizeof(c->owner));
	if (!usable)
		return;
	assert(c->algo != CERT_ALGO_OTHER);
	assert(c->issuer > c->der && c->issuer + c->issuer_len < c->der + c->der_len);
	assert(c->serial > c->der && c->serial + c->serial_len < c->der + c->der_len);
	assert(c->algo != CERT_ALGO_RSA || c->bits >= 2048);
}

/* Not SHA-1, but as good to tell keys apart. */
static int sum(const void *data, size_t len, uint8_t ret[20])
{
	memset(ret, 0, 20);
	for (size_t i = 0; i < len; i++)
		ret[i % 20] = (uint8_t)(ret[i % 20] * 31 + ((const uint8_t *)data)[i]);
	return 0;
}

static void check_plain(const uint8_t *data, size_t size)
{
	struct pgpplain plain = {0};
	struct cert_set set = {0};

	(void)pgpplain_read(&plain, data, size, "fuzz", true, 1700000000, sum, NULL);
	assert(!pgpplain_lend(&plain, &set, NULL));
	for (size_t i = 0; i < set.n; i++) {
		assert(set.certs[i]->state == CERT_USABLE);
		check(set.certs[i]);
	}
	free(set.certs);
	pgpplain_done(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cert_set set = {0}, again = {0};
	struct err e = {0};
	int r = cert_set_read(&set, data, size, "fuzz", 1700000000, &e);

	assert(r < 0 ? e.text[0] != '\0' : set.n > 0);
	for (size_t i = 0; i < set.n; i++) {
		const struct cert *c = set.certs[i];

		check(c);
		/* What we wrap, we can read. */
		if (c->der && c->kind == CERT_OPENPGP) {
			r = cert_set_read(&again, c->der, c->der_len, "again", 1700000000, &e);
			assert(r == 1 && again.certs[0]->kind == CERT_OPENPGP);
			assert(!memcmp(again.certs[0]->fingerprint, c->fingerprint, 20));
			cert_set_done(&again);
		}
	}
	cert_set_done(&set);
	check_plain(data, size);
	return 0;
}
