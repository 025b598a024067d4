/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A key that signs lists, in the one shape the kernel takes: an X.509 certificate. It comes from an
 * OpenPGP key (crypto/pgpkey.h, wrapped by crypto/x509wrap.h) or is an ordinary X.509 certificate
 * (crypto/x509.h).
 */
#ifndef DIGLIM_CRYPTO_CERT_H
#define DIGLIM_CRYPTO_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

enum cert_kind {
	CERT_OPENPGP = 1,
	CERT_X509 = 2,
};

enum cert_algo {
	CERT_ALGO_OTHER = 0, /* the kernel cannot check it */
	CERT_ALGO_RSA,
	CERT_ALGO_P256,
	CERT_ALGO_P384,
};

/* Why a key is or is not taken. Only CERT_USABLE and CERT_EXPIRED have ->der. */
enum cert_state {
	CERT_USABLE = 0,
	CERT_EXPIRED,	  /* makes no new lists; of OpenPGP, older signatures are imported */
	CERT_REVOKED,	  /* its owner took it back: in this copy, or see ->withdrawn */
	CERT_NO_ALGO,	  /* the kernel cannot check this algorithm or key version */
	CERT_WEAK,	  /* RSA below 2048 bits */
	CERT_NOT_SIGNING, /* may certify or encrypt, but not sign data */
	CERT_UNBOUND,	  /* no valid self- or binding signature: nobody vouches for it */
	CERT_BROKEN,	  /* key material that does not parse */
};

#define CERT_OWNER_MAX 256
#define CERT_WHY_MAX   320

#define CERT_FILE_MAX (4U << 20) /* largest key file: keyrings of whole distributions fit */

struct cert {
	enum cert_kind kind;
	enum cert_state state;
	enum cert_algo algo;
	char algo_name[48]; /* "RSA", "ECDSA P-256", "Ed25519" … */
	unsigned int bits;

	/* OpenPGP v4: 20 bytes (v6: 32, v3: 16). X.509: SHA-256 of the certificate. */
	uint8_t fingerprint[32];
	uint8_t fingerprint_len;
	/* OpenPGP: fingerprint of the primary key, the same unless ->subkey. */
	uint8_t primary[32];
	uint8_t primary_len;
	bool subkey;
	/* OpenPGP key id. X.509: first 8 bytes of the fingerprint. */
	uint8_t key_id[8];

	char owner[CERT_OWNER_MAX]; /* user id or subject, control characters escaped */
	uint64_t created;	    /* seconds since 1970 */
	uint64_t expires;	    /* 0: never */
	bool withdrawn;		    /* revoked by another copy of the key, not by this one */
	bool used_sha1;		    /* vouched for by SHA-1 self-signatures only: worth a note */

	char why[CERT_WHY_MAX]; /* not usable: the reason and the way out, one line; else empty */

	uint8_t *der; /* the X.509 certificate for the kernel's keyring, or NULL */
	size_t der_len;
	/* Its issuer (DER Name) and serial (DER INTEGER), as a PKCS#7 names them; inside ->der. */
	const uint8_t *issuer;
	size_t issuer_len;
	const uint8_t *serial;
	size_t serial_len;
};

/* A number of keys. Zero-initialise; cert_set_done() frees. */
struct cert_set {
	struct cert **certs;
	size_t n;
};

void cert_set_done(struct cert_set *set);

/* Takes over @c. Replaces one with the same fingerprint only if that is worse. */
int cert_set_take(struct cert_set *set, struct cert *c, struct err *e);
struct cert *cert_free(struct cert *c);

/*
 * A revocation counts for every copy of the key, and that of a primary key for its subkeys: the
 * others lose their certificate and become CERT_REVOKED and ->withdrawn. Returns how many usable
 * ones did.
 */
int cert_set_revoke(struct cert_set *set);

/*
 * Adds all keys of a file, whatever it is: OpenPGP (armoured or binary, any number of keys), X.509
 * (PEM, any number; DER), or a wrapper certificate that we made from an OpenPGP key: which
 * comes back with kind, fingerprint, key id, owner and times as the OpenPGP key had them.
 * Unusable ones are added too, with their reason. Returns how many were read (at least 1).
 * @now: seconds since 1970, decides about expiry; 0 means the present.
 */
int cert_set_read(struct cert_set *set, const void *data, size_t len, const char *name,
		  uint64_t now, struct err *e);
int cert_set_read_file(struct cert_set *set, const char *path, uint64_t now, struct err *e);

/* Every regular file of a directory (not hidden ones, in byte order). A missing one: 0 keys. */
int cert_set_read_dir(struct cert_set *set, const char *dir, uint64_t now, struct err *e);

/* Usable before unusable. NULL if there is none. */
const struct cert *cert_set_by_key_id(const struct cert_set *set, const uint8_t key_id[8]);
const struct cert *cert_set_by_fingerprint(const struct cert_set *set, const uint8_t *fpr,
					   size_t len);
/* By what a person types: fingerprint or key id in hex (with or without 0x and spaces). */
const struct cert *cert_set_by_text(const struct cert_set *set, const char *text);
/* By issuer and serial, as a PKCS#7 names its signer. */
const struct cert *cert_set_by_issuer_serial(const struct cert_set *set, const uint8_t *issuer,
					     size_t issuer_len, const uint8_t *serial,
					     size_t serial_len);

bool cert_has_der(const struct cert *c);
const char *cert_state_name(enum cert_state state); /* "usable", "revoked" … */

#endif
