/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "bank.h"
#include "pk.h"
#include "tpmpub.h"
#include "../base/take.h"

enum {
	ALG_RSA = 0x0001,
	ALG_KEYEDHASH = 0x0008,
	ALG_NULL = 0x0010,
	ALG_RSASSA = 0x0014,
	ALG_RSAPSS = 0x0016,
	ALG_ECDSA = 0x0018,
	ALG_ECC = 0x0023,
	CURVE_P256 = 0x0003,
	CURVE_P384 = 0x0004,
};

static const uint8_t p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};

/* A scheme, and the hash that all but NULL have. */
static void take_scheme(struct take_in *in)
{
	if (take_be(in, 2) != ALG_NULL)
		(void)take_be(in, 2);
}

/* Symmetric algorithm of a storage key: bits and mode follow. */
static void take_symmetric(struct take_in *in)
{
	if (take_be(in, 2) != ALG_NULL)
		(void)take_be(in, 4);
}

static int take_rsa(struct take_in *in, struct tpmpub *ret)
{
	uint8_t exponent[4] = {0, 1, 0, 1};
	const uint8_t *n, *e;
	size_t len;

	take_symmetric(in);
	take_scheme(in);
	(void)take_be(in, 2);
	e = take(in, 4);
	n = take_2b(in, &len);
	if (in->bad || !len || !*n)
		return -EBADMSG;
	if (e[0] || e[1] || e[2] || e[3])
		memcpy(exponent, e, 4);
	for (size_t skip = 0; skip < 4; skip++)
		if (exponent[skip]) {
			pk_spki_rsa(&ret->spki, n, len, exponent + skip, 4 - skip);
			break;
		}
	return 0;
}

static int take_ecc(struct take_in *in, struct tpmpub *ret)
{
	uint8_t point[1 + 2 * 48] = {4};
	const uint8_t *x, *y;
	size_t x_len, y_len, size;
	uint32_t curve;

	take_symmetric(in);
	take_scheme(in);
	curve = take_be(in, 2);
	take_scheme(in);
	x = take_2b(in, &x_len);
	y = take_2b(in, &y_len);
	size = curve == CURVE_P256 ? 32 : 48;
	if (in->bad || x_len > size || y_len > size)
		return -EBADMSG;
	if (curve != CURVE_P256 && curve != CURVE_P384)
		return -EOPNOTSUPP;
	memcpy(point + 1 + size - x_len, x, x_len);
	memcpy(point + 1 + 2 * size - y_len, y, y_len);
	if (curve == CURVE_P256)
		pk_spki_ec(&ret->spki, p256, sizeof(p256), point, 1 + 2 * size);
	else
		pk_spki_ec(&ret->spki, p384, sizeof(p384), point, 1 + 2 * size);
	return 0;
}

/* Data, which is neither a key for HMAC nor one for XOR. */
static int take_sealed(struct take_in *in)
{
	bool data = take_be(in, 2) == ALG_NULL;
	size_t len;

	(void)take_2b(in, &len);
	return in->bad ? -EBADMSG : data ? 0 : -EOPNOTSUPP;
}

static int take_body(struct take_in *in, bool sealed, struct tpmpub *ret)
{
	if (sealed)
		return ret->type == ALG_KEYEDHASH ? take_sealed(in) : -EOPNOTSUPP;
	return ret->type == ALG_RSA   ? take_rsa(in, ret)
	       : ret->type == ALG_ECC ? take_ecc(in, ret)
				      : -EOPNOTSUPP;
}

static int parse(struct take_in *in, bool sealed, struct tpmpub *ret, struct err *e)
{
	const uint8_t *all = in->p;
	size_t all_len = in->len;
	enum bank alg;
	int r;

	ret->type = (uint16_t)take_be(in, 2);
	alg = bank_by_number(take_be(in, 2));
	ret->attributes = take_be(in, 4);
	ret->policy = take_2b(in, &ret->policy_len);
	if (in->bad)
		return -EBADMSG;
	if (alg != BANK_SHA256 && alg != BANK_SHA384)
		return -EOPNOTSUPP;
	r = take_body(in, sealed, ret);
	if (r || in->len)
		return r ? r : -EBADMSG;
	ret->name[0] = 0;
	ret->name[1] = (uint8_t)alg;
	ret->name_len = 2 + bank_size(alg);
	r = bank_hash(alg, all, all_len, ret->name + 2, e);
	return r ? r : ret->spki.failed ? -ENOMEM : 0;
}

static int parse_counted(const void *tpm2b, size_t len, bool sealed, struct tpmpub *ret,
			 struct err *e)
{
	struct take_in in = {tpm2b, len, false};
	size_t size = take_be(&in, 2);
	int r;

