/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OpenPGP keys of the plain kind, without OpenSSL and without verifying anything in them: RSA of
 * version 4, whose self-signatures all let it sign and none of which takes anything back.
 *
 * Only for who has the kernel verify each signature with the keys that it was given before, from
 * material that was verified. Then a forged self-signature gains nothing: it can only add what its
 * key may do, and the kernel does not have a key that is not good. What could take something away
 * is believed unverified. Whatever is not plain is left out, to be looked at by cert_set_read().
 */
#ifndef DIGLIM_CRYPTO_PGPPLAIN_H
#define DIGLIM_CRYPTO_PGPPLAIN_H

#include "cert.h"

/* SHA-1 of the caller's, for fingerprints; 0 or negative. */
typedef int (*pgpplain_sha1_fn)(const void *data, size_t len, uint8_t ret[20]);

struct pgpplain_key {
	uint8_t fingerprint[20];
	struct cert *cert; /* NULL: not plain, but it is there */
};

/* All keys of any number of files. Zero-initialise; pgpplain_done() frees. */
struct pgpplain {
	struct pgpplain_key *keys;
	size_t n;
};

/*
 * Notes all keys in @data; those that are plain as such, if @wanted and if everything else in
 * @data is plain, too. Negative if not even all keys could be seen: then none may be relied on.
 */
int pgpplain_read(struct pgpplain *p, const void *data, size_t len, const char *name, bool wanted,
		  uint64_t now, pgpplain_sha1_fn sha1, struct err *e);

/* Lends to @ret what is plain and was there once only: of two copies, one might be revoked. */
int pgpplain_lend(const struct pgpplain *p, struct cert_set *ret, struct err *e);

void pgpplain_done(struct pgpplain *p);

#endif
