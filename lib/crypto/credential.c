/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TPM2_MakeCredential without a TPM: ekcert_make_credential(). */
#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "ekcert.h"
#include "pk.h"

#define HASH	 "SHA256" /* of the names of EKs of the default templates */
#define HASH_LEN 32
#define AES_LEN	 16
#define LABEL	 "IDENTITY" /* with its zero */

/* KDFa (part 1, 11.4.10.2): SP 800-108 in counter mode; @label gets its zero as separator. */
static bool kdf_a(const uint8_t seed[HASH_LEN], const char *label, const void *context, size_t len,
		  uint8_t *ret, size_t ret_len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[7], *p = params;
	bool good;

	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, (char *)"HMAC", 0);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"counter", 0);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)HASH, 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)seed, HASH_LEN);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)label, strlen(label));
	if (len)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)context, len);
	*p = OSSL_PARAM_construct_end();
	good = ctx && EVP_KDF_derive(ctx, ret, ret_len, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good;
}

/* KDFe (part 1, 11.4.10.3): SP 800-56C in one step. */
static bool kdf_e(const uint8_t *z, size_t z_len, const struct buf *info, uint8_t ret[HASH_LEN])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SSKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)HASH, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)z, z_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info->data, info->len),
		OSSL_PARAM_construct_end(),
	};
	bool good = ctx && EVP_KDF_derive(ctx, ret, HASH_LEN, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good;
}

/* Annex B.10.4: the seed is random, and encrypted. Appends TPM2B_ENCRYPTED_SECRET. */
static bool seed_rsa(EVP_PKEY *ek, uint8_t seed[HASH_LEN], struct buf *ret)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE,
						 (char *)OSSL_PKEY_RSA_PAD_MODE_OAEP, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, (char *)HASH,
						 0),
		OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, (void *)LABEL,
						  sizeof(LABEL)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ek, NULL);
	uint8_t out[256];
	size_t len = sizeof(out);
	bool good = ctx && RAND_bytes(seed, HASH_LEN) == 1 &&
		    EVP_PKEY_encrypt_init_ex(ctx, params) == 1 &&
		    EVP_PKEY_encrypt(ctx, out, &len, seed, HASH_LEN) == 1;

	if (good) {
		buf_add_be16(ret, (uint16_t)len);
		buf_add(ret, out, len);
	}
	EVP_PKEY_CTX_free(ctx);
	return good;
}

#define POINT_LEN (1 + 2 * 32)

static bool point_of(EVP_PKEY *key, uint8_t ret[POINT_LEN])
{
	size_t len = 0;

	return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, ret, POINT_LEN,
					       &len) &&
	       len == POINT_LEN && ret[0] == 4;
}

static bool agree(EVP_PKEY *own, EVP_PKEY *ek, uint8_t z[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t len = 32;
	bool good = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		    EVP_PKEY_derive_set_peer(ctx, ek) == 1 && EVP_PKEY_derive(ctx, z, &len) == 1 &&
		    len == 32;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* Annex C.6.4: the seed comes from a key made for this; its point is sent. */
static bool seed_ecc(EVP_PKEY *ek, uint8_t seed[HASH_LEN], struct buf *ret)
{
	EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1");
	uint8_t mine[POINT_LEN], theirs[POINT_LEN], z[32];
	struct buf info = BUF_INIT;
	bool good = own && point_of(own, mine) && point_of(ek, theirs) && agree(own, ek, z);

	if (good) {
		buf_add(&info, LABEL, sizeof(LABEL));
		buf_add(&info, mine + 1, 32);
		buf_add(&info, theirs + 1, 32);
		good = !info.failed && kdf_e(z, sizeof(z), &info, seed);
	}
	if (good) {
		buf_add_be16(ret, 2 + 32 + 2 + 32);
		buf_add_be16(ret, 32);
		buf_add(ret, mine + 1, 32);
		buf_add_be16(ret, 32);
		buf_add(ret, mine + 33, 32);
	}
	buf_free(&info);
	OPENSSL_cleanse(z, sizeof(z));
	EVP_PKEY_free(own);
	return good;
}

/* encIdentity: TPM2B_DIGEST of the secret, AES-128-CFB with an IV of zeros. */
static bool encrypt(const uint8_t seed[HASH_LEN], const uint8_t *name, size_t name_len,
		    const struct buf *plain, uint8_t *ret)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t key[AES_LEN], iv[AES_LEN] = {0};
	int len = 0;
	bool good = ctx && kdf_a(seed, "STORAGE", name, name_len, key, sizeof(key)) &&
		    EVP_EncryptInit_ex2(ctx, EVP_aes_128_cfb128(), key, iv, NULL) == 1 &&
		    EVP_EncryptUpdate(ctx, ret, &len, plain->data, (int)plain->len) == 1 &&
		    (size_t)len == plain->len;

	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(key, sizeof(key));
	return good;
}

static bool put_identity(const uint8_t seed[HASH_LEN], const uint8_t *name, size_t name_len,
			 const void *secret, size_t secret_len, struct buf *ret)
{
	struct buf plain = BUF_INIT, sealed = BUF_INIT;
	uint8_t key[HASH_LEN], mac[HASH_LEN], *place;
	size_t mac_len = 0;
	bool good;

	buf_add_be16(&plain, (uint16_t)secret_len);
	buf_add(&plain, secret, secret_len);
	place = buf_reserve(&sealed, plain.len);
	good = place && !plain.failed && encrypt(seed, name, name_len, &plain, place);
	buf_add(&sealed, name, name_len);
	good = good && !sealed.failed && kdf_a(seed, "INTEGRITY", NULL, 0, key, sizeof(key)) &&
	       EVP_Q_mac(NULL, "HMAC", NULL, HASH, NULL, key, sizeof(key), sealed.data, sealed.len,
			 mac, sizeof(mac), &mac_len) &&
	       mac_len == sizeof(mac);
	if (good) {
		buf_add_be16(ret, (uint16_t)(2 + sizeof(mac) + plain.len));
		buf_add_be16(ret, sizeof(mac));
		buf_add(ret, mac, sizeof(mac));
		buf_add(ret, sealed.data, plain.len);
	}
	OPENSSL_cleanse(key, sizeof(key));
	if (plain.data)
		OPENSSL_cleanse(plain.data, plain.len);
	buf_free(&plain);
	buf_free(&sealed);
	return good;
}

int ekcert_make_credential(const struct ekcert *c, const uint8_t *name, size_t name_len,
			   const void *secret, size_t secret_len, struct buf *ret, struct err *e)
{
	EVP_PKEY *ek = pk_from_spki(&c->spki);
	struct buf sent = BUF_INIT;
	uint8_t seed[HASH_LEN];
	bool good = ek && secret_len <= EKCERT_SECRET_MAX &&
		    (c->rsa ? seed_rsa(ek, seed, &sent) : seed_ecc(ek, seed, &sent)) &&
		    put_identity(seed, name, name_len, secret, secret_len, ret);

	buf_add(ret, sent.data, sent.len);
	good = good && !sent.failed && !ret->failed;
	OPENSSL_cleanse(seed, sizeof(seed));
	buf_free(&sent);
	EVP_PKEY_free(ek);
	ERR_clear_error();
	return good ? 0 : err_set(e, -EIO, "a secret cannot be encrypted for this endorsement key");
}
