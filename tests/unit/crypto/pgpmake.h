/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes OpenPGP keys and signatures, good and bad ones, so that the tests need no vendor's files.
 * Everything aborts on failure: it is the test that is broken then.
 */
#ifndef DIGLIM_TEST_PGPMAKE_H
#define DIGLIM_TEST_PGPMAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "../../../lib/base/buf.h"

enum pgpmake_algo {
	PGPMAKE_RSA = 1,
	PGPMAKE_ECDSA = 19,
	PGPMAKE_EDDSA = 22,
};

enum pgpmake_hash {
	PGPMAKE_MD5 = 1,
	PGPMAKE_SHA1 = 2,
	PGPMAKE_SHA256 = 8,
	PGPMAKE_SHA384 = 9,
	PGPMAKE_SHA512 = 10,
	PGPMAKE_SHA224 = 11,
};

struct pgpmake_key {
	EVP_PKEY *pkey;
	enum pgpmake_algo algo;
	uint32_t created;
	struct buf body; /* of the public key packet */
	uint8_t fingerprint[20];
};

/* "rsa2048", "rsa1024", "P-256", "P-384", "ed25519" … */
struct pgpmake_key *pgpmake_key(const char *kind, uint32_t created);
void pgpmake_key_free(struct pgpmake_key *k);

/* Packet with a new-format header. */
void pgpmake_packet(struct buf *to, unsigned int tag, const void *body, size_t len);

/* A signature over @document. @hashed and @unhashed: subpackets without their lengths. */
struct pgpmake_sig {
	const struct pgpmake_key *by;
	unsigned int version; /* 3 or 4 */
	unsigned int type;
	enum pgpmake_hash hash;
	uint32_t created;
	const struct buf *hashed; /* besides creation time; may be NULL */
	bool no_time;
	bool no_issuer;
	bool want_short; /* try until the first number has leading zeros */
};

/* Body of the packet. */
void pgpmake_sign(struct buf *to, const struct pgpmake_sig *s, const void *document, size_t len);

/* Appends a subpacket. */
void pgpmake_sub(struct buf *to, unsigned int type, const void *data, size_t len);
void pgpmake_sub_u32(struct buf *to, unsigned int type, uint32_t value);

/* What a whole certificate shall look like. */
struct pgpmake_cert {
	struct pgpmake_key *primary;
	const char *uid;
	uint32_t time; /* of the self-signatures; 0: creation of the key */
	uint8_t flags; /* of the primary key; 0: no flags subpacket */
	uint32_t expires_after;
	enum pgpmake_hash hash; /* 0: SHA-256 */
	bool damage_self_sig;
	bool revoke;
	bool critical_notation; /* in the self-signature */
	struct pgpmake_key *subkey;
	uint8_t sub_flags;
	uint32_t sub_expires_after;
	bool no_back_sig;
	bool foreign_back_sig; /* made by the primary instead of the subkey */
	bool damage_binding;
	bool sub_revoke;
};

void pgpmake_cert(struct buf *to, const struct pgpmake_cert *c);

/* ASCII armour around it, with checksum. */
void pgpmake_armor(struct buf *to, const struct buf *binary);

#endif
