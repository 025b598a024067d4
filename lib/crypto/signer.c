// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "../base/io.h"
#include "der.h"
#include "pk.h"
#include "pkcs7.h"
#include "rawsig.h"
#include "signer.h"
#include "verify.h"

/* More objects than any URI should name. */
#define OBJECTS_MAX 64

/* Largest file that may hold a private key. */
#define KEY_MAX (1U << 20)

struct signer {
	EVP_PKEY *key;
	struct cert_set certs; /* exactly one */
	/*
	 * With a provider: a world of its own, which is torn down in signer_close(). Left to
	 * exit(), providers are unloaded after the destructors of the libraries they use.
	 */
	OSSL_LIB_CTX *ssl;
	OSSL_PROVIDER *base; /* OpenSSL's own, needed beside any other */
	OSSL_PROVIDER *provider;
};

/* What passphrase callbacks get. */
struct asking {
	const struct signer_config *cfg;
	bool asked_in_vain;
};

/* Adds OpenSSL's own reason, if it left one. */
static int ssl_fail(struct err *e, int code, const char *what, const char *name)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	err_set(e, code, "%s: %s%s%s", name, what, why ? ": " : "", why ? why : "");
	ERR_clear_error();
	return code;
}

/* "scheme:…" as RFC 3986 has it; a path with a colon is not meant if the file exists. */
static bool is_uri(const char *text)
{
	const char *p = text;

	if (!isalpha((unsigned char)*p))
		return false;
	while (isalnum((unsigned char)*p) || (*p && strchr("+.-", *p)))
		p++;
	return *p == ':' && access(text, F_OK) < 0;
}

static int ask(char *buf, int size, int writing, void *arg)
{
	struct asking *a = arg;
	int n = -1;

	(void)writing;
	if (a->cfg->pass)
		n = a->cfg->pass(buf, size, a->cfg->key, a->cfg->pass_arg);
	if (n < 0)
		a->asked_in_vain = true;
	return n;
}

/* First object of this type behind @uri, as a new reference; NULL if there is none. */
static OSSL_STORE_INFO *store_find(const struct signer *s, const char *uri, int type,
				   struct asking *a)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ask, 0);
	OSSL_STORE_CTX *store = NULL;
	OSSL_STORE_INFO *info = NULL;

	if (ui)
		store = OSSL_STORE_open_ex(uri, s->ssl, NULL, ui, a, NULL, NULL, NULL);
	if (store)
		(void)OSSL_STORE_expect(store, type);
	/* Objects of other types come as errors from some loaders: look at the next one. */
	for (int i = 0; i < OBJECTS_MAX && store && !info && !OSSL_STORE_eof(store); i++) {
		info = OSSL_STORE_load(store);
		if (info && OSSL_STORE_INFO_get_type(info) != type) {
			OSSL_STORE_INFO_free(info);
			info = NULL;
		}
	}
	OSSL_STORE_close(store);
	UI_destroy_method(ui);
	return info;
}

/* The file must be a regular one; a TSS2 key needs its provider, which is guessed here. */
static int look_at_file(const char *path, const char **provider, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_file(path, KEY_MAX, &b, e);

	if (!r && !*provider && b.data && memmem(b.data, b.len, "BEGIN TSS2 PRIVATE KEY", 22))
		*provider = "tpm2";
	if (b.data)
		OPENSSL_cleanse(b.data, b.len);
	buf_free(&b);
	return r;
}

static const char *provider_of(const char *uri)
{
	if (!strncmp(uri, "pkcs11:", 7))
		return "pkcs11";
	if (!strncmp(uri, "handle:", 7) || !strncmp(uri, "object:", 7))
		return "tpm2";
	return NULL;
}

static int load_provider(struct signer *s, const char *name, struct err *e)
{
	char *config;

	if (!name)
		return 0;
	s->ssl = OSSL_LIB_CTX_new();
	if (!s->ssl)
		return err_set(e, -ENOMEM, "out of memory");
	/* openssl.cnf may say where the provider finds its device; without it that is not fatal. */
	config = CONF_get1_default_config_file();
	(void)OSSL_LIB_CTX_load_config(s->ssl, config);
	OPENSSL_free(config);
	s->base = OSSL_PROVIDER_load(s->ssl, "default");
	s->provider = s->base ? OSSL_PROVIDER_load(s->ssl, name) : NULL;
	if (!s->provider)
		return ssl_fail(e, -ENOENT, "the OpenSSL provider cannot be loaded", name);
	return 0;
}

