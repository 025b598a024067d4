/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OpenPGP signatures over a package header, re-encoded so that the kernel can check them:
 * content ‖ trailer is what was signed, and a PKCS#7 without attributes carries the very same
 * RSA or ECDSA numbers.
 */
#ifndef DIGLIM_CRYPTO_PGPSIG_H
#define DIGLIM_CRYPTO_PGPSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "cert.h"
#include "digest.h"

/* Hashed subpackets may take 64 KiB; no packager writes more than a hundred bytes. */
#define PGPSIG_TRAILER_MAX 4096

/* What a signature packet says. Pointers lead into the packet that was read. */
struct pgpsig {
	unsigned int version; /* 3, 4; 5 and 6 are recognised and refused */
	unsigned int type;    /* 0x00: binary document */
	unsigned int pk_algo; /* OpenPGP numbers */
	unsigned int hash_algo;
	char algo_name[48]; /* "RSA/SHA-256" */
	uint64_t created;
	uint64_t expires; /* 0: never */
	bool has_created;
	bool unknown_critical; /* says something we must understand and do not */
	bool has_key_id;
	uint8_t key_id[8];
	uint8_t fingerprint_len; /* 0: does not name it */
	uint8_t fingerprint[32];
	const uint8_t *trailer_head; /* v3: type and time; v4: version … hashed subpackets */
	size_t trailer_head_len;
	const uint8_t *mpi[2]; /* RSA: [0] = m^d; ECDSA: r, s; magnitude without leading zeros */
	size_t mpi_len[2];
};

/*
 * Reads one signature packet at the start of @data. *used (may be NULL) is its length. A packet of
 * an unknown version or algorithm is read as far as it goes and is no error here. Negative:
 * malformed, with the offset.
 */
int pgpsig_read(const void *data, size_t len, size_t *used, struct pgpsig *ret, struct err *e);

/*
 * Can the kernel check it at all? 0, or -DIGLIM_E_SIG_VERSION, -DIGLIM_E_SIG_TYPE,
 * -DIGLIM_E_SIG_HASH (MD5, SHA-1 and whatever else is not SHA-2), -DIGLIM_E_SIG_ALGO.
 */
int pgpsig_acceptable(const struct pgpsig *s, struct err *e);

/* SHA-2 algorithm of an acceptable signature, else DIGEST_NONE. */
enum digest_algo pgpsig_digest(const struct pgpsig *s);

/* RSA (else, if acceptable, ECDSA). */
bool pgpsig_is_rsa(const struct pgpsig *s);

/* Appends the trailer: content ‖ trailer is the payload of the list. */
int pgpsig_trailer(const struct pgpsig *s, struct buf *payload, struct err *e);

/* Appends the PKCS#7 (DER) that names @c as signer. Does not verify. */
int pgpsig_pkcs7(const struct pgpsig *s, const struct cert *c, struct buf *ret, struct err *e);

/* The signer among @set: by fingerprint, else key id. NULL if it is not there. */
const struct cert *pgpsig_signer(const struct pgpsig *s, const struct cert_set *set);

/* Was @c valid when the signature was made, and is the signature valid at @now? 0 or negative. */
int pgpsig_check_time(const struct pgpsig *s, const struct cert *c, uint64_t now, struct err *e);

#endif
