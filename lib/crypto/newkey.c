// SPDX-License-Identifier: LGPL-2.1-or-later
/* Makes an owner's key and its certificate: signer_create(). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "../base/io.h"
#include "signer.h"

#define KEY_BITS 3072

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool good;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	good = ext && X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	return good;
}

/* 120 random bits: unique enough to find the key by issuer and serial. */
static bool set_serial(X509 *x)
{
	uint8_t raw[15];
	BIGNUM *bn;
	bool good;

	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return false;
	raw[0] |= 0x40;
	raw[0] &= 0x7f;
	bn = BN_bin2bn(raw, sizeof(raw), NULL);
	good = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
	BN_free(bn);
	return good;
}

static X509 *make_cert(EVP_PKEY *key, const char *owner, unsigned int days)
{
	X509 *x = X509_new();
	X509_NAME *name;

	if (!x)
		return NULL;
	name = X509_get_subject_name(x);
	if (X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)owner, -1, -1, 0) &&
	    X509_set_issuer_name(x, name) && X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
	    X509_time_adj_ex(X509_getm_notAfter(x), (int)days, 0, NULL) &&
	    X509_set_pubkey(x, key) &&
	    add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, NID_subject_key_identifier, "hash") &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static int write_bio(BIO *bio, const char *path, mode_t mode, struct err *e)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	int r = io_write_new(path, data, (size_t)len, mode, e);

	OPENSSL_cleanse(data, (size_t)len);
	return r;
}

static int write_key(EVP_PKEY *key, const char *path, const char *pass, int pass_len, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int r;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, pass_len ? EVP_aes_256_cbc() : NULL,
						 pass, pass_len, NULL, NULL))
		r = write_bio(bio, path, 0600, e);
	else
		r = err_set(e, -EIO, "%s: OpenSSL cannot write the key", path);
	BIO_free(bio);
	return r;
}

static int write_cert(X509 *x, const char *path, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int r;

	if (bio && PEM_write_bio_X509(bio, x))
		r = write_bio(bio, path, 0644, e);
	else
		r = err_set(e, -EIO, "%s: OpenSSL cannot write the certificate", path);
	BIO_free(bio);
	return r;
}

static int create(const char *key_path, const char *cert_path, const char *owner, unsigned int days,
		  const char *pass, int pass_len, struct err *e)
{
	EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	X509 *x = key ? make_cert(key, owner, days) : NULL;
	int r;

	if (!x) {
		r = err_set(e, -EIO, "OpenSSL cannot make a key for %s", owner);
	} else {
		r = write_key(key, key_path, pass, pass_len, e);
		if (!r) {
			r = write_cert(x, cert_path, e);
			if (r < 0)
				(void)unlink(key_path);
		}
	}
	X509_free(x);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return r;
}

int signer_create(const char *key_path, const char *cert_path, const char *owner, unsigned int days,
		  signer_pass_fn pass, void *pass_arg, struct err *e)
{
	char phrase[SIGNER_PASS_MAX];
	int n = 0, r;

	if (!*owner || strlen(owner) > 64)
		return err_set(e, -EINVAL, "the owner's name must have 1 to 64 bytes");
	if (!days || days > 36500)
		return err_set(e, -EINVAL, "a key is valid for 1 to 36500 days, not %u", days);
	/* Before a passphrase is asked for in vain. */
	if (!access(key_path, F_OK) || !access(cert_path, F_OK))
		return err_set(e, -EEXIST, "%s: exists already",
			       access(key_path, F_OK) ? cert_path : key_path);
	if (pass)
		n = pass(phrase, sizeof(phrase), key_path, pass_arg);
	/* Whoever asked for encryption must not get a key without it. */
	if (pass && (n <= 0 || n > (int)sizeof(phrase)))
		r = err_set(e, -ECANCELED,
			    "%s: no passphrase given, no key made; give one, or leave out "
			    "--passphrase",
			    key_path);
	else
		r = create(key_path, cert_path, owner, days, phrase, n, e);
	OPENSSL_cleanse(phrase, sizeof(phrase));
	return r;
}
