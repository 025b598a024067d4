// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "pgpmake.h"

#define must(x)                                                                                    \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void put_mpi(struct buf *b, const uint8_t *p, size_t len)
{
	size_t bits;

	while (len && !*p) {
		p++;
		len--;
	}
	bits = len * 8;
	for (int top = len ? *p : 0x80; !(top & 0x80); top <<= 1)
		bits--;
	buf_add_be16(b, (uint16_t)bits);
	buf_add(b, p, len);
}

static void put_param(struct buf *b, EVP_PKEY *k, const char *name)
{
	uint8_t raw[1024];
	BIGNUM *bn = NULL;

	must(EVP_PKEY_get_bn_param(k, name, &bn));
	put_mpi(b, raw, (size_t)BN_bn2bin(bn, raw));
	BN_free(bn);
}

static void put_point(struct buf *b, EVP_PKEY *k, const char *kind)
{
	static const uint8_t p256[] = {8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
	static const uint8_t p384[] = {5, 0x2b, 0x81, 0x04, 0x00, 0x22};
	static const uint8_t p521[] = {5, 0x2b, 0x81, 0x04, 0x00, 0x23};
	static const uint8_t ed[] = {9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01};
	uint8_t raw[256] = {0x40};
	size_t len = sizeof(raw) - 1;

	if (!strcmp(kind, "P-256"))
		buf_add(b, p256, sizeof(p256));
	else if (!strcmp(kind, "P-384"))
		buf_add(b, p384, sizeof(p384));
	else if (!strcmp(kind, "P-521"))
		buf_add(b, p521, sizeof(p521));
	else
		buf_add(b, ed, sizeof(ed));
	if (!strcmp(kind, "ed25519")) {
		must(EVP_PKEY_get_raw_public_key(k, raw + 1, &len));
		put_mpi(b, raw, len + 1);
		return;
	}
	must(EVP_PKEY_get_octet_string_param(k, OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof(raw), &len));
	put_mpi(b, raw, len);
}

static void set_fingerprint(struct pgpmake_key *k)
{
	struct buf b = BUF_INIT;
	size_t n;

	buf_add_u8(&b, 0x99);
	buf_add_be16(&b, (uint16_t)k->body.len);
	buf_add(&b, k->body.data, k->body.len);
	must(EVP_Q_digest(NULL, "SHA1", NULL, b.data, b.len, k->fingerprint, &n));
	buf_free(&b);
}

struct pgpmake_key *pgpmake_key(const char *kind, uint32_t created)
{
	struct pgpmake_key *k = calloc(1, sizeof(*k));

	must(k);
	k->created = created;
	if (!strncmp(kind, "rsa", 3)) {
		k->algo = PGPMAKE_RSA;
		k->pkey = EVP_RSA_gen((unsigned int)atoi(kind + 3));
	} else if (!strcmp(kind, "ed25519")) {
		k->algo = PGPMAKE_EDDSA;
		k->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	} else {
		k->algo = PGPMAKE_ECDSA;
		k->pkey = EVP_EC_gen(kind);
	}
	must(k->pkey);
	buf_add_u8(&k->body, 4);
	buf_add_be32(&k->body, created);
	buf_add_u8(&k->body, (uint8_t)k->algo);
	if (k->algo == PGPMAKE_RSA) {
		put_param(&k->body, k->pkey, OSSL_PKEY_PARAM_RSA_N);
		put_param(&k->body, k->pkey, OSSL_PKEY_PARAM_RSA_E);
	} else {
		put_point(&k->body, k->pkey, kind);
	}
	set_fingerprint(k);
	return k;
}

void pgpmake_key_free(struct pgpmake_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	buf_free(&k->body);
	free(k);
}

void pgpmake_packet(struct buf *to, unsigned int tag, const void *body, size_t len)
{
	buf_add_u8(to, (uint8_t)(0xc0 | tag));
	buf_add_u8(to, 255);
	buf_add_be32(to, (uint32_t)len);
	buf_add(to, body, len);
}

void pgpmake_sub(struct buf *to, unsigned int type, const void *data, size_t len)
{
	buf_add_u8(to, 255);
	buf_add_be32(to, (uint32_t)len + 1);
	buf_add_u8(to, (uint8_t)type);
	buf_add(to, data, len);
}

void pgpmake_sub_u32(struct buf *to, unsigned int type, uint32_t v)
{
	uint8_t raw[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	pgpmake_sub(to, type, raw, sizeof(raw));
}

static const char *hash_name(enum pgpmake_hash h)
{
	return h == PGPMAKE_MD5	     ? "MD5"
	       : h == PGPMAKE_SHA1   ? "SHA1"
	       : h == PGPMAKE_SHA224 ? "SHA224"
	       : h == PGPMAKE_SHA384 ? "SHA384"
	       : h == PGPMAKE_SHA512 ? "SHA512"
				     : "SHA256";
}

static void put_ecdsa(struct buf *to, const uint8_t *sig, size_t len)
{
	const uint8_t *p = sig;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)len);
	uint8_t raw[80];

	must(s);
	put_mpi(to, raw, (size_t)BN_bn2bin(ECDSA_SIG_get0_r(s), raw));
	put_mpi(to, raw, (size_t)BN_bn2bin(ECDSA_SIG_get0_s(s), raw));
	ECDSA_SIG_free(s);
}

