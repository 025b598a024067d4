// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pgppub.h"
#include "memory.h"

enum pk_hash pgppub_hash(unsigned int id)
{
	switch (id) {
	case CORE_PGP_SHA1:
		return PK_HASH_SHA1;
	case CORE_PGP_SHA256:
		return PK_HASH_SHA256;
	case CORE_PGP_SHA384:
		return PK_HASH_SHA384;
	case CORE_PGP_SHA512:
		return PK_HASH_SHA512;
	case 11:
		return PK_HASH_SHA224;
	}
	return PK_HASH_NONE;
}

void pgppub_put_mpi(struct buf *b, const uint8_t *p, size_t len)
{
	size_t bits;

	while (len && !*p) {
		p++;
		len--;
	}
	bits = len * 8;
	if (len)
		for (uint8_t top = *p; !(top & 0x80); top <<= 1)
			bits--;
	buf_add_be16(b, (uint16_t)bits);
	buf_add(b, p, len);
}

int pgppub_fingerprint(uint32_t created, uint8_t algo, const struct buf *material, uint8_t ret[20])
{
	struct buf b = BUF_INIT;
	size_t n;
	int r = -EIO;

	buf_add_u8(&b, 0x99);
	buf_add_be16(&b, (uint16_t)(6 + material->len));
	buf_add_u8(&b, 4);
	buf_add_be32(&b, created);
	buf_add_u8(&b, algo);
	buf_add(&b, material->data, material->len);
	if (!b.failed && 6 + material->len <= 0xffff &&
	    EVP_Q_digest(NULL, "SHA1", NULL, b.data, b.len, ret, &n))
		r = 0;
	buf_free(&b);
	return r;
}

/* Fingerprint and key id by version; unknown versions get neither. */
static void identify(struct pgppub *p)
{
	const uint8_t *body = p->body.data + p->body.start;
	struct buf b = BUF_INIT;
	size_t n = 0;

	if (p->key.version == 4 && p->body.len <= 0xffff) {
		buf_add_u8(&b, 0x99);
		buf_add_be16(&b, (uint16_t)p->body.len);
	} else if (p->key.version == 6) {
		buf_add_u8(&b, 0x9b);
		buf_add_be32(&b, p->body.len);
	} else {
		return;
	}
	buf_add(&b, body, p->body.len);
	if (b.failed)
		crypto_memory_gone();
	if (!b.failed && EVP_Q_digest(NULL, p->key.version == 4 ? "SHA1" : "SHA256", NULL, b.data,
				      b.len, p->fingerprint, &n)) {
		p->fingerprint_len = (uint8_t)n;
		memcpy(p->key_id, p->fingerprint + (n == 20 ? 12 : 0), 8);
	}
	buf_free(&b);
}

/* Version 3: key id is the low end of the modulus; a fingerprint we do not compute. */
static void identify_v3(struct pgppub *p, const struct core_pgp_mpi *n)
{
	if (n->len < 8)
		return;
	memcpy(p->key_id, core_at(&p->body, n->off + n->len - 8, 8), 8);
	memcpy(p->fingerprint, p->key_id, 8);
	p->fingerprint_len = 8;
}

static int read_mpis(struct pgppub *p, struct core_pgp_mpi *mpi, int n, struct core_err *ce)
{
	uint32_t off = p->key.material;

	for (int i = 0; i < n; i++)
		if (core_pgp_mpi(&p->body, &off, &mpi[i], ce) < 0)
			return -EINVAL;
	if (off != p->body.len) {
		core_fail(ce, &p->body, DIGLIM_E_TRAILING, off);
		return -EINVAL;
	}
	return 0;
}

static const uint8_t *at(const struct pgppub *p, const struct core_pgp_mpi *m)
{
	return p->body.data + p->body.start + m->off;
}

static int read_rsa(struct pgppub *p, struct core_err *ce)
{
	struct core_pgp_mpi m[2];

	if (read_mpis(p, m, 2, ce) < 0)
		return -EINVAL;
	if (p->key.version == 3)
		identify_v3(p, &m[0]);
	pk_spki_rsa(&p->spki, at(p, &m[0]), m[0].len, at(p, &m[1]), m[1].len);
	return 0;
}

