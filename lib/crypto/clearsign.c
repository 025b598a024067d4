// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "../../abi/error.h"
#include "armor.h"
#include "clearsign.h"
#include "pgpsig.h"
#include "verify.h"

#define BEGIN	  "-----BEGIN PGP SIGNED MESSAGE-----"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define END	  "-----END PGP SIGNATURE-----"
#define SIGS_MAX  16
#define TEXT_TYPE 0x01 /* signature over a text document */

struct line {
	const char *p;
	size_t len;
};

/* Without its end, and without blanks before it. */
static bool next_line(const char **p, const char *end, struct line *l)
{
	const char *feed;

	if (*p == end)
		return false;
	feed = memchr(*p, '\n', (size_t)(end - *p));
	l->p = *p;
	l->len = (size_t)((feed ? feed : end) - *p);
	*p = feed ? feed + 1 : end;
	while (l->len && strchr(" \t\r", l->p[l->len - 1]) && l->p[l->len - 1])
		l->len--;
	return true;
}

static bool is(const struct line *l, const char *text)
{
	return l->len == strlen(text) && !memcmp(l->p, text, l->len);
}

static int wrong(const char *name, const char *data, const char *at, const char *why, struct err *e)
{
	return err_set(e, -EINVAL, "%s: offset %zu: %s", name, (size_t)(at - data), why);
}

/* Header lines that are no hash names would be shown as if they were signed. */
static const char *read_head(const char **p, const char *end)
{
	struct line l;

	if (!next_line(p, end, &l) || !is(&l, BEGIN))
		return "no signed text begins here";
	while (next_line(p, end, &l)) {
		if (!l.len)
			return NULL;
		if (l.len < 6 || memcmp(l.p, "Hash: ", 6) != 0)
			return "a header that is not signed";
	}
	return "no text";
}

static const char *read_text(const char **p, const char *end, struct buf *text)
{
	const char *at = *p;
	struct line l;

	while (next_line(p, end, &l)) {
		if (is(&l, SIGNATURE)) {
			*p = at;
			return NULL;
		}
		if (l.len && l.p[0] == '-' && (l.len < 2 || l.p[1] != ' '))
			return "a line that begins with a dash and is not escaped";
		if (l.len && l.p[0] == '-')
			buf_add(text, l.p + 2, l.len - 2);
		else
			buf_add(text, l.p, l.len);
		buf_add_u8(text, '\n');
		at = *p;
	}
	return "no signature behind the text";
}

/* Nothing may follow: who reads the file in another way could take it for signed. */
static const char *check_rest(const char *p, const char *end)
{
	struct line l;
	bool over = false;

	while (next_line(&p, end, &l)) {
		if (over && l.len)
			return "something behind the signature";
		over = over || is(&l, END);
	}
	return over ? NULL : "the signature has no end";
}

int clearsign_split(const void *data, size_t len, const char *name, struct buf *text,
		    struct buf *sigs, struct err *e)
{
	const char *begin = data, *p = begin, *end = p + len, *why;

	why = read_head(&p, end);
	if (!why)
		why = read_text(&p, end, text);
	if (!why)
		why = check_rest(p, end);
	if (why)
		return wrong(name, begin, p, why, e);
	if (text->failed)
		return err_set(e, -ENOMEM, "%s: out of memory", name);
	return armor_decode(p, (size_t)(end - p), name, sigs, e);
}

/* As it is signed: line ends are two characters, and behind the last line there is none. */
static void canonical(const struct buf *text, struct buf *ret)
{
	for (size_t i = 0; i + 1 < text->len; i++) {
		if (text->data[i] == '\n')
			buf_add_u8(ret, '\r');
		buf_add_u8(ret, text->data[i]);
	}
}

static int check_key(const struct pgpsig *s, const struct cert *c, uint64_t now, struct err *e)
{
	if (c->state != CERT_USABLE)
		return err_set(e, -DIGLIM_E_KEY_REVOKED, "the key of %s is %s: %s", c->owner,
			       cert_state_name(c->state), c->why);
	return pgpsig_check_time(s, c, now, e);
}

/* 0 good; -DIGLIM_E_SIG_INVALID bad; others: tells nothing. */
static int check(const struct pgpsig *sig, const struct buf *canon, const struct cert_set *keys,
		 uint64_t now, const struct cert **signer, struct err *e)
{
	const struct cert *c = pgpsig_signer(sig, keys);
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT;
	struct pgpsig s = *sig;
	int r;

	if (!c)
		return err_set(e, -DIGLIM_E_SIG_NO_KEY, "signed by a key that is not known");
	if (s.type != TEXT_TYPE)
		return err_set(e, -DIGLIM_E_SIG_TYPE, "signature of type 0x%02x, not over a text",
			       s.type);
	s.type = 0; /* the rest is the same; what was signed has the true one */
	r = check_key(&s, c, now, e);
	if (!r)
		r = pgpsig_acceptable(&s, e);
	if (!r)
		r = pgpsig_pkcs7(&s, c, &pkcs7, e);
	buf_add(&payload, canon->data, canon->len);
	if (!r)
		r = pgpsig_trailer(&s, &payload, e);
	if (!r)
		r = verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len, keys, NULL, e);
	buf_free(&payload);
	buf_free(&pkcs7);
	if (!r)
		*signer = c;
	return r;
}

static int check_all(const struct buf *sigs, const struct buf *canon, const struct cert_set *keys,
		     uint64_t now, const struct cert **signer, struct err *e)
{
	const struct cert *good = NULL;
	size_t at = 0, used;
	struct err why = {0};
	struct pgpsig s;
	int r, n = 0;

	for (; at < sigs->len && n < SIGS_MAX; at += used, n++) {
		r = pgpsig_read(sigs->data + at, sigs->len - at, &used, &s, &why);
		if (r)
			break;
		r = check(&s, canon, keys, now, &good, &why);
		if (r == -DIGLIM_E_SIG_INVALID || r == -ENOMEM) {
			*e = why;
			return r;
		}
		/* A key that is known says more than one that is not. */
		if (r && (!e->code || e->code == -DIGLIM_E_SIG_NO_KEY))
			*e = why;
	}
	if (!good)
		return e->code ? e->code : err_set(e, -EINVAL, "no signature: %s", why.text);
	if (signer)
		*signer = good;
	e->code = 0;
	return 0;
}

int clearsign_verify(const void *data, size_t len, const char *name, const struct cert_set *keys,
		     uint64_t now, struct buf *text, const struct cert **signer, struct err *e)
{
	struct buf sigs = BUF_INIT, canon = BUF_INIT;
	struct err why = {0};
	int r = clearsign_split(data, len, name, text, &sigs, e);

	if (!r) {
		canonical(text, &canon);
		if (canon.failed)
			r = err_set(e, -ENOMEM, "%s: out of memory", name);
	}
	if (!r && check_all(&sigs, &canon, keys, now, signer, &why))
		r = err_set(e, why.code, "%s: %s", name, why.text);
	buf_free(&sigs);
	buf_free(&canon);
	return r;
}
