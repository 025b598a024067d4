// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "pk.h"
#include "memory.h"

/* AlgorithmIdentifier and head of the OCTET STRING in front of the digest (RFC 8017, 9.2). */
static const struct {
	const char *name;
	size_t size;
	size_t prefix_len;
	uint8_t prefix[19];
} hashes[] = {
	[PK_HASH_NONE] = {"none", 0, 0, {0}},
	[PK_HASH_SHA1] = {"SHA-1",
			  20,
			  15,
			  {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05,
			   0x00, 0x04, 0x14}},
	[PK_HASH_SHA224] = {"SHA-224",
			    28,
			    19,
			    {0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
			     0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c}},
	[PK_HASH_SHA256] = {"SHA-256",
			    32,
			    19,
			    {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
			     0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}},
	[PK_HASH_SHA384] = {"SHA-384",
			    48,
			    19,
			    {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
			     0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30}},
	[PK_HASH_SHA512] = {"SHA-512",
			    64,
			    19,
			    {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
			     0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40}},
};

const char *pk_hash_name(enum pk_hash hash)
{
	return hashes[hash].name;
}

/*
 * The digest is compared by us, as the kernel does, instead of naming it to OpenSSL: a system-wide
 * policy against SHA-1 would otherwise make old vendors' keys look forged.
 */
static int verify_rsa(EVP_PKEY_CTX *ctx, enum pk_hash hash, const uint8_t *digest,
		      const uint8_t *sig, size_t sig_len)
{
	uint8_t out[2048];
	size_t len = sizeof(out), prefix = hashes[hash].prefix_len;

	if (EVP_PKEY_verify_recover_init(ctx) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0 ||
	    EVP_PKEY_verify_recover(ctx, NULL, &len, sig, sig_len) <= 0 || len > sizeof(out) ||
	    EVP_PKEY_verify_recover(ctx, out, &len, sig, sig_len) <= 0)
		return 0;
	return len == prefix + hashes[hash].size && !memcmp(out, hashes[hash].prefix, prefix) &&
	       !memcmp(out + prefix, digest, hashes[hash].size);
}

static int verify_eddsa(EVP_PKEY *key, const uint8_t *msg, size_t len, const uint8_t *sig,
			size_t sig_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) > 0 &&
		EVP_DigestVerify(ctx, sig, sig_len, msg, len) == 1;

	EVP_MD_CTX_free(ctx);
	return r;
}

int pk_verify(EVP_PKEY *key, enum pk_hash hash, const uint8_t *digest, size_t digest_len,
	      const uint8_t *sig, size_t sig_len)
{
	EVP_PKEY_CTX *ctx;
	int r;

	if (hash == PK_HASH_NONE || digest_len != hashes[hash].size)
		return 0;
	if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
		return verify_eddsa(key, digest, digest_len, sig, sig_len);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (!ctx)
		return 0;
	if (EVP_PKEY_is_a(key, "RSA"))
		r = verify_rsa(ctx, hash, digest, sig, sig_len);
	else
		r = EVP_PKEY_verify_init(ctx) > 0 &&
		    EVP_PKEY_verify(ctx, sig, sig_len, digest, digest_len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return r;
}

EVP_PKEY *pk_from_spki(const struct buf *spki)
{
	const uint8_t *p = spki->data;

	if (spki->failed)
		crypto_memory_gone();
	if (spki->failed || !spki->len)
		return NULL;
	return d2i_PUBKEY(NULL, &p, (long)spki->len);
}

/* With exponent 1 anybody can sign; even ones are no RSA. */
static bool bad_exponent(EVP_PKEY *key)
{
	BIGNUM *exp = NULL;
	bool bad = !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exp) || BN_is_one(exp) ||
		   !BN_is_odd(exp);

	BN_free(exp);
	return bad;
}

static void describe_rsa(EVP_PKEY *key, struct cert *c)
{
	c->algo = CERT_ALGO_RSA;
	snprintf(c->algo_name, sizeof(c->algo_name), "RSA");
	if (bad_exponent(key)) {
		c->state = CERT_WEAK;
		snprintf(c->why, sizeof(c->why), "RSA key whose public exponent is 1 or even");
		return;
	}
	if (c->bits < 2048) {
		c->state = CERT_WEAK;
		snprintf(c->why, sizeof(c->why),
			 "RSA of %u bits is too weak, at least 2048 are needed; " PK_WAY_OUT,
			 c->bits);
		return;
	}
	/* crypto/rsa.c takes three sizes, counted in machine words. */
	if ((c->bits + 63) / 64 != 32 && (c->bits + 63) / 64 != 48 && (c->bits + 63) / 64 != 64) {
		c->state = CERT_NO_ALGO;
		snprintf(c->why, sizeof(c->why),
			 "the kernel takes RSA of 2048, 3072 and 4096 bits only, not of "
			 "%u; " PK_WAY_OUT,
			 c->bits);
	}
}

static void describe_other(EVP_PKEY *key, struct cert *c)
{
	const char *name = EVP_PKEY_get0_type_name(key);
	char group[64];

	c->algo = CERT_ALGO_OTHER;
	c->state = CERT_NO_ALGO;
	if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL))
		snprintf(c->algo_name, sizeof(c->algo_name), "ECDSA %.30s", group);
	else
		snprintf(c->algo_name, sizeof(c->algo_name), "%.30s", name ? name : "unknown");
	snprintf(c->why, sizeof(c->why), "the kernel cannot check %s signatures; " PK_WAY_OUT,
		 c->algo_name);
}

void pk_describe(EVP_PKEY *key, struct cert *c)
{
	char group[64] = "";

	c->bits = (unsigned int)EVP_PKEY_get_bits(key);
	if (EVP_PKEY_is_a(key, "RSA")) {
		describe_rsa(key, c);
		return;
	}
	if (EVP_PKEY_is_a(key, "EC"))
		(void)EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
	if (!strcmp(group, "prime256v1"))
		c->algo = CERT_ALGO_P256;
	else if (!strcmp(group, "secp384r1"))
		c->algo = CERT_ALGO_P384;
	else {
		describe_other(key, c);
		return;
	}
	snprintf(c->algo_name, sizeof(c->algo_name), "ECDSA P-%u", c->bits);
}

EVP_PKEY *pk_of_cert(const struct cert *c)
{
	const uint8_t *der = c->der;
	X509 *x = der ? d2i_X509(NULL, &der, (long)c->der_len) : NULL;
	EVP_PKEY *key = x ? X509_get_pubkey(x) : NULL;

	X509_free(x);
	return key;
}

int pk_no_passphrase(char *buf, int size, int writing, void *arg)
{
	return -1;
}
