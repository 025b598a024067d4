/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "armor.h"
#include "der.h"
#include "keyfile.h"

/* Without OpenSSL: the TCTI reads key files in programs that OpenSSL may have loaded it into. */
#define PEM_BEGIN "-----BEGIN TSS2 PRIVATE KEY-----"
#define PEM_END	  "-----END TSS2 PRIVATE KEY-----"

/* 2.23.133.10.1.3, a key that can be loaded, and 2.23.133.10.1.5, a secret */
static const uint8_t oid_key[] = {0x67, 0x81, 0x05, 0x0a, 0x01, 0x03};
static const uint8_t oid_sealed[] = {0x67, 0x81, 0x05, 0x0a, 0x01, 0x05};

enum {
	TAG_BOOLEAN = 0x01,
	TAG_EMPTY_AUTH = DER_CONTEXT_0,
	TAG_POLICY = DER_CONTEXT_0 + 1,
	TAG_SECRET = DER_CONTEXT_0 + 2,
	TAG_AUTH_POLICY = DER_CONTEXT_0 + 3,
	TAG_DESCRIPTION = DER_CONTEXT_0 + 4,
	TAG_RSA_PARENT = DER_CONTEXT_0 + 5,
};

static void sequence_done(struct keyfile_sequence *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i].body);
	s->n = 0;
}

void keyfile_done(struct keyfile *k)
{
	sequence_done(&k->policy);
	for (size_t i = 0; i < k->n_approvals; i++)
		sequence_done(&k->approvals[i]);
	free(k->approvals);
	buf_free(&k->public);
	buf_free(&k->private);
	*k = (struct keyfile){0};
}

int keyfile_add(struct keyfile_sequence *s, uint32_t command, const struct buf *body, struct err *e)
{
	struct keyfile_policy *p = &s->items[s->n];

	if (s->n == KEYFILE_POLICIES_MAX)
		return err_set(e, -E2BIG, "too many policies in a key file");
	if (body->failed || !(p->body = malloc(body->len ? body->len : 1)))
		return err_set(e, -ENOMEM, "out of memory");
	memcpy(p->body, body->data, body->len);
	p->len = body->len;
	p->command = command;
	s->n++;
	return 0;
}

const struct keyfile_policy *keyfile_authorize(const struct keyfile_sequence *s)
{
	const struct keyfile_policy *last = s->n ? &s->items[s->n - 1] : NULL;

	return last && last->command == KEYFILE_AUTHORIZE ? last : NULL;
}

/* A new one at the end. */
static struct keyfile_sequence *append(struct keyfile *k, const char *name, struct err *e)
{
	struct keyfile_sequence *s;

	if (strlen(name) >= KEYFILE_NAME_MAX || k->n_approvals == KEYFILE_APPROVALS_MAX) {
		err_set(e, -E2BIG, "too many approvals, or too long a name");
		return NULL;
	}
	s = realloc(k->approvals, (k->n_approvals + 1) * sizeof(*s));
	if (!s) {
		err_set(e, -ENOMEM, "out of memory");
		return NULL;
	}
	k->approvals = s;
	s += k->n_approvals++;
	memset(s, 0, sizeof(*s));
	strcpy(s->name, name);
	return s;
}

struct keyfile_sequence *keyfile_approval(struct keyfile *k, const char *name, struct err *e)
{
	struct keyfile_sequence *s = k->approvals, new;
	size_t kept = 0;

	for (size_t i = 0; i < k->n_approvals; i++) {
		if (strcmp(s[i].name, name) == 0)
			sequence_done(&s[i]);
		else
			s[kept++] = s[i];
	}
	k->n_approvals = kept;
	s = append(k, name, e);
	if (!s)
		return NULL;
	new = *s;
	memmove(k->approvals + 1, k->approvals, kept * sizeof(*s));
	k->approvals[0] = new;
	return k->approvals;
}

/* PolicyPCR in two orders: see the header. Unknown bodies stay as they are, in both directions. */
#define DIGEST_SIZE 32

/* Does it begin with a TPML, whose count is below 65536, or with a TPM2B_DIGEST? */
static bool is_list(const uint8_t *p)
{
	return !p[0] && !p[1];
}

static bool is_pcr_command(const struct keyfile_policy *p)
{
	return p->command == KEYFILE_PCR && p->len >= 2 + DIGEST_SIZE + 4 && !p->body[0] &&
	       p->body[1] == DIGEST_SIZE && is_list(p->body + 2 + DIGEST_SIZE);
}

static void put_body(struct buf *b, const struct keyfile_policy *p)
{
	size_t part = der_begin(b, DER_OCTET_STRING), head = 2 + DIGEST_SIZE;

	if (is_pcr_command(p)) {
		buf_add(b, p->body + head, p->len - head);
		buf_add(b, p->body + 2, DIGEST_SIZE);
	} else {
		buf_add(b, p->body, p->len);
	}
	der_end(b, part);
}