static int load_key(struct signer *s, const struct signer_config *cfg, struct err *e)
{
	struct asking a = {.cfg = cfg};
	OSSL_STORE_INFO *info;

	ERR_clear_error();
	info = store_find(s, cfg->key, OSSL_STORE_INFO_PKEY, &a);
	if (info)
		s->key = OSSL_STORE_INFO_get1_PKEY(info);
	OSSL_STORE_INFO_free(info);
	if (s->key) {
		ERR_clear_error();
		return 0;
	}
	if (a.asked_in_vain)
		return ssl_fail(e, -EACCES, "the key is encrypted and no passphrase was given",
				cfg->key);
	return ssl_fail(e, -EINVAL, "no private key that OpenSSL can use", cfg->key);
}

static int load_cert_from_store(struct signer *s, const struct signer_config *cfg, struct err *e)
{
	const char *uri = cfg->cert ? cfg->cert : cfg->key;
	struct asking a = {.cfg = cfg};
	OSSL_STORE_INFO *info = store_find(s, uri, OSSL_STORE_INFO_CERT, &a);
	uint8_t *der = NULL;
	int len = -1, r;

	if (info)
		len = i2d_X509(OSSL_STORE_INFO_get0_CERT(info), &der);
	OSSL_STORE_INFO_free(info);
	if (len <= 0)
		return ssl_fail(e, -ENOENT, "no certificate there; name its file", uri);
	r = cert_set_read(&s->certs, der, (size_t)len, uri, 0, e);
	OPENSSL_free(der);
	return r < 0 ? r : 0;
}

/* Picks the certificate of our key if the file has several. */
static int choose_cert(struct signer *s, const char *name, struct err *e)
{
	struct cert *found = NULL;
	int equal;

	for (size_t i = 0; i < s->certs.n; i++) {
		struct cert *c = s->certs.certs[i];
		const uint8_t *p = c->der;
		X509 *x = p ? d2i_X509(NULL, &p, (long)c->der_len) : NULL;

		/* Some providers cannot compare; then the first signature tells. */
		equal = x ? EVP_PKEY_eq(X509_get0_pubkey(x), s->key) : 0;
		X509_free(x);
		if (!found && (equal == 1 || (equal < 0 && s->provider && s->certs.n == 1)))
			found = c;
		else
			cert_free(c);
	}
	ERR_clear_error();
	s->certs.n = found ? 1 : 0;
	if (!found)
		return err_set(e, -EINVAL, "%s: no certificate of the key among those in it", name);
	s->certs.certs[0] = found;
	return 0;
}

/*
 * The kernel does not look at the time, so that a list outlives the certificate: making one is the
 * only moment at which expiry can count.
 */
