/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signing lists with an owner's key: a PEM file, or anything an OpenSSL provider reaches by URI
 * (pkcs11:…, handle:0x81…).
 */
#ifndef DIGLIM_CRYPTO_SIGNER_H
#define DIGLIM_CRYPTO_SIGNER_H

#include "../base/buf.h"
#include "cert.h"
#include "digest.h"

/* Room for a passphrase with its newline and end. */
#define SIGNER_PASS_MAX 1024

/* Writes the passphrase (or PIN) for @what to @buf; returns its length, or negative to give up. */
typedef int (*signer_pass_fn)(char *buf, int size, const char *what, void *arg);

struct signer_config {
	const char *key;      /* path of a PEM file, or a URI */
	const char *cert;     /* path of the certificate (PEM or DER); NULL: same file or URI */
	const char *provider; /* OpenSSL provider to load for a URI; NULL: from the URI's scheme */
	signer_pass_fn pass;  /* NULL: encrypted keys are refused */
	void *pass_arg;
};

struct signer; /* an open key */

/* Checks that key and certificate belong together. An expired one: -EKEYEXPIRED. */
int signer_open(const struct signer_config *cfg, struct signer **ret, struct err *e);
struct signer *signer_close(struct signer *s);
const struct cert *signer_cert(const struct signer *s);

/* Appends the PKCS#7 over @payload. @algo: DIGEST_NONE picks SHA-256 (P-384: SHA-384). */
int signer_sign(struct signer *s, enum digest_algo algo, const void *payload, size_t payload_len,
		struct buf *ret, struct err *e);

/*
 * Appends the signature over @data as a TPM takes it, TPMT_SIGNATURE: RSASSA or ECDSA, SHA-256.
 */
int signer_sign_for_tpm(struct signer *s, const void *data, size_t len, struct buf *ret,
			struct err *e);

/*
 * Makes an owner's key: RSA-3072 in @key_path (mode 0600, encrypted if there is @pass; an
 * empty passphrase is refused) and a self-signed certificate for digital signatures in @cert_path.
 * Refuses to overwrite either (-EEXIST).
 */
int signer_create(const char *key_path, const char *cert_path, const char *owner, unsigned int days,
		  signer_pass_fn pass, void *pass_arg, struct err *e);

#endif
