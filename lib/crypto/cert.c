// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hex.h"
#include "cert.h"
#include "certder.h"
#include "der.h"

struct cert *cert_free(struct cert *c)
{
	if (c)
		free(c->der);
	free(c);
	return NULL;
}

void cert_set_done(struct cert_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		cert_free(set->certs[i]);
	free(set->certs);
	*set = (struct cert_set){NULL, 0};
}

bool cert_has_der(const struct cert *c)
{
	return c->der;
}

const char *cert_state_name(enum cert_state state)
{
	static const char *const names[] = {
		[CERT_USABLE] = "usable",   [CERT_EXPIRED] = "expired",
		[CERT_REVOKED] = "revoked", [CERT_NO_ALGO] = "unsupported",
		[CERT_WEAK] = "weak",	    [CERT_NOT_SIGNING] = "not-for-signing",
		[CERT_UNBOUND] = "unbound", [CERT_BROKEN] = "broken",
	};

	return names[state];
}

static bool same_key(const struct cert *a, const struct cert *b)
{
	return a->kind == b->kind && a->fingerprint_len == b->fingerprint_len &&
	       !memcmp(a->fingerprint, b->fingerprint, a->fingerprint_len);
}

static bool is_subkey_of(const struct cert *c, const struct cert *primary)
{
	return c->kind == CERT_OPENPGP && primary->kind == CERT_OPENPGP && !primary->subkey &&
	       c->primary_len && c->primary_len == primary->fingerprint_len &&
	       !memcmp(c->primary, primary->fingerprint, c->primary_len);
}

static void withdraw(struct cert *c, const struct cert *revoked)
{
	free(c->der);
	c->der = NULL;
	c->der_len = c->issuer_len = c->serial_len = 0;
	c->issuer = c->serial = NULL;
	c->state = CERT_REVOKED;
	c->withdrawn = true;
	memcpy(c->why, revoked->why, sizeof(c->why));
}

int cert_set_revoke(struct cert_set *set)
{
	int n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct cert *r = set->certs[i];

		for (size_t j = 0; r->state == CERT_REVOKED && j < set->n; j++) {
			struct cert *c = set->certs[j];

			if (c->state == CERT_REVOKED || (!same_key(c, r) && !is_subkey_of(c, r)))
				continue;
			n += cert_has_der(c);
			withdraw(c, r);
		}
	}
	return n;
}

int cert_set_take(struct cert_set *set, struct cert *c, struct err *e)
{
	struct cert **p;

	for (size_t i = 0; i < set->n; i++) {
		struct cert *old = set->certs[i];

		if (!same_key(old, c))
			continue;
		/* A revocation is never undone by another copy of the key. */
		if (old->state == CERT_REVOKED ||
		    (old->state <= c->state && c->state != CERT_REVOKED)) {
			cert_free(c);
			return 0;
		}
		cert_free(old);
		set->certs[i] = c;
		return 0;
	}
	p = reallocarray(set->certs, set->n + 1, sizeof(*p));
	if (!p) {
		cert_free(c);
		return err_set(e, -ENOMEM, "out of memory");
	}
	set->certs = p;
	set->certs[set->n++] = c;
	return 0;
}

/* The better of two that both answer a question; of two copies of a key, the revoked one. */
static const struct cert *better(const struct cert *a, const struct cert *b)
{
	if (a && same_key(a, b) && (a->state == CERT_REVOKED || b->state == CERT_REVOKED))
		return a->state == CERT_REVOKED ? a : b;
	return !a || b->state < a->state ? b : a;
}

const struct cert *cert_set_by_key_id(const struct cert_set *set, const uint8_t key_id[8])
{
	const struct cert *ret = NULL;

	for (size_t i = 0; i < set->n; i++)
		if (!memcmp(set->certs[i]->key_id, key_id, 8))
			ret = better(ret, set->certs[i]);
	return ret;
}

const struct cert *cert_set_by_fingerprint(const struct cert_set *set, const uint8_t *fpr,
					   size_t len)
{
	const struct cert *ret = NULL;

	for (size_t i = 0; i < set->n; i++)
		if (set->certs[i]->fingerprint_len == len &&
		    !memcmp(set->certs[i]->fingerprint, fpr, len))
			ret = better(ret, set->certs[i]);
	return ret;
}

const struct cert *cert_set_by_text(const struct cert_set *set, const char *text)
{
	char digits[2 * 32 + 1];
	uint8_t bytes[32];
	size_t n = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	for (; *text; text++) {
		if (isspace((unsigned char)*text) || *text == ':')
			continue;
		if (n == 2 * sizeof(bytes))
			return NULL;
		digits[n++] = *text;
	}
	if (!n || hex_decode(digits, n, bytes, n / 2) < 0)
		return NULL;
	if (n == 16)
		return cert_set_by_key_id(set, bytes);
	return cert_set_by_fingerprint(set, bytes, n / 2);
}

const struct cert *cert_set_by_issuer_serial(const struct cert_set *set, const uint8_t *issuer,
					     size_t issuer_len, const uint8_t *serial,
					     size_t serial_len)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct cert *c = set->certs[i];

		if (c->der && c->issuer_len == issuer_len && c->serial_len == serial_len &&
		    !memcmp(c->issuer, issuer, issuer_len) &&
		    !memcmp(c->serial, serial, serial_len))
			return c;
	}
	return NULL;
}

int certder_locate(struct cert *c)
{
	struct der d = {c->der, c->der_len}, cert, tbs, skip, serial, issuer;

	if (der_take(&d, DER_SEQUENCE, &cert, NULL) < 0 || d.len ||
	    der_take(&cert, DER_SEQUENCE, &tbs, NULL) < 0)
		return -EINVAL;
	(void)der_take(&tbs, DER_CONTEXT_0, &skip, NULL);
	if (der_take(&tbs, DER_INTEGER, &skip, &serial) < 0 || !skip.len ||
	    der_take(&tbs, DER_SEQUENCE, &skip, NULL) < 0 ||
	    der_take(&tbs, DER_SEQUENCE, &skip, &issuer) < 0)
		return -EINVAL;
	c->serial = serial.p;
	c->serial_len = serial.len;
	c->issuer = issuer.p;
	c->issuer_len = issuer.len;
	return 0;
}