static int check_expiry(const struct cert *c, const char *name, struct err *e)
{
	time_t end = (time_t)c->expires;
	char date[32] = "";
	struct tm tm;

	if (c->state != CERT_EXPIRED)
		return 0;
	if (gmtime_r(&end, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	return err_set(e, -EKEYEXPIRED,
		       "%s: the certificate expired on %s; make another key (diglim key create) "
		       "and trust it (diglim key add)",
		       name, date);
}

static int load_cert(struct signer *s, const struct signer_config *cfg, struct err *e)
{
	const char *name = cfg->cert ? cfg->cert : cfg->key;
	const struct cert *c;
	int r;

	if (!is_uri(name) && cfg->cert)
		r = cert_set_read_file(&s->certs, name, 0, e);
	else
		r = load_cert_from_store(s, cfg, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->certs.n && s->certs.n == 1; i++) {
		c = s->certs.certs[i];
		if (!c->der)
			return err_set(e, -EINVAL, "%s: %s", name, c->why);
	}
	r = choose_cert(s, name, e);
	return r ? r : check_expiry(signer_cert(s), name, e);
}

static int open_all(struct signer *s, const struct signer_config *cfg, struct err *e)
{
	const char *provider = cfg->provider;
	int r = 0;

	if (!is_uri(cfg->key))
		r = look_at_file(cfg->key, &provider, e);
	else if (!provider)
		provider = provider_of(cfg->key);
	if (!r)
		r = load_provider(s, provider, e);
	if (!r)
		r = load_key(s, cfg, e);
	return r ? r : load_cert(s, cfg, e);
}

int signer_open(const struct signer_config *cfg, struct signer **ret, struct err *e)
{
	struct signer *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	r = open_all(s, cfg, e);
	if (r < 0) {
		signer_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

struct signer *signer_close(struct signer *s)
{
	if (!s)
		return NULL;
	EVP_PKEY_free(s->key);
	cert_set_done(&s->certs);
	if (s->provider)
		OSSL_PROVIDER_unload(s->provider);
	if (s->base)
		OSSL_PROVIDER_unload(s->base);
	OSSL_LIB_CTX_free(s->ssl);
	free(s);
	return NULL;
}

const struct cert *signer_cert(const struct signer *s)
{
	return s->certs.certs[0];
}

static int raw_sign(struct signer *s, enum digest_algo algo, const void *data, size_t len,
		    uint8_t *sig, size_t *sig_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int good;

	good = ctx &&
	       EVP_DigestSignInit_ex(ctx, NULL, digest_name(algo), s->ssl, NULL, s->key, NULL) >
		       0 &&
	       EVP_DigestSign(ctx, sig, sig_len, data, len) > 0;
	EVP_MD_CTX_free(ctx);
	return good ? 0 : -EIO;
}

int signer_sign(struct signer *s, enum digest_algo algo, const void *payload, size_t payload_len,
		struct buf *ret, struct err *e)
{
	const struct cert *c = signer_cert(s);
	size_t start = ret->len, sig_len;
	uint8_t sig[1024];
	int r;

	if (algo == DIGEST_NONE)
		algo = c->algo == CERT_ALGO_P384 ? DIGEST_SHA384 : DIGEST_SHA256;
	sig_len = sizeof(sig);
	ERR_clear_error();
	if (raw_sign(s, algo, payload, payload_len, sig, &sig_len) < 0)
		return ssl_fail(e, -EIO, "signing failed", c->owner);
	r = pkcs7_make(c, algo, sig, sig_len, ret, e);
	/* A key that is not the certificate's, or a device that errs, must not leave a list. */
	if (!r)
		r = verify_list(payload, payload_len, ret->data + start, ret->len - start,
				&s->certs, NULL, e);
	if (r < 0)
		ret->len = start;
	return r;
}

int rawsig_sign(struct signer *s, const void *data, size_t len, struct buf *ret, struct err *e)
{
	uint8_t sig[1024];
	size_t sig_len = sizeof(sig);

	ERR_clear_error();
	if (raw_sign(s, DIGEST_SHA256, data, len, sig, &sig_len) < 0)
		return ssl_fail(e, -EIO, "signing failed", signer_cert(s)->owner);
	buf_add(ret, sig, sig_len);
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static void put_2b(struct buf *b, const struct der *d)
{
	size_t skip = d->len > 1 && !*d->p;

	buf_add_be16(b, (uint16_t)(d->len - skip));
	buf_add(b, d->p + skip, d->len - skip);
}

int signer_sign_for_tpm(struct signer *s, const void *data, size_t len, struct buf *ret,
			struct err *e)
{
	const struct cert *c = signer_cert(s);
	bool rsa = c->algo == CERT_ALGO_RSA;
	struct der d, both, num[2];
	uint8_t sig[1024];
	size_t sig_len = sizeof(sig);

	ERR_clear_error();
	if (raw_sign(s, DIGEST_SHA256, data, len, sig, &sig_len) < 0)
		return ssl_fail(e, -EIO, "signing failed", c->owner);
	d = (struct der){sig, sig_len};
	buf_add_be16(ret, rsa ? 0x0014 : 0x0018); /* TPM_ALG_RSASSA, TPM_ALG_ECDSA */
	buf_add_be16(ret, 0x000b);		  /* TPM_ALG_SHA256 */
	if (rsa) {
		put_2b(ret, &d);
	} else if (!der_take(&d, DER_SEQUENCE, &both, NULL) &&
		   !der_take(&both, DER_INTEGER, &num[0], NULL) &&
		   !der_take(&both, DER_INTEGER, &num[1], NULL)) {
		put_2b(ret, &num[0]);
		put_2b(ret, &num[1]);
	} else {
		return err_set(e, -EIO, "%s: a signature of an unknown form", c->owner);
	}
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}
