// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgpreader.h"
#include "x509wrap.h"

static void refuse(struct cert *c, enum cert_state state, const char *why)
{
	c->state = state;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

/* Decides whether the key may sign packages. @s is NULL for the primary key. */
static void judge(const struct pgp_reader *r, const struct pgp_subkey *s, struct cert *c)
{
	const struct pgp_binding *b = s ? &s->binding : &r->self;
	bool signs =
		b->has_flags ? b->flags & 2 : !s && r->primary.key.pk_algo != CORE_PGP_RSA_ENCRYPT;

	c->used_sha1 = b->sha1 || r->self.sha1;
	if (r->revoked || (s && s->revoked))
		refuse(c, CERT_REVOKED, "revoked by its owner; " PK_WAY_OUT);
	else if (c->state != CERT_USABLE)
		return;
	else if (!r->self.found)
		refuse(c, CERT_UNBOUND,
		       "no valid self-signature on the primary key; get a complete "
		       "copy of the key");
	else if (!b->found)
		refuse(c, CERT_UNBOUND,
		       "no valid binding signature by the primary key; get a "
		       "complete copy of the key");
	else if (!signs)
		refuse(c, CERT_NOT_SIGNING,
		       "not a signing key: its flags do not allow to sign data");
	else if (s && !b->consent)
		refuse(c, CERT_UNBOUND,
		       "the subkey does not confirm its primary key (no valid "
		       "back-signature); get a complete copy of the key");
	else if (c->expires && c->expires < r->now)
		refuse(c, CERT_EXPIRED,
		       "expired: only signatures made before that count; ask the "
		       "vendor for the renewed key");
}

static uint64_t expiry(const struct pgppub *p, const struct pgp_binding *b)
{
	return b->key_expires_after ? (uint64_t)p->key.created + b->key_expires_after : 0;
}

static struct cert *make_cert(const struct pgp_reader *r, const struct pgp_subkey *s)
{
	const struct pgppub *p = s ? &s->pub : &r->primary;
	uint64_t own = expiry(p, s ? &s->binding : &r->self);
	uint64_t primary = expiry(&r->primary, &r->self);
	struct cert *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = p->described;
	c->kind = CERT_OPENPGP;
	memcpy(c->fingerprint, p->fingerprint, sizeof(c->fingerprint));
	c->fingerprint_len = p->fingerprint_len;
	memcpy(c->primary, r->primary.fingerprint, sizeof(c->primary));
	c->primary_len = r->primary.fingerprint_len;
	c->subkey = s;
	memcpy(c->key_id, p->key_id, sizeof(c->key_id));
	memcpy(c->owner, r->owner, sizeof(c->owner));
	c->created = p->key.created;
	c->expires = !own || (primary && primary < own) ? primary : own;
	judge(r, s, c);
	return c;
}

int pgpreader_emit(const struct pgp_reader *r, const struct pgp_subkey *s, struct cert_set *set,
		   struct err *e)
{
	const struct buf *spki = s ? &s->pub.spki : &r->primary.spki;
	struct cert *c = make_cert(r, s);
	int ret;

	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	if (c->state == CERT_USABLE || c->state == CERT_EXPIRED) {
		ret = x509wrap_make(c, spki->data, spki->len, e);
		if (ret < 0) {
			cert_free(c);
			return ret;
		}
	}
	ret = cert_set_take(set, c, e);
	return ret < 0 ? ret : 1;
}

bool pgpreader_worth_showing(const struct pgp_subkey *s)
{
	switch (s->pub.key.pk_algo) {
	case CORE_PGP_RSA_ENCRYPT:
	case CORE_PGP_ELGAMAL:
	case CORE_PGP_ECDH:
	case CORE_PGP_X25519:
	case CORE_PGP_X448:
	case 35: /* ML-KEM */
	case 36:
		return false;
	}
	if (s->binding.found)
		return s->binding.has_flags && s->binding.flags & 2;
	return true;
}
