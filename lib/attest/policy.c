/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "pcrs.h"
#include "policy.h"

static size_t be16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static int split_authorize(const struct keyfile_policy *p, struct policy_authorize *ret)
{
	const uint8_t *at, *end;

	if (!p || p->command != KEYFILE_AUTHORIZE)
		return -EBADMSG;
	at = p->body;
	end = at + p->len;
	if (end - at < 2 || be16(at) > (size_t)(end - at) - 2)
		return -EBADMSG;
	ret->public = at;
	ret->public_len = 2 + be16(at);
	at += ret->public_len;
	if (end - at < 2 || be16(at) > (size_t)(end - at) - 2)
		return -EBADMSG;
	ret->ref = at + 2;
	ret->ref_len = be16(at);
	at += 2 + ret->ref_len;
	ret->sig = at;
	ret->sig_len = (size_t)(end - at);
	return 0;
}

static int hash(const struct buf *b, uint8_t ret[POLICY_SIZE], struct err *e)
{
	return b->failed ? err_set(e, -ENOMEM, "out of memory")
			 : bank_hash(BANK_SHA256, b->data, b->len, ret, e);
}

int policy_authorize_split(const struct keyfile_policy *p, struct policy_authorize *ret,
			   struct err *e)
{
	return split_authorize(p, ret) ? err_set(e, -EBADMSG, "malformed PolicyAuthorize") : 0;
}

int policy_signed_digest(const uint8_t approved[POLICY_SIZE], const struct policy_authorize *a,
			 uint8_t ret[POLICY_SIZE], struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	buf_add(&b, approved, POLICY_SIZE);
	buf_add(&b, a->ref, a->ref_len);
	r = hash(&b, ret, e);
	buf_free(&b);
	return r;
}

/* H(digest || TPM_CC_PolicyPCR || selection || digest of the values) */
static int after_pcr(const struct keyfile_policy *p, uint8_t digest[POLICY_SIZE], struct err *e)
{
	size_t head = 2 + POLICY_SIZE;
	struct buf b = BUF_INIT;
	int r;

	if (p->len <= head || be16(p->body) != POLICY_SIZE)
		return err_set(e, -EBADMSG, "malformed PolicyPCR");
	buf_add(&b, digest, POLICY_SIZE);
	buf_add_be32(&b, KEYFILE_PCR);
	buf_add(&b, p->body + head, p->len - head);
	buf_add(&b, p->body + 2, POLICY_SIZE);
	r = hash(&b, digest, e);
	buf_free(&b);
	return r;
}

/* H(H(zeros || TPM_CC_PolicyAuthorize || name of the key) || policyRef) */
static int after_authorize(const struct keyfile_policy *p, uint8_t digest[POLICY_SIZE],
			   struct err *e)
{
	static const uint8_t zeros[POLICY_SIZE];
	struct buf b = BUF_INIT;
	struct policy_authorize a;
	struct tpmpub pub;
	int r = split_authorize(p, &a);

	if (r)
		return err_set(e, r, "malformed PolicyAuthorize");
	r = tpmpub_parse(a.public, a.public_len, &pub, e);
	if (r)
		return r;
	buf_add(&b, zeros, sizeof(zeros));
	buf_add_be32(&b, KEYFILE_AUTHORIZE);
	buf_add(&b, pub.name, pub.name_len);
	r = hash(&b, digest, e);
	b.len = 0;
	buf_add(&b, digest, POLICY_SIZE);
	buf_add(&b, a.ref, a.ref_len);
	r = r ?: hash(&b, digest, e);
	tpmpub_done(&pub);
	buf_free(&b);
	return r;
}

static int after(const struct keyfile_policy *p, uint8_t digest[POLICY_SIZE], struct err *e)
{
	switch (p->command) {
	case KEYFILE_PCR:
		return after_pcr(p, digest, e);
	case KEYFILE_AUTHORIZE:
		return after_authorize(p, digest, e);
	default:
		return err_set(e, -EOPNOTSUPP, "policy command %#x is not known here", p->command);
	}
}

int policy_digest(const struct keyfile_sequence *s, uint8_t ret[POLICY_SIZE],
		  uint8_t approved[POLICY_SIZE], struct err *e)
{
	const struct keyfile_policy *authorize = keyfile_authorize(s);
	int r = 0;

	memset(ret, 0, POLICY_SIZE);
	for (const struct keyfile_policy *p = s->items; !r && p < s->items + s->n; p++) {
		if (p == authorize && approved)
			memcpy(approved, ret, POLICY_SIZE);
		r = after(p, ret, e);
	}
	return r;
}

int policy_for_public(const struct buf *public, const char *ref, struct keyfile_sequence *ret,
		      struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	buf_add(&b, public->data, public->len);
	buf_add_be16(&b, (uint16_t)strlen(ref));
	buf_add(&b, ref, strlen(ref));
	buf_add_be16(&b, 0x0010); /* TPM_ALG_NULL: no signature yet */
	r = b.failed || public->failed ? err_set(e, -ENOMEM, "out of memory")
				       : keyfile_add(ret, KEYFILE_AUTHORIZE, &b, e);
	buf_free(&b);
	return r;
}

int policy_for_approver(const struct cert *c, enum policy_style style, struct keyfile_sequence *ret,
			struct err *e)
{
	bool ours = style == POLICY_STYLE_DIGLIM;
	struct buf public = BUF_INIT;
	int r = tpmpub_of_cert(c, ours ? TPMPUB_FORM_PLAIN : TPMPUB_FORM_SYSTEMD, &public, e);

	r = r ?: policy_for_public(&public, ours ? POLICY_REF : "", ret, e);
	buf_free(&public);
	return r;
}

