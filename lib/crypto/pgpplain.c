// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/buf.h"
#include "armor.h"
#include "pgpname.h"
#include "pgpplain.h"
#include "pkder.h"
#include "x509wrap.h"

#define KEYS_MAX 1024
/* More than a key that is plain has; the full reader has its own limit. */
#define SIGS_MAX 256

/* One file while it is read. */
struct reader {
	struct pgpplain *to;
	struct core_view all;
	uint64_t now;
	pgpplain_sha1_fn sha1;
	bool odd; /* something is not plain */
	unsigned int sigs;

	uint32_t context;      /* packet that signatures are about: primary key, user id, subkey */
	struct cert cert;      /* the primary key at hand */
	struct core_pgp_mpi n; /* its numbers, in @body */
	struct core_pgp_mpi exp;
	struct core_view body;
	bool open;  /* there is one */
	bool bound; /* it has a self-signature */
};

static int fingerprint(const struct reader *r, const struct core_view *body, uint8_t ret[20])
{
	struct buf b = BUF_INIT;
	int code;

	buf_add_u8(&b, 0x99);
	buf_add_be16(&b, (uint16_t)body->len);
	buf_add(&b, body->data + body->start, body->len);
	code = b.failed ? -ENOMEM : r->sha1(b.data, b.len, ret);
	buf_free(&b);
	return code;
}

static int note(struct reader *r, const struct core_view *body, struct err *e)
{
	struct pgpplain *p = r->to;
	struct pgpplain_key *keys;

	if (p->n == KEYS_MAX)
		return err_set(e, -E2BIG, "more than %d keys", KEYS_MAX);
	keys = reallocarray(p->keys, p->n + 1, sizeof(*keys));
	if (!keys)
		return err_set(e, -ENOMEM, "out of memory");
	p->keys = keys;
	memset(&keys[p->n], 0, sizeof(*keys));
	if (fingerprint(r, body, keys[p->n].fingerprint))
		return err_set(e, -EOPNOTSUPP, "no SHA-1, or no memory");
	p->n++;
	return 0;
}

/* RSA numbers as the kernel and everybody else takes them. */
static bool read_rsa(const struct core_view *body, const struct core_pgp_key *key,
		     struct core_pgp_mpi *n, struct core_pgp_mpi *exp)
{
	uint32_t off = key->material, words;
	struct core_err ce;
	uint8_t last;

	if ((key->pk_algo != CORE_PGP_RSA && key->pk_algo != CORE_PGP_RSA_ENCRYPT &&
	     key->pk_algo != CORE_PGP_RSA_SIGN) ||
	    core_pgp_mpi(body, &off, n, &ce) < 0 || core_pgp_mpi(body, &off, exp, &ce) < 0 ||
	    off != body->len || !exp->len)
		return false;
	words = (n->bits + 63) / 64;
	last = body->data[body->start + exp->off + exp->len - 1];
	return (words == 32 || words == 48 || words == 64) && last & 1 && exp->bits > 1;
}

/* Any key packet: what is not plain is noted all the same, if it can be. */
static int on_key(struct reader *r, uint32_t tag, const struct core_view *body, struct err *e)
{
	struct core_pgp_mpi n = {0}, exp = {0};
	struct core_pgp_key key;
	struct core_err ce;
	int code;

	r->context = tag;
	if (core_pgp_key(body, &key, &ce) < 0 || key.version != 4 || body->len > 0xffff) {
		r->odd = true;
		return 0;
	}
	code = note(r, body, e);
	if (code)
		return code;
	if (!read_rsa(body, &key, &n, &exp))
		r->odd = true;
	if (tag != CORE_PGP_PUBLIC_KEY)
		return 0;
	if (key.pk_algo == CORE_PGP_RSA_ENCRYPT)
		r->odd = true;
	r->open = true;
	r->bound = false;
	r->body = *body;
	r->n = n;
	r->exp = exp;
	r->cert =
		(struct cert){.kind = CERT_OPENPGP, .algo = CERT_ALGO_RSA, .created = key.created};
	memcpy(r->cert.fingerprint, r->to->keys[r->to->n - 1].fingerprint, 20);
	return 0;
}

/* Of those that the full reader takes, SHA-1 included: many vendors' keys have nothing else. */
static bool is_hash(uint32_t algo)
{
	return algo == CORE_PGP_SHA1 || algo == CORE_PGP_SHA256 || algo == CORE_PGP_SHA384 ||
	       algo == CORE_PGP_SHA512;
}

/*
 * All that claim to be by the key itself must agree that it may sign; the shortest of the lives
 * that they give it counts.
 */
