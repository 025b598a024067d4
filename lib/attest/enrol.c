/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "enrol.h"
#include "tpmattest.h"
#include "../base/io.h"
#include "../base/take.h"
#include "../crypto/digest.h"

/* Nothing else that is made with these secrets begins so. */
#define SECRET_LABEL "diglim enrol secret 1"
#define NONCE_LABEL  "diglim enrol certify 1"

static int part_path(char ret[PATH_MAX], const char *dir, const char *name, struct err *e)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: name too long", dir);
	return 0;
}

int enrol_read_part(const char *dir, const char *name, struct buf *ret, struct err *e)
{
	char path[PATH_MAX];

	return part_path(path, dir, name, e) ?: io_read_file(path, ENROL_FILE_MAX, ret, e);
}

int enrol_write_part(const char *dir, const char *name, const struct buf *b, struct err *e)
{
	struct io_part part = {b->data, b->len};
	char path[PATH_MAX];

	return part_path(path, dir, name, e) ?: io_write_atomic(path, &part, 1, 0644, e);
}

static int in_file(int r, const char *name, struct err *e)
{
	return r ? err_prefix(e, "%s", name) : 0;
}

int enrol_read(const char *dir, struct enrolment *ret, struct err *e)
{
	struct buf ek = BUF_INIT;
	int r;

	*ret = (struct enrolment){0};
	r = enrol_read_part(dir, ENROL_EK, &ek, e);
	r = r ?: in_file(ekcert_parse(ek.data, ek.len, &ret->ek, e), ENROL_EK, e);
	buf_free(&ek);
	r = r ?: enrol_read_part(dir, ENROL_AK, &ret->ak_public, e);
	r = r ?: enrol_read_part(dir, ENROL_KEY, &ret->key_public, e);
	r = r
		    ?: in_file(tpmpub_parse(ret->ak_public.data, ret->ak_public.len, &ret->ak, e),
			       ENROL_AK, e);
	r = r
		    ?: in_file(tpmpub_parse(ret->key_public.data, ret->key_public.len, &ret->key,
					    e),
			       ENROL_KEY, e);
	if (r)
		enrol_done(ret);
	return r;
}

void enrol_done(struct enrolment *n)
{
	ekcert_done(&n->ek);
	tpmpub_done(&n->ak);
	tpmpub_done(&n->key);
	buf_free(&n->ak_public);
	buf_free(&n->key_public);
}

int enrol_check_request(const struct enrolment *n, const char *const *roots, size_t n_roots,
			struct err *e)
{
	int r = ekcert_check(&n->ek, roots, n_roots, e);

	if (!r && !tpmpub_is_ak(&n->ak))
		r = err_set(e, -EKEYREJECTED,
			    "%s is no attestation key: it would sign what its TPM does not say",
			    ENROL_AK);
	return r;
}

