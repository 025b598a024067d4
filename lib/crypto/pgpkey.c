// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/text.h"
#include "armor.h"
#include "pgpkey.h"
#include "pgpreader.h"

/* More self-signatures than any key has; bounds the work that a hostile file can cause. */
#define CHECKS_MAX  4096
#define SUBKEYS_MAX 256

/* Takes over what @sig says if it is newer than what is there. */
static void bind(struct pgp_binding *b, const struct core_pgp_sig *sig, bool sha1)
{
	if (b->found && sig->created < b->created)
		return;
	if (sig->has_key_flags || !b->found || sig->created > b->created) {
		b->has_flags = sig->has_key_flags;
		b->flags = sig->key_flags;
	}
	/* Of two with the same time, the one with an expiry counts. */
	if (!b->found || sig->created > b->created || sig->key_expires_after)
		b->key_expires_after = sig->key_expires_after;
	b->found = true;
	b->sha1 = sha1;
	b->created = sig->created;
}

static bool check(struct pgp_reader *r, const struct pgpself_over *over, const struct core_view *v,
		  const struct core_pgp_sig *sig, bool *sha1)
{
	if (!pgpself_claims(&r->primary, v, sig) || ++r->checks > CHECKS_MAX)
		return false; /* read_binary() fails when there are too many */
	return pgpself_verify(&r->primary, &r->primary.body, over, v, sig, r->now, sha1);
}

/* Signature behind the primary key: direct, or a revocation. */
static void on_primary(struct pgp_reader *r, const struct core_view *v,
		       const struct core_pgp_sig *sig)
{
	struct pgpself_over nothing = {0};
	bool sha1;

	if ((sig->type != 0x1f && sig->type != 0x20) || !check(r, &nothing, v, sig, &sha1))
		return;
	if (sig->type == 0x20)
		r->revoked = true;
	else
		bind(&r->self, sig, sha1);
}

/* Signature behind a user id (or attribute): certification, or its revocation. */
static void on_uid(struct pgp_reader *r, const struct core_view *v, const struct core_pgp_sig *sig)
{
	struct pgpself_over over = {
		.uid = &r->body,
		.uid_tag = r->context == CORE_PGP_USER_ID ? 0xb4 : 0xd1,
	};
	bool sha1;

	if (((sig->type < 0x10 || sig->type > 0x13) && sig->type != 0x30) ||
	    !check(r, &over, v, sig, &sha1))
		return;
	if (sig->type == 0x30) {
		r->uid_revoked = true;
		return;
	}
	if (!r->uid.found || sig->created >= r->uid.created)
		r->uid_primary = sig->primary_uid;
	bind(&r->uid, sig, sha1);
}

/* The subkey agrees to belong to this primary key: 0x19 inside the binding signature. */
static bool consents(struct pgp_reader *r, const struct pgp_subkey *s, const struct core_view *v,
		     const struct core_pgp_sig *sig)
{
	struct core_view inner = core_pgp_sub(v, sig->embedded, sig->embedded_len);
	struct pgpself_over over = {.subkey = &s->pub.body};
	struct core_pgp_sig back;
	struct core_err ce;

	return sig->embedded_len && !core_pgp_sig(&inner, &back, &ce) && back.type == 0x19 &&
	       ++r->checks <= CHECKS_MAX &&
	       pgpself_verify(&s->pub, &r->primary.body, &over, &inner, &back, r->now, NULL);
}

static void on_subkey(struct pgp_reader *r, const struct core_view *v,
		      const struct core_pgp_sig *sig)
{
	struct pgp_subkey *s = &r->subs[r->n_subs - 1];
	struct pgpself_over over = {.subkey = &s->pub.body};
	bool sha1;

	if ((sig->type != 0x18 && sig->type != 0x28) || !check(r, &over, v, sig, &sha1))
		return;
	if (sig->type == 0x28) {
		s->revoked = true;
		return;
	}
	if (s->binding.found && sig->created < s->binding.created)
		return;
	bind(&s->binding, sig, sha1);
	s->binding.consent = consents(r, s, v, sig);
}

static void on_signature(struct pgp_reader *r, const struct core_view *v)
{
	struct core_pgp_sig sig;
	struct core_err ce;

	/* Strangers' certifications may be anything; a broken one is as good as none. */
	if (core_pgp_sig(v, &sig, &ce) < 0)
		return;
	if (r->context == CORE_PGP_PUBLIC_KEY)
		on_primary(r, v, &sig);
	else if (r->context == CORE_PGP_PUBLIC_SUBKEY)
		on_subkey(r, v, &sig);
	else if (r->context)
		on_uid(r, v, &sig);
}

/* All signatures of a user id are read: does it count, and is it the one to show? */
static void finish_uid(struct pgp_reader *r)
{
	struct core_pgp_sig like = {0};

	if ((r->context != CORE_PGP_USER_ID && r->context != CORE_PGP_USER_ATTRIBUTE) ||
	    !r->uid.found || r->uid_revoked)
		return;
	like.created = r->uid.created;
	like.has_key_flags = r->uid.has_flags;
	like.key_flags = r->uid.flags;
	like.key_expires_after = r->uid.key_expires_after;
	bind(&r->self, &like, r->uid.sha1);
	if (r->context != CORE_PGP_USER_ID)
		return;
	if (r->owner[0] &&
	    (r->owner_primary > r->uid_primary ||
	     (r->owner_primary == r->uid_primary && r->owner_time >= r->uid.created)))
		return;
	text_escape(r->owner, sizeof(r->owner), r->body.data + r->body.start, r->body.len);
	r->owner_time = r->uid.created;
	r->owner_primary = r->uid_primary;
}