static int read_dsa(struct pgppub *p, struct core_err *ce)
{
	struct core_pgp_mpi m[4];
	const uint8_t *num[4];
	size_t len[4];

	if (read_mpis(p, m, 4, ce) < 0)
		return -EINVAL;
	for (int i = 0; i < 4; i++) {
		num[i] = at(p, &m[i]);
		len[i] = m[i].len;
	}
	pk_spki_dsa(&p->spki, num, len);
	return 0;
}

/* Curve object identifier (length byte, content), then one point. */
static int read_curve(struct pgppub *p, const uint8_t **oid, size_t *oid_len,
		      struct core_pgp_mpi *point, struct core_err *ce)
{
	uint32_t off = p->key.material;
	const uint8_t *n = core_at(&p->body, off, 1);

	if (!n || !core_at(&p->body, off + 1, *n)) {
		core_fail(ce, &p->body, DIGLIM_E_TRUNCATED, off);
		return -EINVAL;
	}
	*oid = n + 1;
	*oid_len = *n;
	off += 1U + *n;
	if (core_pgp_mpi(&p->body, &off, point, ce) < 0)
		return -EINVAL;
	if (off != p->body.len) {
		core_fail(ce, &p->body, DIGLIM_E_TRAILING, off);
		return -EINVAL;
	}
	return 0;
}

static int read_ecdsa(struct pgppub *p, struct core_err *ce)
{
	struct core_pgp_mpi point;
	const uint8_t *oid;
	size_t len;

	if (read_curve(p, &oid, &len, &point, ce) < 0)
		return -EINVAL;
	/* The kernel takes uncompressed points only. */
	if (point.len && *at(p, &point) == 4)
		pk_spki_ec(&p->spki, oid, len, at(p, &point), point.len);
	return 0;
}

static const uint8_t oid_ed25519[] = {0x2b, 0x65, 0x70};
static const uint8_t oid_ed448[] = {0x2b, 0x65, 0x71};

/* EdDSA of RFC 4880bis: curve identifier, then 40 and the point. */
static int read_eddsa(struct pgppub *p, struct core_err *ce)
{
	struct core_pgp_mpi point;
	const uint8_t *oid;
	size_t len;

	if (read_curve(p, &oid, &len, &point, ce) < 0)
		return -EINVAL;
	if (point.len == 33 && *at(p, &point) == 0x40)
		pk_spki_raw(&p->spki, oid_ed25519, sizeof(oid_ed25519), at(p, &point) + 1, 32);
	return 0;
}

static int read_raw(struct pgppub *p, const uint8_t *oid, size_t oid_len, uint32_t len,
		    struct core_err *ce)
{
	const uint8_t *point = core_at(&p->body, p->key.material, len);

	if (!point || p->body.len - p->key.material != len) {
		core_fail(ce, &p->body, DIGLIM_E_TRUNCATED, p->key.material);
		return -EINVAL;
	}
	pk_spki_raw(&p->spki, oid, oid_len, point, len);
	return 0;
}

static int read_material(struct pgppub *p, struct core_err *ce)
{
	switch (p->key.pk_algo) {
	case CORE_PGP_RSA:
	case CORE_PGP_RSA_ENCRYPT:
	case CORE_PGP_RSA_SIGN:
		return read_rsa(p, ce);
	case CORE_PGP_DSA:
		return read_dsa(p, ce);
	case CORE_PGP_ECDSA:
		return read_ecdsa(p, ce);
	case CORE_PGP_EDDSA:
		return read_eddsa(p, ce);
	case CORE_PGP_ED25519:
		return read_raw(p, oid_ed25519, sizeof(oid_ed25519), 32, ce);
	case CORE_PGP_ED448:
		return read_raw(p, oid_ed448, sizeof(oid_ed448), 57, ce);
	}
	return 0;
}