/* Signs and appends left 16 bits and numbers. False: the first number is not short. */
static bool put_numbers(struct buf *to, const struct pgpmake_sig *s, const struct buf *doc)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const struct pgpmake_key *k = s->by;
	uint8_t sig[1024], digest[64];
	size_t len = sizeof(sig), n;
	bool eddsa = k->algo == PGPMAKE_EDDSA;

	must(EVP_Q_digest(NULL, hash_name(s->hash), NULL, doc->data, doc->len, digest, &n));
	must(EVP_DigestSignInit_ex(ctx, NULL, eddsa ? NULL : hash_name(s->hash), NULL, NULL,
				   k->pkey, NULL) > 0);
	if (eddsa)
		must(EVP_DigestSign(ctx, sig, &len, digest, n) > 0);
	else
		must(EVP_DigestSign(ctx, sig, &len, doc->data, doc->len) > 0);
	EVP_MD_CTX_free(ctx);
	if (s->want_short && sig[0])
		return false;
	buf_add(to, digest, 2);
	if (k->algo == PGPMAKE_RSA) {
		put_mpi(to, sig, len);
	} else if (eddsa) {
		put_mpi(to, sig, 32);
		put_mpi(to, sig + 32, 32);
	} else {
		put_ecdsa(to, sig, len);
	}
	return true;
}

static void sign_v3(struct buf *to, const struct pgpmake_sig *s, struct buf *doc)
{
	buf_add_u8(to, 3);
	buf_add_u8(to, 5);
	buf_add_u8(to, (uint8_t)s->type);
	buf_add_be32(to, s->created);
	buf_add(doc, to->data + to->len - 5, 5);
	buf_add(to, s->by->fingerprint + 12, 8);
	buf_add_u8(to, (uint8_t)s->by->algo);
	buf_add_u8(to, (uint8_t)s->hash);
}

static void sign_v4(struct buf *to, const struct pgpmake_sig *s, struct buf *doc)
{
	struct buf hashed = BUF_INIT, head = BUF_INIT, issuer = BUF_INIT;

	if (!s->no_time)
		pgpmake_sub_u32(&hashed, 2, s->created);
	if (s->hashed)
		buf_add(&hashed, s->hashed->data, s->hashed->len);
	buf_add_u8(&head, 4);
	buf_add_u8(&head, (uint8_t)s->type);
	buf_add_u8(&head, (uint8_t)s->by->algo);
	buf_add_u8(&head, (uint8_t)s->hash);
	buf_add_be16(&head, (uint16_t)hashed.len);
	buf_add(&head, hashed.data, hashed.len);
	buf_add(doc, head.data, head.len);
	buf_add_be16(doc, 0x04ff);
	buf_add_be32(doc, (uint32_t)head.len);
	buf_add(to, head.data, head.len);
	if (!s->no_issuer)
		pgpmake_sub(&issuer, 16, s->by->fingerprint + 12, 8);
	buf_add_be16(to, (uint16_t)issuer.len);
	buf_add(to, issuer.data, issuer.len);
	buf_free(&hashed);
	buf_free(&head);
	buf_free(&issuer);
}

void pgpmake_sign(struct buf *to, const struct pgpmake_sig *s, const void *document, size_t len)
{
	struct pgpmake_sig again = *s;
	size_t start = to->len;
	bool done;

	do {
		struct buf doc = BUF_INIT;

		to->len = start;
		buf_add(&doc, document, len);
		if (s->version == 3)
			sign_v3(to, &again, &doc);
		else
			sign_v4(to, &again, &doc);
		done = put_numbers(to, &again, &doc);
		buf_free(&doc);
		again.created++;
	} while (!done);
}

static void put_key(struct buf *doc, const struct pgpmake_key *k)
{
	buf_add_u8(doc, 0x99);
	buf_add_be16(doc, (uint16_t)k->body.len);
	buf_add(doc, k->body.data, k->body.len);
}

