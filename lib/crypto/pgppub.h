/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One OpenPGP public key packet. Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_PGPPUB_H
#define DIGLIM_CRYPTO_PGPPUB_H

#include <openssl/evp.h>

#include "../../core/openpgp.h"
#include "../base/buf.h"
#include "../base/err.h"
#include "cert.h"
#include "pgpname.h"
#include "pk.h"

struct pgppub {
	struct core_view body; /* of the packet; into the caller's buffer */
	struct core_pgp_key key;
	EVP_PKEY *pkey;	 /* NULL: an algorithm we cannot check signatures of */
	struct buf spki; /* SubjectPublicKeyInfo */
	uint8_t fingerprint[32];
	uint8_t fingerprint_len; /* 0: version without one */
	uint8_t key_id[8];
	struct cert described; /* algo, algo_name, bits, state, why */
};

/* @body: of a public key or subkey packet. Negative only if the packet is malformed. */
int pgppub_read(const struct core_view *body, struct pgppub *ret, struct core_err *ce);
void pgppub_done(struct pgppub *p);

/*
 * Version 4 fingerprint of numbers that did not come in a packet, to check what a wrapper
 * certificate claims.
 */
int pgppub_fingerprint(uint32_t created, uint8_t algo, const struct buf *material, uint8_t ret[20]);

/* Appends a number as OpenPGP writes it. */
void pgppub_put_mpi(struct buf *b, const uint8_t *p, size_t len);

#define PGPPUB_SIG_MAX 2048

/* Does the signature @sig (packet body @v) over @digest verify with @p? 1 yes, 0 no. */
int pgppub_verify(const struct pgppub *p, const struct core_view *v, const struct core_pgp_sig *sig,
		  enum pk_hash hash, const uint8_t *digest, size_t digest_len);

/* OpenPGP hash number → ours, PK_HASH_NONE for MD5 and the unknown. */
enum pk_hash pgppub_hash(unsigned int id);

#endif