static void take_body(uint32_t command, const struct der *d, struct buf *ret)
{
	size_t list = d->len - DIGEST_SIZE;

	if (command == KEYFILE_PCR && d->len >= DIGEST_SIZE + 4 && is_list(d->p)) {
		buf_add_be16(ret, DIGEST_SIZE);
		buf_add(ret, d->p + list, DIGEST_SIZE);
		buf_add(ret, d->p, list);
	} else {
		buf_add(ret, d->p, d->len);
	}
}

/* Writing. */

static void put_number(struct buf *b, uint32_t n)
{
	uint8_t be[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

	der_put_uint(b, be, sizeof(be));
}

/* SEQUENCE OF SEQUENCE { [0] command, [1] body } */
static void put_policies(struct buf *b, const struct keyfile_sequence *s)
{
	size_t all = der_begin(b, DER_SEQUENCE);

	for (size_t i = 0; i < s->n; i++) {
		size_t one = der_begin(b, DER_SEQUENCE), part = der_begin(b, DER_CONTEXT_0);

		put_number(b, s->items[i].command);
		der_end(b, part);
		part = der_begin(b, DER_CONTEXT_0 + 1);
		put_body(b, &s->items[i]);
		der_end(b, part);
		der_end(b, one);
	}
	der_end(b, all);
}

/* SEQUENCE OF SEQUENCE { [0] name OPTIONAL, [1] policies } */
static void put_approvals(struct buf *b, const struct keyfile *k)
{
	size_t tag = der_begin(b, TAG_AUTH_POLICY), all = der_begin(b, DER_SEQUENCE);

	for (size_t i = 0; i < k->n_approvals; i++) {
		const struct keyfile_sequence *s = &k->approvals[i];
		size_t one = der_begin(b, DER_SEQUENCE), part;

		if (*s->name) {
			part = der_begin(b, DER_CONTEXT_0);
			der_put(b, DER_UTF8_STRING, s->name, strlen(s->name));
			der_end(b, part);
		}
		part = der_begin(b, DER_CONTEXT_0 + 1);
		put_policies(b, s);
		der_end(b, part);
		der_end(b, one);
	}
	der_end(b, all);
	der_end(b, tag);
}

static void put_key(struct buf *b, const struct keyfile *k)
{
	size_t all = der_begin(b, DER_SEQUENCE), tag;

	der_put(b, DER_OID, k->sealed ? oid_sealed : oid_key, sizeof(oid_key));
	if (k->empty_auth) {
		tag = der_begin(b, TAG_EMPTY_AUTH);
		der_put(b, TAG_BOOLEAN, "\xff", 1);
		der_end(b, tag);
	}
	if (k->policy.n) {
		tag = der_begin(b, TAG_POLICY);
		put_policies(b, &k->policy);
		der_end(b, tag);
	}
	if (k->n_approvals)
		put_approvals(b, k);
	put_number(b, k->parent);
	der_put(b, DER_OCTET_STRING, k->public.data, k->public.len);
	der_put(b, DER_OCTET_STRING, k->private.data, k->private.len);
	der_end(b, all);
}

int keyfile_text(const struct keyfile *k, struct buf *ret, struct err *e)
{
	struct buf der = BUF_INIT;

	put_key(&der, k);
	buf_add(ret, PEM_BEGIN "\n", sizeof(PEM_BEGIN));
	armor_put_base64(ret, der.data, der.len, 64);
	buf_add(ret, PEM_END "\n", sizeof(PEM_END));
	ret->failed |= der.failed;
	buf_free(&der);
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* Reading. */

static int take_number(struct der *d, uint32_t *ret)
{
	struct der n;

	if (der_take(d, DER_INTEGER, &n, NULL))
		return -1;
	if (n.len == 5 && !*n.p) {
		n.p++;
		n.len--;
	}
	if (!n.len || n.len > 4)
		return -1;
	for (*ret = 0; n.len; n.len--)
		*ret = *ret << 8 | *n.p++;
	return 0;
}

/* The element inside an explicit tag, alone there. */
static int take_tagged(struct der *d, uint8_t outer, uint8_t inner, struct der *ret)
{
	struct der in;

	return der_take(d, outer, &in, NULL) || der_take(&in, inner, ret, NULL) || in.len ? -1 : 0;
}

static int take_policies(struct der *all, struct keyfile_sequence *s, struct err *e)
{
	while (all->len) {
		struct der one, part, body;
		struct buf copy = BUF_INIT;
		uint32_t command;
		int r;

		if (der_take(all, DER_SEQUENCE, &one, NULL) ||
		    der_take(&one, DER_CONTEXT_0, &part, NULL) || take_number(&part, &command) ||
		    part.len || take_tagged(&one, DER_CONTEXT_0 + 1, DER_OCTET_STRING, &body) ||
		    one.len)
			return -EBADMSG;
		take_body(command, &body, &copy);
		r = keyfile_add(s, command, &copy, e);
		buf_free(&copy);
		if (r)
			return r == -ENOMEM ? r : -EBADMSG;
	}
	return 0;
}

static int take_approval(struct der *one, struct keyfile *k, struct err *e)
{
	struct keyfile_sequence *s;
	struct der name = {0}, all;
	char text[KEYFILE_NAME_MAX] = "";

	if (one->len && *one->p == DER_CONTEXT_0 &&
	    (take_tagged(one, DER_CONTEXT_0, DER_UTF8_STRING, &name) || name.len >= sizeof(text) ||
	     memchr(name.p, 0, name.len)))
		return -EBADMSG;
	memcpy(text, name.len ? (const char *)name.p : "", name.len);
	if (take_tagged(one, DER_CONTEXT_0 + 1, DER_SEQUENCE, &all) || one->len)
		return -EBADMSG;
	s = append(k, text, e);
	if (!s)
		return e->code == -ENOMEM ? -ENOMEM : -EBADMSG;
	return take_policies(&all, s, e);
}

static int take_optional(struct der *d, struct keyfile *k, struct err *e)
{
	struct der in, all;
	int r = 0;

	if (d->len && *d->p == TAG_EMPTY_AUTH) {
		if (take_tagged(d, TAG_EMPTY_AUTH, TAG_BOOLEAN, &in) || in.len != 1)
			return -EBADMSG;
		k->empty_auth = *in.p;
	}
	if (d->len && *d->p == TAG_POLICY)
		r = take_tagged(d, TAG_POLICY, DER_SEQUENCE, &all)
			    ? -EBADMSG
			    : take_policies(&all, &k->policy, e);
	if (!r && d->len && *d->p == TAG_SECRET && der_take(d, TAG_SECRET, &in, NULL))
		r = -EBADMSG;
	if (!r && d->len && *d->p == TAG_AUTH_POLICY) {
		r = take_tagged(d, TAG_AUTH_POLICY, DER_SEQUENCE, &all) ? -EBADMSG : 0;
		while (!r && all.len)
			r = der_take(&all, DER_SEQUENCE, &in, NULL) ? -EBADMSG
								    : take_approval(&in, k, e);
	}
	for (int tag = TAG_DESCRIPTION; !r && tag <= TAG_RSA_PARENT; tag++)
		if (d->len && *d->p == tag && der_take(d, (uint8_t)tag, &in, NULL))
			r = -EBADMSG;
	return r;
}

static int take_key(struct der *file, struct keyfile *k, struct err *e)
{
	struct der d, id, public, private;
	int r;

	if (der_take(file, DER_SEQUENCE, &d, NULL) || file->len ||
	    der_take(&d, DER_OID, &id, NULL) || id.len != sizeof(oid_key))
		return -EBADMSG;
	k->sealed = memcmp(id.p, oid_sealed, sizeof(oid_sealed)) == 0;
	if (!k->sealed && memcmp(id.p, oid_key, sizeof(oid_key)) != 0)
		return -EBADMSG;
	r = take_optional(&d, k, e);
	if (r)
		return r;
	if (take_number(&d, &k->parent) || der_take(&d, DER_OCTET_STRING, &public, NULL) ||
	    der_take(&d, DER_OCTET_STRING, &private, NULL) || d.len)
		return -EBADMSG;
	buf_add(&k->public, public.p, public.len);
	buf_add(&k->private, private.p, private.len);
	return k->public.failed || k->private.failed ? -ENOMEM : 0;
}

/* The base64 between the two lines. */
static int take_pem(const char *pem, size_t len, struct buf *ret)
{
	const char *begin = memmem(pem, len, PEM_BEGIN, sizeof(PEM_BEGIN) - 1), *end;

	if (len > KEYFILE_MAX || !begin)
		return -EBADMSG;
	begin += sizeof(PEM_BEGIN) - 1;
	end = memmem(begin, len - (size_t)(begin - pem), PEM_END, sizeof(PEM_END) - 1);
	if (!end || armor_base64(begin, (size_t)(end - begin), ret, NULL))
		return ret->failed ? -ENOMEM : -EBADMSG;
	return ret->failed ? -ENOMEM : 0;
}

int keyfile_parse(const void *pem, size_t len, const char *name, struct keyfile *ret, struct err *e)
{
	struct buf data = BUF_INIT;
	struct err own = {0};
	int r = take_pem(pem, len, &data);

	*ret = (struct keyfile){0};
	if (!r) {
		struct der file = {data.data, data.len};

		r = take_key(&file, ret, &own);
	}
	buf_free(&data);
	if (!r)
		return 0;
	keyfile_done(ret);
	return r == -ENOMEM
		       ? err_set(e, r, "out of memory")
		       : err_set(e, r, "%s: not the key file of a TPM (TSS2 PRIVATE KEY)", name);
}
