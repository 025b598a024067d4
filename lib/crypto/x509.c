// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "../../core/openpgp.h"
#include "../base/hex.h"
#include "../base/text.h"
#include "certder.h"
#include "pgppub.h"
#include "pk.h"
#include "x509.h"
#include "x509wrap.h"

static uint64_t read_time(const ASN1_TIME *t)
{
	struct tm tm = {0};
	time_t when;

	if (!t || !ASN1_TIME_to_tm(t, &tm))
		return 0;
	when = timegm(&tm);
	return when < 0 ? 0 : (uint64_t)when;
}

static void read_subject(X509 *x, struct cert *c)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (bio &&
	    X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
			       XN_FLAG_RFC2253 & ~(ASN1_STRFLGS_ESC_MSB | XN_FLAG_DN_REV)) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		text_escape(c->owner, sizeof(c->owner), text, len > 0 ? (size_t)len : 0);
	}
	BIO_free(bio);
}

/* An attribute of the subject as plain text. */
static size_t subject_part(X509 *x, int nid, char *ret, size_t size)
{
	X509_NAME *name = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	const ASN1_STRING *s;
	size_t len;

	ret[0] = '\0';
	if (at < 0)
		return 0;
	s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	len = (size_t)ASN1_STRING_length(s);
	if (len >= size)
		return 0;
	memcpy(ret, ASN1_STRING_get0_data(s), len);
	ret[len] = '\0';
	return len;
}

static void put_number(struct buf *b, EVP_PKEY *key, const char *param)
{
	uint8_t raw[2048];
	BIGNUM *bn = NULL;
	int len;

	if (!EVP_PKEY_get_bn_param(key, param, &bn) || BN_num_bytes(bn) > (int)sizeof(raw)) {
		b->failed = true;
	} else {
		len = BN_bn2bin(bn, raw);
		pgppub_put_mpi(b, raw, (size_t)len);
	}
	BN_free(bn);
}

/* The key as OpenPGP would write it, for the fingerprint. */
static void put_material(struct buf *b, EVP_PKEY *key, enum cert_algo algo)
{
	static const uint8_t p256[] = {8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
	static const uint8_t p384[] = {5, 0x2b, 0x81, 0x04, 0x00, 0x22};
	uint8_t point[256];
	size_t len = 0;

	if (algo == CERT_ALGO_RSA) {
		put_number(b, key, OSSL_PKEY_PARAM_RSA_N);
		put_number(b, key, OSSL_PKEY_PARAM_RSA_E);
		return;
	}
	if (algo == CERT_ALGO_P256)
		buf_add(b, p256, sizeof(p256));
	else
		buf_add(b, p384, sizeof(p384));
	if (!EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					     &len))
		b->failed = true;
	pgppub_put_mpi(b, point, len);
}

/* Is this really the fingerprint of that key? Both numbers of RSA occur. */
static bool fingerprint_holds(const struct cert *c, EVP_PKEY *key)
{
	static const uint8_t rsa[] = {CORE_PGP_RSA, CORE_PGP_RSA_SIGN}, ecdsa[] = {CORE_PGP_ECDSA};
	const uint8_t *algo = c->algo == CERT_ALGO_RSA ? rsa : ecdsa;
	size_t n = c->algo == CERT_ALGO_RSA ? 2 : 1;
	struct buf material = BUF_INIT;
	uint8_t fpr[20];
	bool good = false;

	put_material(&material, key, c->algo);
	for (size_t i = 0; i < n && !material.failed && !good; i++)
		good = !pgppub_fingerprint((uint32_t)c->created, algo[i], &material, fpr) &&
		       !memcmp(fpr, c->fingerprint, sizeof(fpr));
	buf_free(&material);
	return good;
}

/* Wrapper: gives back the OpenPGP key's description. Nothing in it is believed unchecked. */
static int read_wrapper(X509 *x, EVP_PKEY *key, struct cert *c, const char *name, struct err *e)
{
	char text[CERT_OWNER_MAX];
	size_t n;

	c->kind = CERT_OPENPGP;
	n = subject_part(x, NID_serialNumber, text, sizeof(text));
	if (n != 40 || hex_decode(text, n, c->fingerprint, 20) < 0 || !key ||
	    c->algo == CERT_ALGO_OTHER)
		return err_set(e, -EINVAL, "%s: damaged OpenPGP wrapper certificate", name);
	c->fingerprint_len = 20;
	memcpy(c->key_id, c->fingerprint + 12, 8);
	if (!fingerprint_holds(c, key))
		return err_set(e, -EINVAL,
			       "%s: OpenPGP wrapper certificate with a false fingerprint", name);
	memcpy(c->primary, c->fingerprint, sizeof(c->primary));
	c->primary_len = 20;
	n = subject_part(x, NID_dnQualifier, text, sizeof(text));
	if (n == 40 && !hex_decode(text, n, c->primary, 20))
		c->subkey = true;
	n = subject_part(x, NID_commonName, text, sizeof(text));
	text_escape(c->owner, sizeof(c->owner), text, n);
	if (c->expires == 253402300799) /* the end of year 9999: never */
		c->expires = 0;
	return 0;
}

static int read_ordinary(X509 *x, struct cert *c, const char *name, struct err *e)
{
	unsigned int len = 0;
	uint32_t usage = X509_get_key_usage(x);

	c->kind = CERT_X509;
	if (!X509_digest(x, EVP_sha256(), c->fingerprint, &len) || len != 32)
		return err_set(e, -EIO, "%s: OpenSSL does not provide SHA-256", name);
	c->fingerprint_len = 32;
	memcpy(c->primary, c->fingerprint, sizeof(c->primary));
	c->primary_len = 32;
	memcpy(c->key_id, c->fingerprint, sizeof(c->key_id));
	read_subject(x, c);
	if (c->state == CERT_USABLE && usage != UINT32_MAX && !(usage & KU_DIGITAL_SIGNATURE)) {
		c->state = CERT_NOT_SIGNING;
		snprintf(c->why, sizeof(c->why),
			 "its key usage does not allow digital signatures; make one that does "
			 "(diglim key create)");
	}
	return 0;
}

