/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "bank.h"
#include "pk.h"
#include "tpmpub.h"
#include "../base/take.h"

enum {
	ALG_RSA = 0x0001,
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

static int parse(struct take_in *in, struct tpmpub *ret, struct err *e)
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
	r = ret->type == ALG_RSA   ? take_rsa(in, ret)
	    : ret->type == ALG_ECC ? take_ecc(in, ret)
				   : -EOPNOTSUPP;
	if (r || in->len)
		return r ? r : -EBADMSG;
	ret->name[0] = 0;
	ret->name[1] = (uint8_t)alg;
	ret->name_len = 2 + bank_size(alg);
	r = bank_hash(alg, all, all_len, ret->name + 2, e);
	return r ? r : ret->spki.failed ? -ENOMEM : 0;
}

int tpmpub_parse(const void *tpm2b, size_t len, struct tpmpub *ret, struct err *e)
{
	struct take_in in = {tpm2b, len, false};
	size_t size = take_be(&in, 2);
	int r;

	*ret = (struct tpmpub){0};
	r = in.bad || size != in.len ? -EBADMSG : parse(&in, ret, e);
	if (!r)
		return 0;
	tpmpub_done(ret);
	return err_set(e, r,
		       r == -EOPNOTSUPP ? "a TPM key of an algorithm that is not known here"
		       : r == -ENOMEM	? "out of memory"
					: "public part of a TPM key: malformed");
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

static void put_head(struct buf *b, uint16_t type)
{
	buf_add_be16(b, type);
	buf_add_be16(b, BANK_SHA256);
	buf_add_be32(b, TPMPUB_SIGN | TPMPUB_USER_WITH_AUTH);
	buf_add_be16(b, 0); /* no policy */
	buf_add_be16(b, ALG_NULL);
	buf_add_be16(b, ALG_NULL);
}

static bool put_rsa(struct buf *b, EVP_PKEY *key)
{
	BIGNUM *n = NULL, *exponent = NULL;
	uint8_t raw[512];
	int len = 0;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) &&
	    BN_is_word(exponent, 65537) && BN_num_bytes(n) <= (int)sizeof(raw))
		len = BN_bn2bin(n, raw);
	BN_free(n);
	BN_free(exponent);
	put_head(b, ALG_RSA);
	buf_add_be16(b, (uint16_t)(8 * len));
	buf_add_be32(b, 0); /* 65537 */
	buf_add_be16(b, (uint16_t)len);
	buf_add(b, raw, (size_t)len);
	return len;
}

static bool put_ecc(struct buf *b, EVP_PKEY *key, uint16_t curve)
{
	uint8_t point[1 + 2 * 48];
	size_t len = 0, size = curve == CURVE_P256 ? 32 : 48;

	if (!EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					     &len) ||
	    len != 1 + 2 * size || point[0] != 4)
		return false;
	put_head(b, ALG_ECC);
	buf_add_be16(b, curve);
	buf_add_be16(b, ALG_NULL);
	buf_add_be16(b, (uint16_t)size);
	buf_add(b, point + 1, size);
	buf_add_be16(b, (uint16_t)size);
	buf_add(b, point + 1 + size, size);
	return true;
}

int tpmpub_of_cert(const struct cert *c, struct buf *ret, struct err *e)
{
	EVP_PKEY *key = pk_of_cert(c);
	struct buf b = BUF_INIT;
	bool good = false;

	if (key && c->algo == CERT_ALGO_RSA)
		good = put_rsa(&b, key);
	else if (key && c->algo == CERT_ALGO_P256)
		good = put_ecc(&b, key, CURVE_P256);
	else if (key && c->algo == CERT_ALGO_P384)
		good = put_ecc(&b, key, CURVE_P384);
	EVP_PKEY_free(key);
	ERR_clear_error();
	buf_add_be16(ret, (uint16_t)b.len);
	buf_add(ret, b.data, b.len);
	buf_free(&b);
	if (good && !ret->failed)
		return 0;
	return err_set(e, -EOPNOTSUPP, "the key of %s (%s) is of no use to a TPM", c->owner,
		       c->algo_name);
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