int enrol_check_key(const struct tpmpub *key, const uint8_t policy[POLICY_SIZE], struct err *e)
{
	static const struct {
		uint32_t bit;
		bool want;
		const char *why;
	} rules[] = {
		{TPMPUB_FIXED_TPM, true, "it can be moved to another TPM (fixedTPM is clear)"},
		{TPMPUB_FIXED_PARENT, true, "it can be moved (fixedParent is clear)"},
		{TPMPUB_SENSITIVE_DATA_ORIGIN, true,
		 "it was not made in the TPM (sensitiveDataOrigin is clear)"},
		{TPMPUB_SIGN, true, "it cannot sign"},
		{TPMPUB_DECRYPT, false, "it decrypts, too"},
		{TPMPUB_USER_WITH_AUTH, false,
		 "a password is enough to use it (userWithAuth is set)"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!(key->attributes & rules[i].bit) == rules[i].want)
			return err_set(e, -EKEYREJECTED, "the key: %s", rules[i].why);
	if (!key->policy_len)
		return err_set(e, -EKEYREJECTED, "the key has no policy (authPolicy is empty)");
	if (key->policy_len != POLICY_SIZE || memcmp(key->policy, policy, POLICY_SIZE) != 0)
		return err_set(e, -EKEYREJECTED, "the key's policy is another one");
	return 0;
}

int enrol_ticket(uint64_t now, struct buf *ret, struct err *e)
{
	uint8_t random[ENROL_TICKET_LEN - 8];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_set(e, -EIO, "no random numbers");
	buf_add_be64(ret, now);
	buf_add(ret, random, sizeof(random));
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int enrol_check_ticket(const struct buf *ticket, uint64_t now, uint64_t max_age, struct err *e)
{
	struct take_in in = {ticket->data, ticket->len, false};
	uint64_t when;

	if (ticket->len != ENROL_TICKET_LEN)
		return err_set(e, -EKEYREJECTED, "%s: %zu bytes, not %d", ENROL_TICKET, ticket->len,
			       ENROL_TICKET_LEN);
	when = (uint64_t)take_be(&in, 4) << 32;
	when |= take_be(&in, 4);
	if (when > now || now - when > max_age)
		return err_set(e, -EKEYREJECTED, "the challenge is too old, or of the future");
	return 0;
}

int enrol_secret(const struct enrolment *n, const uint8_t ca[ENROL_SECRET_LEN],
		 const struct buf *ticket, uint8_t ret[ENROL_SECRET_LEN], struct err *e)
{
	struct buf b = BUF_INIT;
	int r = 0;

	buf_add(&b, SECRET_LABEL, sizeof(SECRET_LABEL));
	buf_add(&b, ticket->data, ticket->len);
	/* Names are of one length each: of what TPMs hash. */
	buf_add_be16(&b, (uint16_t)n->ak.name_len);
	buf_add(&b, n->ak.name, n->ak.name_len);
	buf_add_be16(&b, (uint16_t)n->key.name_len);
	buf_add(&b, n->key.name, n->key.name_len);
	buf_add(&b, n->ek.der.data, n->ek.der.len);
	if (b.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	r = r ?: digest_hmac_sha256(ca, ENROL_SECRET_LEN, b.data, b.len, ret, e);
	buf_free(&b);
	return r;
}

int enrol_nonce(const uint8_t secret[ENROL_SECRET_LEN], struct buf *ret, struct err *e)
{
	uint8_t nonce[DIGLIM_DIGEST_SIZE];
	int r = digest_hmac_sha256(secret, ENROL_SECRET_LEN, NONCE_LABEL, sizeof(NONCE_LABEL),
				   nonce, e);

	if (!r)
		buf_add(ret, nonce, sizeof(nonce));
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* What cannot be parsed is refused: whoever sent it is not who he should be. */
static int refused(int r, const char *name, struct err *e)
{
	r = in_file(r, name, e);
	return r == -EBADMSG ? e->code = -EKEYREJECTED : r;
}

int enrol_check_certify(const struct enrolment *n, const uint8_t secret[ENROL_SECRET_LEN],
			const struct buf *certify, const struct buf *signature, struct err *e)
{
	struct tpmattest_certify c = {0};
	struct buf nonce = BUF_INIT;
	int r;

	r = refused(tpmpub_check(&n->ak, certify->data, certify->len, signature->data,
				 signature->len, e),
		    ENROL_SIGNATURE, e);
	r = r ?: refused(tpmattest_certify(certify->data, certify->len, &c, e), ENROL_CERTIFY, e);
	r = r ?: enrol_nonce(secret, &nonce, e);
	if (!r &&
	    (c.head.nonce_len != nonce.len || memcmp(c.head.nonce, nonce.data, nonce.len) != 0))
		r = err_set(e, -EKEYREJECTED,
			    "%s is not for this challenge: it is old, or another TPM's",
			    ENROL_CERTIFY);
	if (!r && (c.name_len != n->key.name_len || memcmp(c.name, n->key.name, c.name_len) != 0))
		r = err_set(e, -EKEYREJECTED, "%s is about another key", ENROL_CERTIFY);
	buf_free(&nonce);
	return r;
}