static void put_uid(struct buf *to, const struct pgpmake_cert *c)
{
	struct buf doc = BUF_INIT, subs = BUF_INIT, sig = BUF_INIT;
	struct pgpmake_sig s = {
		.by = c->primary,
		.version = 4,
		.type = 0x13,
		.hash = c->hash ? c->hash : PGPMAKE_SHA256,
		.created = c->time ? c->time : c->primary->created,
		.hashed = &subs,
	};

	pgpmake_packet(to, 13, c->uid, strlen(c->uid));
	put_key(&doc, c->primary);
	buf_add_u8(&doc, 0xb4);
	buf_add_be32(&doc, (uint32_t)strlen(c->uid));
	buf_add(&doc, c->uid, strlen(c->uid));
	if (c->flags)
		pgpmake_sub(&subs, 27, &c->flags, 1);
	if (c->expires_after)
		pgpmake_sub_u32(&subs, 9, c->expires_after);
	if (c->critical_notation)
		pgpmake_sub(&subs, 0x80 | 20, "\x80\0\0\0\0\x01\0\x01xy", 10);
	pgpmake_sign(&sig, &s, doc.data, doc.len);
	if (c->damage_self_sig)
		sig.data[sig.len - 1] ^= 1;
	pgpmake_packet(to, 2, sig.data, sig.len);
	buf_free(&doc);
	buf_free(&subs);
	buf_free(&sig);
}

static void put_simple(struct buf *to, const struct pgpmake_key *by, unsigned int type,
		       const struct buf *doc)
{
	struct buf sig = BUF_INIT, subs = BUF_INIT;
	struct pgpmake_sig s = {
		.by = by,
		.version = 4,
		.type = type,
		.hash = PGPMAKE_SHA256,
		.created = by->created + 10,
		.hashed = &subs,
	};

	pgpmake_sub(&subs, 29, "\x01superseded", 11);
	pgpmake_sign(&sig, &s, doc->data, doc->len);
	pgpmake_packet(to, 2, sig.data, sig.len);
	buf_free(&sig);
	buf_free(&subs);
}

static void put_subkey(struct buf *to, const struct pgpmake_cert *c)
{
	struct buf doc = BUF_INIT, subs = BUF_INIT, back = BUF_INIT, sig = BUF_INIT;
	struct pgpmake_sig s = {
		.by = c->foreign_back_sig ? c->primary : c->subkey,
		.version = 4,
		.type = 0x19,
		.hash = PGPMAKE_SHA256,
		.created = c->subkey->created,
	};

	pgpmake_packet(to, 14, c->subkey->body.data, c->subkey->body.len);
	put_key(&doc, c->primary);
	put_key(&doc, c->subkey);
	pgpmake_sign(&back, &s, doc.data, doc.len);
	if (c->sub_flags)
		pgpmake_sub(&subs, 27, &c->sub_flags, 1);
	if (c->sub_expires_after)
		pgpmake_sub_u32(&subs, 9, c->sub_expires_after);
	if (!c->no_back_sig)
		pgpmake_sub(&subs, 32, back.data, back.len);
	s.by = c->primary;
	s.type = 0x18;
	s.hashed = &subs;
	if (c->sub_revoke)
		put_simple(to, c->primary, 0x28, &doc);
	pgpmake_sign(&sig, &s, doc.data, doc.len);
	if (c->damage_binding)
		sig.data[sig.len - 1] ^= 1;
	pgpmake_packet(to, 2, sig.data, sig.len);
	buf_free(&doc);
	buf_free(&subs);
	buf_free(&back);
	buf_free(&sig);
}

void pgpmake_cert(struct buf *to, const struct pgpmake_cert *c)
{
	struct buf doc = BUF_INIT;

	pgpmake_packet(to, 6, c->primary->body.data, c->primary->body.len);
	put_key(&doc, c->primary);
	if (c->revoke)
		put_simple(to, c->primary, 0x20, &doc);
	if (c->uid)
		put_uid(to, c);
	if (c->subkey)
		put_subkey(to, c);
	buf_free(&doc);
}

void pgpmake_armor(struct buf *to, const struct buf *binary)
{
	static const char head[] =
		"-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: made by a test\n\n";
	static const char tail[] = "-----END PGP PUBLIC KEY BLOCK-----\n";
	uint32_t crc = 0xb704ce;
	uint8_t line[80], raw[3];

	buf_add(to, head, strlen(head));
	for (size_t i = 0; i < binary->len; i += 48) {
		size_t n = binary->len - i < 48 ? binary->len - i : 48;

		buf_add(to, line, (size_t)EVP_EncodeBlock(line, binary->data + i, (int)n));
		buf_add_u8(to, '\n');
	}
	for (size_t i = 0; i < binary->len; i++) {
		crc ^= (uint32_t)binary->data[i] << 16;
		for (int k = 0; k < 8; k++)
			crc = crc << 1 ^ (crc & 0x800000 ? 0x1864cfb : 0);
	}
	raw[0] = (uint8_t)(crc >> 16);
	raw[1] = (uint8_t)(crc >> 8);
	raw[2] = (uint8_t)crc;
	buf_add_u8(to, '=');
	buf_add(to, line, (size_t)EVP_EncodeBlock(line, raw, 3));
	buf_add_u8(to, '\n');
	buf_add(to, tail, strlen(tail));
}
