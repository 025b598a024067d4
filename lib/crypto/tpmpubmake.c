/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other way of tpmpub.c: what a TPM shall load, out of a key as OpenSSL has it. */
#include <errno.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "bank.h"
#include "pk.h"
#include "tpmpub.h"

enum {
	ALG_RSA = 0x0001,
	ALG_NULL = 0x0010,
	ALG_ECC = 0x0023,
	CURVE_P256 = 0x0003,
	CURVE_P384 = 0x0004,
};

static void put_head(struct buf *b, uint16_t type, enum tpmpub_form form)
{
	buf_add_be16(b, type);
	buf_add_be16(b, BANK_SHA256);
	buf_add_be32(b, TPMPUB_SIGN | TPMPUB_USER_WITH_AUTH |
				(form == TPMPUB_FORM_PLAIN ? 0 : TPMPUB_DECRYPT));
	buf_add_be16(b, 0); /* no policy */
	buf_add_be16(b, ALG_NULL);
	buf_add_be16(b, ALG_NULL);
}

static bool put_rsa(struct buf *b, EVP_PKEY *key, enum tpmpub_form form)
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
	put_head(b, ALG_RSA, form);
	buf_add_be16(b, (uint16_t)(8 * len));
	/* 0 means 65537, but makes another name. */
	buf_add_be32(b, form == TPMPUB_FORM_SYSTEMD ? 65537 : 0);
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
	put_head(b, ALG_ECC, TPMPUB_FORM_PLAIN);
	buf_add_be16(b, curve);
	buf_add_be16(b, ALG_NULL);
	buf_add_be16(b, (uint16_t)size);
	buf_add(b, point + 1, size);
	buf_add_be16(b, (uint16_t)size);
	buf_add(b, point + 1 + size, size);
	return true;
}

/* The size before it; @good: @b holds a whole key. */
static int put_counted(struct buf *b, bool good, struct buf *ret)
{
	ERR_clear_error();
	buf_add_be16(ret, (uint16_t)b->len);
	buf_add(ret, b->data, b->len);
	good = good && !b->failed && !ret->failed;
	buf_free(b);
	return good ? 0 : -EOPNOTSUPP;
}

int tpmpub_of_cert(const struct cert *c, enum tpmpub_form form, struct buf *ret, struct err *e)
{
	EVP_PKEY *key = pk_of_cert(c);
	bool plain = form == TPMPUB_FORM_PLAIN, good = false;
	struct buf b = BUF_INIT;

	if (key && c->algo == CERT_ALGO_RSA)
		good = put_rsa(&b, key, form);
	else if (key && c->algo == CERT_ALGO_P256 && plain)
		good = put_ecc(&b, key, CURVE_P256);
	else if (key && c->algo == CERT_ALGO_P384 && plain)
		good = put_ecc(&b, key, CURVE_P384);
	EVP_PKEY_free(key);
	if (!put_counted(&b, good, ret))
		return 0;
	return err_set(e, -EOPNOTSUPP, "the key of %s (%s) is of no use to %s", c->owner,
		       c->algo_name, plain ? "a TPM" : "systemd, which takes RSA only");
}

int tpmpub_of_pem(const char *pem, size_t len, enum tpmpub_form form, struct buf *ret,
		  struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem, len > INT32_MAX ? 0 : (int)len);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, pk_no_passphrase, NULL) : NULL;
	struct buf b = BUF_INIT;
	bool good = key && EVP_PKEY_is_a(key, "RSA") && put_rsa(&b, key, form);

	EVP_PKEY_free(key);
	BIO_free(bio);
	return put_counted(&b, good, ret)
		       ? err_set(e, -EOPNOTSUPP,
				 "the public key is no RSA key in PEM that a TPM takes")
		       : 0;
}
