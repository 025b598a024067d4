// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include <openssl/x509.h>

#include "../../core/pkcs7.h"
#include "../base/hex.h"
#include "pk.h"
#include "verify.h"

static enum digest_algo digest_of(uint32_t core_hash)
{
	switch (core_hash) {
	case CORE_HASH_SHA256:
		return DIGEST_SHA256;
	case CORE_HASH_SHA384:
		return DIGEST_SHA384;
	default:
		return DIGEST_SHA512;
	}
}

static enum pk_hash pk_hash_of(enum digest_algo digest)
{
	switch (digest) {
	case DIGEST_SHA256:
		return PK_HASH_SHA256;
	case DIGEST_SHA384:
		return PK_HASH_SHA384;
	default:
		return PK_HASH_SHA512;
	}
}

/* Certificates keep issuer and serial with tag and length, core/pkcs7.h hands out the content. */
static bool same_content(const uint8_t *der, size_t der_len, const uint8_t *content, size_t len)
{
	return der_len > len && !memcmp(der + der_len - len, content, len) &&
	       der_len - len == (len < 0x80    ? 2U
				 : len < 0x100 ? 3U
					       : 4U);
}

static const struct cert *find_signer(const struct cert_set *set, const uint8_t *sig,
				      const struct core_pkcs7 *p)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct cert *c = set->certs[i];

		if (c->der &&
		    same_content(c->issuer, c->issuer_len, sig + p->issuer_off, p->issuer_len) &&
		    same_content(c->serial, c->serial_len, sig + p->serial_off, p->serial_len))
			return c;
	}
	return NULL;
}

static int describe(const uint8_t *sig, size_t len, const struct cert_set *set,
		    struct core_pkcs7 *p, struct verify_info *ret, struct err *e)
{
	struct core_view v = {sig, 0, (uint32_t)len};
	struct core_err ce = {0};
	const uint8_t *serial;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	if (!len || len > DIGLIM_SIG_MAX)
		return err_set(e, -DIGLIM_E_SIG_FORMAT, "PKCS#7 of %zu bytes, expected 1 to %d",
			       len, DIGLIM_SIG_MAX);
	if (core_pkcs7_open(&v, p, &ce) < 0)
		return err_set(e, -(int)ce.code, "PKCS#7, offset %u: %s", ce.off,
			       err_name((int)ce.code));
	serial = sig + p->serial_off;
	n = p->serial_len;
	while (n > 1 && !*serial) {
		serial++;
		n--;
	}
	memcpy(ret->serial, serial, n);
	ret->serial_len = (uint8_t)n;
	ret->digest = digest_of(p->hash);
	ret->signer = find_signer(set, sig, p);
	ret->algo = ret->signer ? ret->signer->algo : CERT_ALGO_OTHER;
	return 0;
}

int verify_describe(const void *sig, size_t sig_len, const struct cert_set *set,
		    struct verify_info *ret, struct err *e)
{
	struct core_pkcs7 p;

	return describe(sig, sig_len, set, &p, ret, e);
}

static int check(const struct verify_info *info, const uint8_t *digest, const uint8_t *sig,
		 size_t sig_len, struct err *e)
{
	const uint8_t *der = info->signer->der;
	EVP_PKEY *key;
	X509 *x;
	int good;

	x = d2i_X509(NULL, &der, (long)info->signer->der_len);
	key = x ? X509_get0_pubkey(x) : NULL;
	/* The kernel refuses an RSA number that is not as long as the modulus. */
	good = key &&
	       (info->algo != CERT_ALGO_RSA ||
		sig_len == ((size_t)info->signer->bits + 63) / 64 * 8) &&
	       pk_verify(key, pk_hash_of(info->digest), digest, digest_size(info->digest), sig,
			 sig_len);
	X509_free(x);
	if (!good)
		return err_set(e, -DIGLIM_E_SIG_INVALID,
			       "the signature does not verify with the key of %s",
			       info->signer->owner);
	return 0;
}

int verify_list(const void *payload, size_t payload_len, const void *sig, size_t sig_len,
		const struct cert_set *set, struct verify_info *ret, struct err *e)
{
	char serial[2 * sizeof(ret->serial) + 1];
	uint8_t digest[DIGEST_SIZE_MAX];
	struct verify_info info;
	struct core_pkcs7 p;
	int r;

	if (!ret)
		ret = &info;
	r = describe(sig, sig_len, set, &p, ret, e);
	if (r < 0)
		return r;
	if (!ret->signer)
		return err_set(e, -DIGLIM_E_SIG_NO_KEY, "the key of the signer (%s) is not known",
			       hex_encode(ret->serial, ret->serial_len, serial));
	if ((p.pk == CORE_PK_RSA) != (ret->algo == CERT_ALGO_RSA))
		return err_set(e, -DIGLIM_E_SIG_INVALID,
			       "the signature is of another algorithm than the key of %s (%s)",
			       ret->signer->owner, ret->signer->algo_name);
	r = digest_buffer(ret->digest, payload, payload_len, digest, e);
	if (r < 0)
		return r;
	return check(ret, digest, (const uint8_t *)sig + p.sig_off, p.sig_len, e);
}
