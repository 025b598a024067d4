// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../../abi/error.h"
#include "../base/hex.h"
#include "pgpname.h"
#include "pgpsig.h"
#include "pkcs7.h"
#include "pkder.h"

/* Fails with the position within the packet. */
static int broken(const struct core_err *ce, struct err *e)
{
	return err_set(e, -(int)ce->code, "signature packet, offset %u: %s", ce->off,
		       err_name((int)ce->code));
}

/* The numbers of the signature; of algorithms that we do not know, none. */
static int read_numbers(const struct core_view *v, const struct core_pgp_sig *s, struct pgpsig *ret,
			struct core_err *ce)
{
	bool rsa = s->pk_algo == CORE_PGP_RSA || s->pk_algo == CORE_PGP_RSA_SIGN;
	uint32_t off = s->mpis;
	struct core_pgp_mpi m;

	if (!rsa && s->pk_algo != CORE_PGP_ECDSA)
		return 0;
	for (int i = 0; i < (rsa ? 1 : 2); i++) {
		if (core_pgp_mpi(v, &off, &m, ce) < 0)
			return -EINVAL;
		ret->mpi[i] = v->data + v->start + m.off;
		ret->mpi_len[i] = m.len;
	}
	return off == v->len ? 0 : core_fail(ce, v, DIGLIM_E_TRAILING, off);
}

static void copy(const struct core_view *v, const struct core_pgp_sig *s, struct pgpsig *ret)
{
	const uint8_t *base = v->data + v->start;

	ret->version = s->version;
	ret->type = s->type;
	ret->pk_algo = s->pk_algo;
	ret->hash_algo = s->hash_algo;
	ret->created = s->created;
	ret->expires = s->expires_after ? (uint64_t)s->created + s->expires_after : 0;
	ret->unknown_critical = s->unknown_critical;
	ret->has_created = s->has_created;
	ret->has_key_id = s->key_id_len;
	if (s->key_id_len)
		memcpy(ret->key_id, base + s->key_id, 8);
	ret->fingerprint_len = (uint8_t)s->fpr_len;
	if (s->fpr_len)
		memcpy(ret->fingerprint, base + s->fpr, s->fpr_len);
	if (!ret->has_key_id && s->fpr_len == 20) {
		ret->has_key_id = true;
		memcpy(ret->key_id, ret->fingerprint + 12, 8);
	}
	ret->trailer_head = base + s->head;
	ret->trailer_head_len = s->head_len;
	snprintf(ret->algo_name, sizeof(ret->algo_name), "%s/%s", pgppub_algo_name(s->pk_algo),
		 pgppub_hash_name(s->hash_algo));
}

int pgpsig_read(const void *data, size_t len, size_t *used, struct pgpsig *ret, struct err *e)
{
	struct core_view all = {data, 0, (uint32_t)len}, v;
	struct core_pgp_packet p;
	struct core_pgp_sig s;
	struct core_err ce = {0};
	int r;

	memset(ret, 0, sizeof(*ret));
	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "signature packet of %zu bytes", len);
	r = core_pgp_packet(&all, 0, &p, &ce);
	if (r < 0)
		return broken(&ce, e);
	if (!r)
		return err_set(e, -DIGLIM_E_TRUNCATED, "signature packet is empty");
	if (p.tag != CORE_PGP_SIGNATURE)
		return err_set(e, -DIGLIM_E_SIG_FORMAT,
			       "OpenPGP packet of type %u where a signature is expected", p.tag);
	v = core_pgp_sub(&all, p.body, p.len);
	if (core_pgp_sig(&v, &s, &ce) < 0)
		return broken(&ce, e);
	copy(&v, &s, ret);
	if ((s.version == 3 || s.version == 4) && read_numbers(&v, &s, ret, &ce) < 0)
		return broken(&ce, e);
	if (used)
		*used = p.next;
	return 0;
}

enum digest_algo pgpsig_digest(const struct pgpsig *s)
{
	switch (s->hash_algo) {
	case CORE_PGP_SHA256:
		return DIGEST_SHA256;
	case CORE_PGP_SHA384:
		return DIGEST_SHA384;
	case CORE_PGP_SHA512:
		return DIGEST_SHA512;
	}
	return DIGEST_NONE;
}

bool pgpsig_is_rsa(const struct pgpsig *s)
{
	return s->pk_algo == CORE_PGP_RSA || s->pk_algo == CORE_PGP_RSA_SIGN;
}