static void enter(struct pgp_reader *r, uint32_t tag, const struct core_view *body)
{
	finish_uid(r);
	r->context = tag;
	r->body = *body;
	r->uid = (struct pgp_binding){0};
	r->uid_revoked = r->uid_primary = false;
}

static int add_subkey(struct pgp_reader *r, const struct core_view *body, struct err *e)
{
	struct core_err ce;
	struct pgp_subkey *p;

	if (r->n_subs == SUBKEYS_MAX)
		return err_set(e, -E2BIG, "%s: offset %u: more than %d subkeys", r->name,
			       body->start, SUBKEYS_MAX);
	p = reallocarray(r->subs, r->n_subs + 1, sizeof(*p));
	if (!p)
		return err_set(e, -ENOMEM, "out of memory");
	r->subs = p;
	memset(&p[r->n_subs], 0, sizeof(*p));
	if (pgppub_read(body, &p[r->n_subs].pub, &ce) < 0) {
		pgppub_done(&p[r->n_subs].pub);
		return err_set(e, -EINVAL, "%s: offset %u: damaged subkey packet: %s", r->name,
			       ce.off, err_name((int)ce.code));
	}
	r->n_subs++;
	return 0;
}

/* One certificate is read: hands out its keys. Returns how many. */
static int finish(struct pgp_reader *r, struct cert_set *set, struct err *e)
{
	int n, total;

	finish_uid(r);
	total = n = pgpreader_emit(r, NULL, set, e);
	for (size_t i = 0; n >= 0 && i < r->n_subs; i++) {
		if (!pgpreader_worth_showing(&r->subs[i]))
			continue;
		n = pgpreader_emit(r, &r->subs[i], set, e);
		total += n > 0;
	}
	return n < 0 ? n : total;
}

static void reset(struct pgp_reader *r)
{
	struct pgp_reader empty = {
		.all = r->all, .name = r->name, .now = r->now, .checks = r->checks};

	pgppub_done(&r->primary);
	for (size_t i = 0; i < r->n_subs; i++)
		pgppub_done(&r->subs[i].pub);
	free(r->subs);
	*r = empty;
}

static int on_packet(struct pgp_reader *r, const struct core_pgp_packet *p, struct err *e)
{
	struct core_view body = core_pgp_sub(&r->all, p->body, p->len);
	struct core_err ce;

	switch (p->tag) {
	case CORE_PGP_PUBLIC_KEY:
		if (pgppub_read(&body, &r->primary, &ce) < 0)
			return err_set(e, -EINVAL, "%s: offset %u: damaged key packet: %s", r->name,
				       ce.off, err_name((int)ce.code));
		enter(r, p->tag, &body);
		return 0;
	case CORE_PGP_USER_ID:
	case CORE_PGP_USER_ATTRIBUTE:
		enter(r, p->tag, &body);
		return 0;
	case CORE_PGP_PUBLIC_SUBKEY:
		enter(r, p->tag, &body);
		return add_subkey(r, &body, e);
	case CORE_PGP_SIGNATURE:
		on_signature(r, &body);
		return 0;
	}
	return 0;
}

static int read_binary(struct pgp_reader *r, struct cert_set *set, struct err *e)
{
	struct core_pgp_packet p;
	bool open = false;
	struct core_err ce;
	uint32_t off = 0;
	int more, n, ret = 0, total = 0;

	while (ret >= 0 && (more = core_pgp_packet(&r->all, off, &p, &ce)) > 0) {
		if (p.tag == CORE_PGP_PUBLIC_KEY) {
			n = open ? finish(r, set, e) : 0;
			if (n < 0)
				return n;
			total += n;
			reset(r);
			open = true;
		} else if (!open) {
			return err_set(e, -EINVAL, "%s: offset %u: packet %u before any public key",
				       r->name, off, p.tag);
		}
		ret = on_packet(r, &p, e);
		/* A revocation could stand behind the last one that is looked at. */
		if (!ret && r->checks > CHECKS_MAX)
			ret = err_set(e, -E2BIG, "%s: offset %u: more than %d self-signatures",
				      r->name, off, CHECKS_MAX);
		off = p.next;
	}
	if (ret < 0)
		return ret;
	if (more < 0)
		return err_set(e, -EINVAL, "%s: offset %u: damaged OpenPGP packet: %s", r->name,
			       ce.off, err_name((int)ce.code));
	n = open ? finish(r, set, e) : err_set(e, -EINVAL, "%s: no public key in it", r->name);
	return n < 0 ? n : total + n;
}

int pgpkey_read(struct cert_set *set, const void *data, size_t len, const char *name, uint64_t now,
		struct err *e)
{
	struct pgp_reader r = {.name = name, .now = now ? now : (uint64_t)time(NULL)};
	struct buf plain = BUF_INIT;
	int ret = 0;

	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: too large for a key", name);
	r.all = (struct core_view){data, 0, (uint32_t)len};
	if (armor_recognise(data, len)) {
		ret = armor_decode(data, len, name, &plain, e);
		if (!ret && !plain.len)
			ret = err_set(e, -EINVAL, "%s: nothing in the armour", name);
		r.all = (struct core_view){plain.data, 0, (uint32_t)plain.len};
	}
	if (ret < 0) {
		buf_free(&plain);
		return ret;
	}
	ret = read_binary(&r, set, e);
	reset(&r);
	buf_free(&plain);
	return ret;
}