static bool is_wrapper(const struct cert *c)
{
	struct buf b = BUF_INIT;
	bool r;

	x509wrap_issuer(&b);
	r = !b.failed && b.len == c->issuer_len && !memcmp(b.data, c->issuer, b.len);
	buf_free(&b);
	return r;
}

/* A self-signed certificate must verify, or the kernel will not take it. */
static bool self_signature_broken(X509 *x, EVP_PKEY *key)
{
	return !X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) && key &&
	       X509_verify(x, key) != 1;
}

static void drop_der(struct cert *c)
{
	free(c->der);
	c->der = NULL;
	c->der_len = c->issuer_len = c->serial_len = 0;
	c->issuer = c->serial = NULL;
}

static int fill(X509 *x, struct cert *c, const char *name, uint64_t now, struct err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int r;

	c->created = read_time(X509_get0_notBefore(x));
	c->expires = read_time(X509_get0_notAfter(x));
	if (key) {
		pk_describe(key, c);
	} else {
		c->state = CERT_NO_ALGO;
		snprintf(c->algo_name, sizeof(c->algo_name), "unknown");
		snprintf(c->why, sizeof(c->why), "a public key that OpenSSL does not know");
	}
	r = is_wrapper(c) ? read_wrapper(x, key, c, name, e) : read_ordinary(x, c, name, e);
	if (r < 0)
		return r;
	if (c->state == CERT_USABLE && c->kind == CERT_X509 && self_signature_broken(x, key)) {
		c->state = CERT_BROKEN;
		snprintf(c->why, sizeof(c->why), "its own signature does not verify");
	}
	if (c->state == CERT_USABLE && c->expires && c->expires < now) {
		c->state = CERT_EXPIRED;
		snprintf(c->why, sizeof(c->why),
			 c->kind == CERT_OPENPGP
				 ? "expired: only signatures made before that are imported"
				 : "expired: checked when signing; the kernel does not know of it, "
				   "lists that it signed stay good");
	}
	if (c->state != CERT_USABLE && c->state != CERT_EXPIRED)
		drop_der(c);
	return 0;
}

/* Takes one certificate into @set. */
static int add(struct cert_set *set, X509 *x, const char *name, uint64_t now, struct err *e)
{
	struct cert *c = calloc(1, sizeof(*c));
	uint8_t *der = NULL;
	int len, r;

	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	len = i2d_X509(x, &der);
	if (len > 0)
		c->der = malloc((size_t)len);
	if (c->der) {
		memcpy(c->der, der, (size_t)len);
		c->der_len = (size_t)len;
	}
	OPENSSL_free(der);
	if (!c->der)
		r = err_set(e, -ENOMEM, "%s: out of memory", name);
	else if (certder_locate(c) < 0)
		r = err_set(e, -EINVAL, "%s: certificate is not in DER", name);
	else
		r = fill(x, c, name, now, e);
	if (r < 0) {
		cert_free(c);
		return r;
	}
	return cert_set_take(set, c, e);
}

static int read_pem(struct cert_set *set, BIO *bio, const char *name, uint64_t now, struct err *e)
{
	int n = 0, r = 0;
	X509 *x;

	while (!r && (x = PEM_read_bio_X509(bio, NULL, pk_no_passphrase, NULL))) {
		r = add(set, x, name, now, e);
		X509_free(x);
		n++;
	}
	if (r < 0)
		return r;
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return err_set(e, -EINVAL, "%s: damaged certificate after number %d", name, n);
	return n;
}

static bool contains(const void *data, size_t len, const char *text)
{
	return memmem(data, len, text, strlen(text));
}

/* No certificate at all: what was meant? */
static int nothing_found(const void *data, size_t len, const char *name, struct err *e)
{
	if (contains(data, len, "PRIVATE KEY-----"))
		return err_set(e, -EINVAL,
			       "%s: a private key; give its certificate, and keep the key to "
			       "yourself",
			       name);
	if (contains(data, len, "-----BEGIN PUBLIC KEY-----"))
		return err_set(e, -EINVAL, "%s: a bare public key, an X.509 certificate is needed",
			       name);
	return err_set(e, -EINVAL, "%s: neither an OpenPGP key nor an X.509 certificate", name);
}

int x509_read(struct cert_set *set, const void *data, size_t len, const char *name, uint64_t now,
	      struct err *e)
{
	const uint8_t *p = data;
	X509 *x = NULL;
	BIO *bio;
	int r;

	now = now ? now : (uint64_t)time(NULL);
	if (len > INT32_MAX)
		return err_set(e, -EFBIG, "%s: too large for a certificate", name);
	ERR_clear_error();
	if (len && *p == 0x30)
		x = d2i_X509(NULL, &p, (long)len);
	if (x && p == (const uint8_t *)data + len) {
		r = add(set, x, name, now, e);
		r = r < 0 ? r : 1;
	} else if (x || (len && *(const uint8_t *)data == 0x30)) {
		r = err_set(e, -EINVAL, "%s: damaged certificate, or bytes behind it", name);
	} else {
		bio = BIO_new_mem_buf(data, (int)len);
		r = bio ? read_pem(set, bio, name, now, e) : err_set(e, -ENOMEM, "out of memory");
		BIO_free(bio);
		if (!r)
			r = nothing_found(data, len, name, e);
	}
	X509_free(x);
	ERR_clear_error();
	return r;
}