static void on_signature(struct reader *r, const struct core_view *v)
{
	bool on_uid = r->context != CORE_PGP_PUBLIC_KEY;
	struct core_pgp_sig sig;
	struct core_err ce;
	uint64_t end;

	if (r->context == CORE_PGP_PUBLIC_SUBKEY)
		return;
	if (!r->open || ++r->sigs > SIGS_MAX || core_pgp_sig(v, &sig, &ce) < 0) {
		r->odd = true;
		return;
	}
	if (!pgp_claims(r->cert.fingerprint, 20, r->cert.fingerprint + 12, v, &sig))
		return;
	if (sig.version != 4 || sig.unknown_critical || !sig.has_created || sig.expires_after ||
	    !is_hash(sig.hash_algo) ||
	    (on_uid ? sig.type < 0x10 || sig.type > 0x13 : sig.type != 0x1f) ||
	    (sig.has_key_flags && !(sig.key_flags & 2))) {
		r->odd = true;
		return;
	}
	r->bound = true;
	end = r->cert.created + sig.key_expires_after;
	if (sig.key_expires_after && (!r->cert.expires || end < r->cert.expires))
		r->cert.expires = end;
}

static int make_cert(const struct reader *r, struct cert **ret, struct err *e)
{
	const uint8_t *base = r->body.data + r->body.start;
	struct cert *c = malloc(sizeof(*c));
	struct buf spki = BUF_INIT;
	int code;

	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	*c = r->cert;
	snprintf(c->algo_name, sizeof(c->algo_name), "RSA");
	c->bits = r->n.bits;
	c->fingerprint_len = c->primary_len = 20;
	memcpy(c->primary, c->fingerprint, 20);
	memcpy(c->key_id, c->fingerprint + 12, 8);
	pk_spki_rsa(&spki, base + r->n.off, r->n.len, base + r->exp.off, r->exp.len);
	code = spki.failed ? err_set(e, -ENOMEM, "out of memory")
			   : x509wrap_make(c, spki.data, spki.len, e);
	buf_free(&spki);
	if (code)
		cert_free(c);
	else
		*ret = c;
	return code;
}

/* All packets of the primary key at hand were seen. @i: where it was noted. */
static int finish(struct reader *r, size_t i, struct err *e)
{
	if (!r->open)
		return 0;
	r->open = false;
	if (!r->bound || (r->cert.expires && r->cert.expires < r->now))
		r->odd = true;
	return r->odd ? 0 : make_cert(r, &r->to->keys[i].cert, e);
}

static int on_packet(struct reader *r, const struct core_pgp_packet *p, struct err *e)
{
	struct core_view body = core_pgp_sub(&r->all, p->body, p->len);

	if (!r->context && p->tag != CORE_PGP_PUBLIC_KEY)
		r->odd = true;
	switch (p->tag) {
	case CORE_PGP_PUBLIC_KEY:
	case CORE_PGP_PUBLIC_SUBKEY:
		return on_key(r, p->tag, &body, e);
	case CORE_PGP_USER_ID:
	case CORE_PGP_USER_ATTRIBUTE:
		r->context = p->tag;
		return 0;
	case CORE_PGP_SIGNATURE:
		on_signature(r, &body);
		return 0;
	}
	r->odd = true;
	return 0;
}

static int read_all(struct reader *r, const char *name, struct err *e)
{
	struct core_pgp_packet p;
	struct core_err ce;
	size_t primary = 0;
	uint32_t off = 0;
	int more, code = 0;

	while (!code && (more = core_pgp_packet(&r->all, off, &p, &ce)) > 0) {
		if (p.tag == CORE_PGP_PUBLIC_KEY) {
			code = finish(r, primary, e);
			primary = r->to->n;
		}
		code = code ?: on_packet(r, &p, e);
		off = p.next;
	}
	if (!code && more < 0)
		return err_set(e, -EINVAL, "%s: damaged OpenPGP packet", name);
	return code ?: finish(r, primary, e);
}

static void forget(struct pgpplain *p, size_t from)
{
	for (size_t i = from; i < p->n; i++)
		p->keys[i].cert = cert_free(p->keys[i].cert);
}

int pgpplain_read(struct pgpplain *p, const void *data, size_t len, const char *name, bool wanted,
		  uint64_t now, pgpplain_sha1_fn sha1, struct err *e)
{
	struct reader r = {.to = p, .now = now ?: (uint64_t)time(NULL), .sha1 = sha1};
	struct buf plain = BUF_INIT;
	size_t first = p->n;
	int code = 0;

	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: too large for a key", name);
	r.all = (struct core_view){data, 0, (uint32_t)len};
	if (armor_recognise(data, len)) {
		code = armor_decode(data, len, name, &plain, e);
		r.all = (struct core_view){plain.data, 0, (uint32_t)plain.len};
	}
	code = code ?: read_all(&r, name, e);
	if (code || r.odd || !wanted)
		forget(p, first);
	buf_free(&plain);
	return code;
}

static size_t count(const struct pgpplain *p, const uint8_t fpr[20])
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += !memcmp(p->keys[i].fingerprint, fpr, 20);
	return n;
}

int pgpplain_lend(const struct pgpplain *p, struct cert_set *ret, struct err *e)
{
	*ret = (struct cert_set){calloc(p->n + 1, sizeof(struct cert *)), 0};
	if (!ret->certs)
		return err_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->n; i++)
		if (p->keys[i].cert && count(p, p->keys[i].fingerprint) == 1)
			ret->certs[ret->n++] = p->keys[i].cert;
	return 0;
}

void pgpplain_done(struct pgpplain *p)
{
	forget(p, 0);
	free(p->keys);
	*p = (struct pgpplain){NULL, 0};
}
