/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "ekcert.h"
#include "pk.h"
#include "../base/io.h"

#define ROOTS_MAX (1U << 20)	 /* bytes of a file of makers' certificates */
#define EK_USAGE  "2.23.133.8.1" /* tcg-kp-EKCertificate */

static X509 *read_pem(const void *data, size_t len)
{
	BIO *bio = BIO_new_mem_buf(data, (int)len);
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, pk_no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return x;
}

static X509 *to_x509(const struct ekcert *c)
{
	const uint8_t *der = c->der.data;

	return d2i_X509(NULL, &der, (long)c->der.len);
}

static int keep(X509 *x, struct ekcert *ret)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	char group[32] = "";
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	if (len > 0)
		buf_add(&ret->der, der, (size_t)len);
	OPENSSL_free(der);
	der = NULL;
	if (!key || len <= 0)
		return -EBADMSG;
	ret->rsa = EVP_PKEY_is_a(key, "RSA");
	if (!ret->rsa)
		(void)EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
	if (ret->rsa ? EVP_PKEY_get_bits(key) != 2048 : strcmp(group, "prime256v1") != 0)
		return -EOPNOTSUPP;
	len = i2d_PUBKEY(key, &der);
	if (len > 0)
		buf_add(&ret->spki, der, (size_t)len);
	OPENSSL_free(der);
	return ret->der.failed || ret->spki.failed || len <= 0 ? -ENOMEM : 0;
}

/* The subject, which may be empty: then whoever issued it and the serial. */
static void describe(X509 *x, struct ekcert *ret)
{
	const X509_NAME *name = X509_get_subject_name(x);
	BIO *bio = BIO_new(BIO_s_mem());
	int n = 0;

	if (bio && X509_NAME_entry_count(name)) {
		X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	} else if (bio) {
		BIO_puts(bio, "EK of ");
		X509_NAME_print_ex(bio, X509_get_issuer_name(x), 0, XN_FLAG_ONELINE);
		BIO_puts(bio, ", serial ");
		i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(x));
	}
	if (bio)
		n = BIO_read(bio, ret->owner, sizeof(ret->owner) - 1);
	ret->owner[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
}

int ekcert_parse(const void *data, size_t len, struct ekcert *ret, struct err *e)
{
	const uint8_t *der = data;
	X509 *x = NULL;
	int r = -EBADMSG;

	*ret = (struct ekcert){0};
	if (len && len <= EKCERT_MAX)
		x = *der == '-' ? read_pem(data, len) : d2i_X509(NULL, &der, (long)len);
	if (x)
		r = keep(x, ret);
	if (!r)
		describe(x, ret);
	X509_free(x);
	ERR_clear_error();
	if (!r)
		return 0;
	ekcert_done(ret);
	return err_set(e, r,
		       r == -EOPNOTSUPP
			       ? "an endorsement key that is neither RSA-2048 nor ECC P-256"
		       : r == -ENOMEM ? "out of memory"
				      : "not a certificate");
}

void ekcert_done(struct ekcert *c)
{
	buf_free(&c->der);
	buf_free(&c->spki);
}

/* What is not self-signed counts as well: a maker's intermediate that somebody chose to trust. */
static int add_roots(X509_STORE *store, STACK_OF(X509) * between, const char *path, struct err *e)
{
	STACK_OF(X509_INFO) *infos = NULL;
	struct buf b = BUF_INIT;
	BIO *bio = NULL;
	int r = io_read_file(path, ROOTS_MAX, &b, e), n = 0;

	if (!r)
		bio = BIO_new_mem_buf(b.data, (int)b.len);
	infos = bio ? PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL) : NULL;
	for (int i = 0; i < sk_X509_INFO_num(infos); i++) {
		X509 *x = sk_X509_INFO_value(infos, i)->x509;

		if (x && X509_STORE_add_cert(store, x) && X509_up_ref(x)) {
			sk_X509_push(between, x);
			n++;
		}
	}
	sk_X509_INFO_pop_free(infos, X509_INFO_free);
	BIO_free(bio);
	buf_free(&b);
	ERR_clear_error();
	return r ?: n ? 0 : err_set(e, -EINVAL, "%s: no certificate in PEM", path);
}

/* A maker certifies other keys, too: only that of an EK may be one. */
static bool is_of_ek(X509 *x)
{
	STACK_OF(ASN1_OBJECT) *usages = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	bool found = !usages;

	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
		char oid[64];

		OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usages, i), 1);
		found |= !strcmp(oid, EK_USAGE);
	}
	sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
	return found && !X509_check_ca(x);
}

static int verify_chain(X509 *x, X509_STORE *store, STACK_OF(X509) * between, struct err *e)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int r = -ENOMEM;

	if (ctx && X509_STORE_CTX_init(ctx, store, x, between))
		r = X509_verify_cert(ctx) == 1 ? 0 : -EKEYREJECTED;
	if (r)
		err_set(e, r,
			r == -ENOMEM ? "out of memory" : "certificate of the endorsement key: %s",
			ctx ? X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)) : "");
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return r;
}

int ekcert_check(const struct ekcert *c, const char *const *roots, size_t n_roots, struct err *e)
{
	STACK_OF(X509) *between = sk_X509_new_null();
	X509_STORE *store = X509_STORE_new();
	X509 *x = to_x509(c);
	int r = between && store && x ? 0 : err_set(e, -ENOMEM, "out of memory");

	for (size_t i = 0; !r && i < n_roots; i++)
		r = add_roots(store, between, roots[i], e);
	if (!r) {
		X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
		r = verify_chain(x, store, between, e);
	}
	if (!r && !is_of_ek(x))
		r = err_set(e, -EKEYREJECTED, "the certificate is not one of an endorsement key");
	sk_X509_pop_free(between, X509_free);
	X509_STORE_free(store);
	X509_free(x);
	return r;
}