	*ret = (struct tpmpub){0};
	r = in.bad || size != in.len ? -EBADMSG : parse(&in, sealed, ret, e);
	if (!r)
		return 0;
	tpmpub_done(ret);
	return err_set(e, r,
		       r == -EOPNOTSUPP ? "a TPM key of an algorithm that is not known here"
		       : r == -ENOMEM	? "out of memory"
					: "public part of a TPM key: malformed");
}

int tpmpub_parse(const void *tpm2b, size_t len, struct tpmpub *ret, struct err *e)
{
	return parse_counted(tpm2b, len, false, ret, e);
}

int tpmpub_parse_sealed(const void *tpm2b, size_t len, struct tpmpub *ret, struct err *e)
{
	return parse_counted(tpm2b, len, true, ret, e);
}

void tpmpub_done(struct tpmpub *p)
{
	buf_free(&p->spki);
}

bool tpmpub_is_ak(const struct tpmpub *p)
{
	const uint32_t need = TPMPUB_FIXED_TPM | TPMPUB_RESTRICTED | TPMPUB_SIGN;

	return (p->attributes & (need | TPMPUB_DECRYPT)) == need;
}

int tpmpub_pem(const struct tpmpub *p, struct buf *ret, struct err *e)
{
	EVP_PKEY *key = pk_from_spki(&p->spki);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;
	int r = 0;

	if (key && bio && PEM_write_bio_PUBKEY(bio, key) &&
	    (len = BIO_get_mem_data(bio, &text)) > 0)
		buf_add(ret, text, (size_t)len);
	else
		r = err_set(e, -EBADMSG, "public part of a TPM key: no key");
	BIO_free(bio);
	EVP_PKEY_free(key);
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int tpmpub_pkcs1_digest(const struct tpmpub *p, uint8_t ret[32], struct err *e)
{
	EVP_PKEY *key = pk_from_spki(&p->spki);
	unsigned char *der = NULL;
	int len = key && EVP_PKEY_is_a(key, "RSA") ? i2d_PublicKey(key, &der) : -1;
	int r = len > 0 ? bank_hash(BANK_SHA256, der, (size_t)len, ret, e)
			: err_set(e, -EOPNOTSUPP, "no RSA key");

	OPENSSL_free(der);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return r;
}

const uint8_t *tpmpub_rsa_signature(const uint8_t *sig, size_t sig_len, size_t *ret_len)
{
	struct take_in in = {sig, sig_len, false};
	bool ours = take_be(&in, 2) == ALG_RSASSA && take_be(&in, 2) == BANK_SHA256;
	const uint8_t *raw = take_2b(&in, ret_len);

	return ours && !in.bad && !in.len ? raw : NULL;
}

static enum pk_hash hash_of(enum bank bank)
{
	switch (bank) {
	case BANK_SHA256:
		return PK_HASH_SHA256;
	case BANK_SHA384:
		return PK_HASH_SHA384;
	case BANK_SHA512:
		return PK_HASH_SHA512;
	default:
		return PK_HASH_NONE;
	}
}

/* What OpenSSL takes for a signature, from a TPMT_SIGNATURE. */
static int take_signature(struct take_in *in, uint16_t key_type, enum bank *hash, struct buf *ret)
{
	uint16_t alg = (uint16_t)take_be(in, 2);
	const uint8_t *a, *b;
	size_t a_len, b_len;

	*hash = bank_by_number(take_be(in, 2));
	if (in->bad || !hash_of(*hash) || alg != (key_type == ALG_RSA ? ALG_RSASSA : ALG_ECDSA))
		return -EBADMSG;
	a = take_2b(in, &a_len);
	if (alg == ALG_RSASSA) {
		if (in->bad || in->len)
			return -EBADMSG;
		buf_add(ret, a, a_len);
	} else {
		b = take_2b(in, &b_len);
		if (in->bad || in->len || a_len > 66 || b_len > 66)
			return -EBADMSG;
		pk_sig_der(ret, a, a_len, b, b_len);
	}
	return ret->failed ? -ENOMEM : 0;
}

int tpmpub_check(const struct tpmpub *p, const void *data, size_t len, const void *sig,
		 size_t sig_len, struct err *e)
{
	struct take_in in = {sig, sig_len, false};
	uint8_t digest[BANK_SIZE_MAX];
	struct buf raw = BUF_INIT;
	EVP_PKEY *key = NULL;
	enum bank hash;
	int r = take_signature(&in, p->type, &hash, &raw);

	if (r)
		err_set(e, r, r == -ENOMEM ? "out of memory" : "malformed signature of a TPM");
	r = r ?: bank_hash(hash, data, len, digest, e);
	if (!r) {
		key = pk_from_spki(&p->spki);
		if (!key ||
		    pk_verify(key, hash_of(hash), digest, bank_size(hash), raw.data, raw.len) != 1)
			r = err_set(e, -EKEYREJECTED, "the signature is not that of the TPM's key");
	}
	EVP_PKEY_free(key);
	ERR_clear_error();
	buf_free(&raw);
	return r;
}