/* What the approver signs: the digest and what it is for. */
static int sign(const struct buf *pcr, const struct policy_authorize *a, struct signer *signer,
		struct buf *ret, struct err *e)
{
	struct keyfile_policy p = {KEYFILE_PCR, pcr->data, pcr->len};
	uint8_t digest[POLICY_SIZE] = {0};
	struct buf b = BUF_INIT;
	int r = after(&p, digest, e);

	buf_add(&b, digest, sizeof(digest));
	buf_add(&b, a->ref, a->ref_len);
	if (!r && b.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	r = r ?: signer_sign_for_tpm(signer, b.data, b.len, ret, e);
	buf_free(&b);
	return r;
}

/* Nothing else is signed, whatever a file asks for; systemd has secrets only. */
static int check_ref(const struct keyfile *k, const struct policy_authorize *a, struct err *e)
{
	bool ours =
		a->ref_len == sizeof(POLICY_REF) - 1 && memcmp(a->ref, POLICY_REF, a->ref_len) == 0;

	return ours || (k->sealed && !a->ref_len)
		       ? 0
		       : err_set(e, -EKEYREJECTED,
				 "the key asks for signatures that are no approvals");
}

/* Key and policyRef as the policy of the key has them, and the signature. */
static int approve(const struct keyfile *k, const struct buf *pcr, struct signer *signer,
		   struct buf *ret, struct err *e)
{
	struct policy_authorize a = {0};
	struct buf sig = BUF_INIT;
	int r;

	if (!keyfile_authorize(&k->policy))
		return err_set(e, -EKEYREJECTED, "the key asks for no approvals");
	r = policy_authorize_split(keyfile_authorize(&k->policy), &a, e);
	r = r ?: check_ref(k, &a, e);
	r = r ?: sign(pcr, &a, signer, &sig, e);
	if (!r) {
		buf_add(ret, a.public, a.public_len);
		buf_add_be16(ret, (uint16_t)a.ref_len);
		buf_add(ret, a.ref, a.ref_len);
		buf_add(ret, sig.data, sig.len);
	}
	buf_free(&sig);
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int policy_approve(struct keyfile *k, const char *name, const struct buf *pcr,
		   struct signer *signer, struct err *e)
{
	struct keyfile_sequence *s = NULL;
	struct buf body = BUF_INIT;
	int r = approve(k, pcr, signer, &body, e);

	if (!r) {
		s = keyfile_approval(k, name, e);
		r = s ? 0 : -ENOMEM;
	}
	r = r ?: keyfile_add(s, KEYFILE_PCR, pcr, e);
	r = r ?: keyfile_add(s, KEYFILE_AUTHORIZE, &body, e);
	if (!r) {
		r = policy_check_approval(k, s, e);
		/* Of another key, or of another kind of key. */
		if (r == -EKEYREJECTED || r == -EBADMSG)
			r = err_set(e, -EKEYREJECTED, "not the approver that the key asks for");
	}
	buf_free(&body);
	return r;
}

int policy_check_approval(const struct keyfile *k, const struct keyfile_sequence *s, struct err *e)
{
	uint8_t want[POLICY_SIZE], is[POLICY_SIZE], approved[POLICY_SIZE];
	struct buf b = BUF_INIT;
	struct policy_authorize a;
	struct tpmpub pub;
	int r;

	if (split_authorize(keyfile_authorize(s), &a))
		return err_set(e, -EBADMSG, "an approval without PolicyAuthorize");
	r = policy_digest(&k->policy, want, NULL, e);
	r = r ?: policy_digest(s, is, approved, e);
	if (r)
		return r;
	if (memcmp(want, is, sizeof(is)) != 0)
		return err_set(e, -EKEYREJECTED, "not the approver that the key asks for");
	r = tpmpub_parse(a.public, a.public_len, &pub, e);
	if (r)
		return r;
	buf_add(&b, approved, sizeof(approved));
	buf_add(&b, a.ref, a.ref_len);
	r = b.failed ? err_set(e, -ENOMEM, "out of memory")
		     : tpmpub_check(&pub, b.data, b.len, a.sig, a.sig_len, e);
	tpmpub_done(&pub);
	buf_free(&b);
	return r;
}

int policy_check_public(const struct keyfile *k, const struct tpmpub *pub, struct err *e)
{
	uint8_t digest[POLICY_SIZE];
	int r = policy_digest(&k->policy, digest, NULL, e);

	if (r)
		return r;
	if (!k->policy.n)
		return pub->policy_len || !(pub->attributes & TPMPUB_RESTRICTED)
			       ? err_set(e, -EBADMSG, "the file does not say what policy it has")
			       : 0;
	if (pub->attributes & TPMPUB_USER_WITH_AUTH)
		return err_set(e, -EBADMSG, "it also works without its policy (userWithAuth)");
	if (pub->policy_len != sizeof(digest) || memcmp(pub->policy, digest, sizeof(digest)) != 0)
		return err_set(e, -EBADMSG, "its policy is not the one that its file names");
	return 0;
}

int policy_pcr_selection(const struct keyfile_policy *p, enum bank *bank, uint32_t *mask)
{
	const uint8_t *at = p->body + 2 + POLICY_SIZE;
	size_t len = p->len;

	if (p->command != KEYFILE_PCR || len != 2 + POLICY_SIZE + 10 ||
	    be16(p->body) != POLICY_SIZE || be16(at) || be16(at + 2) != 1 || at[6] != 3)
		return -EBADMSG;
	*bank = bank_by_number((uint32_t)be16(at + 4));
	*mask = (uint32_t)at[7] | (uint32_t)at[8] << 8 | (uint32_t)at[9] << 16;
	return *bank ? 0 : -EBADMSG;
}