static void describe(struct pgppub *p)
{
	struct cert *c = &p->described;

	if (p->pkey)
		pk_describe(p->pkey, c);
	if (p->pkey && p->key.version == 4 && c->state != CERT_NO_ALGO)
		return;
	c->state = CERT_NO_ALGO;
	if (!p->pkey)
		snprintf(c->algo_name, sizeof(c->algo_name), "%s",
			 pgppub_algo_name(p->key.pk_algo));
	if (p->key.version != 4)
		snprintf(c->why, sizeof(c->why),
			 "OpenPGP key version %u is not supported (only version 4 is); " PK_WAY_OUT,
			 p->key.version);
	else if (!c->why[0])
		snprintf(c->why, sizeof(c->why),
			 "the kernel cannot check %s signatures; " PK_WAY_OUT, c->algo_name);
}

int pgppub_read(const struct core_view *body, struct pgppub *ret, struct core_err *ce)
{
	memset(ret, 0, sizeof(*ret));
	ret->body = *body;
	if (core_pgp_key(body, &ret->key, ce) < 0)
		return -EINVAL;
	identify(ret);
	if (ret->key.version == 3 || ret->key.version == 4 || ret->key.version == 6) {
		if (read_material(ret, ce) < 0)
			return -EINVAL;
		ret->pkey = pk_from_spki(&ret->spki);
	}
	describe(ret);
	return 0;
}

void pgppub_done(struct pgppub *p)
{
	EVP_PKEY_free(p->pkey);
	buf_free(&p->spki);
	p->pkey = NULL;
}

/* Puts the number right-aligned into @size bytes. */
static int pad(uint8_t *to, size_t size, const struct core_view *v, const struct core_pgp_mpi *m)
{
	if (m->len > size)
		return -1;
	memset(to, 0, size - m->len);
	memcpy(to + size - m->len, v->data + v->start + m->off, m->len);
	return 0;
}

static int verify_pair(const struct pgppub *p, const struct core_view *v,
		       const struct core_pgp_mpi m[2], enum pk_hash hash, const uint8_t *digest,
		       size_t digest_len)
{
	const uint8_t *base = v->data + v->start;
	struct buf der = BUF_INIT;
	uint8_t raw[64];
	int r;

	if (EVP_PKEY_is_a(p->pkey, "ED25519"))
		return !pad(raw, 32, v, &m[0]) && !pad(raw + 32, 32, v, &m[1]) &&
		       pk_verify(p->pkey, hash, digest, digest_len, raw, sizeof(raw));
	pk_sig_der(&der, base + m[0].off, m[0].len, base + m[1].off, m[1].len);
	if (der.failed)
		crypto_memory_gone();
	r = !der.failed && pk_verify(p->pkey, hash, digest, digest_len, der.data, der.len);
	buf_free(&der);
	return r;
}

int pgppub_verify(const struct pgppub *p, const struct core_view *v, const struct core_pgp_sig *sig,
		  enum pk_hash hash, const uint8_t *digest, size_t digest_len)
{
	uint32_t off = sig->mpis, size;
	struct core_pgp_mpi m[2];
	uint8_t raw[PGPPUB_SIG_MAX];
	struct core_err ce;

	if (!p->pkey || sig->pk_algo != p->key.pk_algo)
		return 0;
	if (sig->pk_algo == CORE_PGP_ED25519 || sig->pk_algo == CORE_PGP_ED448)
		return pk_verify(p->pkey, hash, digest, digest_len, v->data + v->start + off,
				 v->len - off);
	if (core_pgp_mpi(v, &off, &m[0], &ce) < 0)
		return 0;
	if (!EVP_PKEY_is_a(p->pkey, "RSA"))
		return !core_pgp_mpi(v, &off, &m[1], &ce) &&
		       verify_pair(p, v, m, hash, digest, digest_len);
	size = (uint32_t)EVP_PKEY_get_size(p->pkey);
	return size <= sizeof(raw) && !pad(raw, size, v, &m[0]) &&
	       pk_verify(p->pkey, hash, digest, digest_len, raw, size);
}
