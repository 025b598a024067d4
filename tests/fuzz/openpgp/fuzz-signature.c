// SPDX-License-Identifier: LGPL-2.1-or-later
/* OpenPGP signature packets: what is acceptable becomes PKCS#7 of the one form, or is refused. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../../core/pkcs7.h"
#include "../../../core/sigtrailer.h"
#include "../../../lib/crypto/pgpsig.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A signer that needs no key: conversion looks at its names and sizes only. */
static uint8_t names[] = {0x30, 0x02, 0x31, 0x00, 0x02, 0x01, 0x07};

static void convert(const struct pgpsig *s)
{
	struct cert c = {
		.algo = pgpsig_is_rsa(s) ? CERT_ALGO_RSA : CERT_ALGO_P256,
		.bits = pgpsig_is_rsa(s) ? 4096 : 256,
		.der = names,
		.der_len = sizeof(names),
		.issuer = names,
		.issuer_len = 4,
		.serial = names + 4,
		.serial_len = 3,
	};
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT;
	struct core_pkcs7 p;
	struct core_err ce;
	struct core_view v;
	struct err e;

	if (!pgpsig_pkcs7(s, &c, &pkcs7, &e)) {
		v = (struct core_view){pkcs7.data, 0, (uint32_t)pkcs7.len};
		assert(!core_pkcs7_open(&v, &p, &ce));
		assert(!pgpsig_is_rsa(s) || p.sig_len == 512);
	}
	if (!pgpsig_trailer(s, &payload, &e)) {
		struct core_sigtrailer t;

		v = (struct core_view){payload.data, 0, (uint32_t)payload.len};
		/* The kernel side may refuse more than we do, but not read it differently. */
		if (!core_sigtrailer_open(&v, 0, &t, &ce)) {
			assert(t.version == s->version);
			assert(t.time == s->created);
		}
	}
	buf_free(&payload);
	buf_free(&pkcs7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pgpsig s;
	struct err e = {0};
	size_t used = 0;

	if (pgpsig_read(data, size, &used, &s, &e) < 0) {
		assert(e.text[0]);
		return 0;
	}
	assert(used <= size);
	if (!pgpsig_acceptable(&s, &e)) {
		assert(pgpsig_digest(&s) != DIGEST_NONE);
		convert(&s);
	}
	return 0;
}