int pgpsig_acceptable(const struct pgpsig *s, struct err *e)
{
	if (s->version != 3 && s->version != 4)
		return err_set(e, -DIGLIM_E_SIG_VERSION,
			       "OpenPGP signature version %u (%s), the kernel can check 3 and 4",
			       s->version, s->algo_name);
	if (s->type)
		return err_set(e, -DIGLIM_E_SIG_TYPE,
			       "OpenPGP signature of type 0x%02x, not over a binary document",
			       s->type);
	if (!pgpsig_is_rsa(s) && s->pk_algo != CORE_PGP_ECDSA)
		return err_set(e, -DIGLIM_E_SIG_ALGO, "the kernel cannot check %s signatures",
			       pgppub_algo_name(s->pk_algo));
	if (pgpsig_digest(s) == DIGEST_NONE)
		return err_set(e, -DIGLIM_E_SIG_HASH,
			       "signature made with %s, only SHA-256, SHA-384 and SHA-512 are safe",
			       pgppub_hash_name(s->hash_algo));
	if (s->unknown_critical)
		return err_set(e, -DIGLIM_E_SIG_FORMAT,
			       "signature with a critical subpacket of unknown meaning");
	if (!s->has_created)
		return err_set(e, -DIGLIM_E_SIG_FORMAT, "signature without its time");
	return 0;
}

int pgpsig_trailer(const struct pgpsig *s, struct buf *payload, struct err *e)
{
	if (s->trailer_head_len > PGPSIG_TRAILER_MAX)
		return err_set(e, -E2BIG, "signature with %zu hashed bytes of its own, at most %d",
			       s->trailer_head_len, PGPSIG_TRAILER_MAX);
	buf_add(payload, s->trailer_head, s->trailer_head_len);
	if (s->version == 4) {
		buf_add_be16(payload, 0x04ff);
		buf_add_be32(payload, (uint32_t)s->trailer_head_len);
	}
	return payload->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/*
 * OpenPGP drops the leading zeros of an RSA number, the kernel insists on the full length of the
 * modulus (crypto/rsa-pkcs1pad.c), in machine words as everywhere (pk_describe() checked that).
 */
static int rsa_pkcs7(const struct pgpsig *s, const struct cert *c, struct buf *ret, struct err *e)
{
	size_t size = (c->bits + 63) / 64 * 8;
	uint8_t full[1024] = {0};

	if (size > sizeof(full) || s->mpi_len[0] > size)
		return err_set(e, -DIGLIM_E_SIG_INVALID,
			       "signature of %zu bytes does not belong to a key of %u bits",
			       s->mpi_len[0], c->bits);
	memcpy(full + size - s->mpi_len[0], s->mpi[0], s->mpi_len[0]);
	return pkcs7_make(c, pgpsig_digest(s), full, size, ret, e);
}

int pgpsig_pkcs7(const struct pgpsig *s, const struct cert *c, struct buf *ret, struct err *e)
{
	struct buf der = BUF_INIT;
	int r = pgpsig_acceptable(s, e);

	if (r < 0)
		return r;
	if ((s->pk_algo == CORE_PGP_ECDSA) !=
	    (c->algo == CERT_ALGO_P256 || c->algo == CERT_ALGO_P384))
		return err_set(e, -DIGLIM_E_SIG_INVALID, "%s signature, but the key is %s",
			       s->algo_name, c->algo_name);
	if (c->algo == CERT_ALGO_RSA)
		return rsa_pkcs7(s, c, ret, e);
	pk_sig_der(&der, s->mpi[0], s->mpi_len[0], s->mpi[1], s->mpi_len[1]);
	r = der.failed ? err_set(e, -ENOMEM, "out of memory")
		       : pkcs7_make(c, pgpsig_digest(s), der.data, der.len, ret, e);
	buf_free(&der);
	return r;
}

const struct cert *pgpsig_signer(const struct pgpsig *s, const struct cert_set *set)
{
	if (s->fingerprint_len)
		return cert_set_by_fingerprint(set, s->fingerprint, s->fingerprint_len);
	return s->has_key_id ? cert_set_by_key_id(set, s->key_id) : NULL;
}

static const char *date(uint64_t when, char text[16])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, 16, "%Y-%m-%d", &tm))
		strcpy(text, "?");
	return text;
}

int pgpsig_check_time(const struct pgpsig *s, const struct cert *c, uint64_t now, struct err *e)
{
	char a[16], b[16];

	if (!now)
		now = (uint64_t)time(NULL);
	if (s->expires && s->expires < now)
		return err_set(e, -DIGLIM_E_KEY_REVOKED, "the signature expired on %s",
			       date(s->expires, a));
	if (s->created < c->created)
		return err_set(e, -DIGLIM_E_KEY_REVOKED,
			       "signature of %s is older than its key (%s)", date(s->created, a),
			       date(c->created, b));
	if (c->expires && s->created > c->expires)
		return err_set(e, -DIGLIM_E_KEY_REVOKED,
			       "signature of %s was made after its key expired (%s)",
			       date(s->created, a), date(c->expires, b));
	return 0;
}
