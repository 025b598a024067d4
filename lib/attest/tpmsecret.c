/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "tpmint.h"
#include "tpmsecret.h"

/* IMA extends its register all the time, which ends a policy session on its way. */
#define TRIES 16

int tpm_secret_seal(struct tpm *t, enum tpm_storage kind, const uint8_t policy[POLICY_SIZE],
		    const struct buf *secret, struct keyfile *ret, struct err *e)
{
	TPM2B_PUBLIC in = {.publicArea = {
				   .type = TPM2_ALG_KEYEDHASH,
				   .nameAlg = TPM2_ALG_SHA256,
				   .objectAttributes = TPMA_OBJECT_FIXEDTPM |
						       TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA,
				   .authPolicy.size = POLICY_SIZE,
				   .parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL,
			   }};
	TPM2B_SENSITIVE_CREATE sensitive = {0};
	int r;

	if (!secret->len || secret->len > TPM_SECRET_MAX)
		return err_set(e, secret->len ? -E2BIG : -EINVAL,
			       "a secret of %zu bytes: it must have 1 to %d", secret->len,
			       TPM_SECRET_MAX);
	memcpy(in.publicArea.authPolicy.buffer, policy, POLICY_SIZE);
	sensitive.sensitive.data.size = (UINT16)secret->len;
	memcpy(sensitive.sensitive.data.buffer, secret->data, secret->len);
	r = tpm_create(t, kind, &sensitive, &in, ret, e);
	explicit_bzero(&sensitive, sizeof(sensitive));
	ret->sealed = true;
	return r;
}

static TSS2_RC do_pcr(struct tpm *t, ESYS_TR session, const struct keyfile_policy *p)
{
	TPML_PCR_SELECTION pcrs = {0};
	TPM2B_DIGEST digest = {0};
	size_t n = 0;

	if (Tss2_MU_TPM2B_DIGEST_Unmarshal(p->body, p->len, &n, &digest) ||
	    Tss2_MU_TPML_PCR_SELECTION_Unmarshal(p->body, p->len, &n, &pcrs) || n != p->len)
		return TPM2_RC_FAILURE;
	return Esys_PolicyPCR(t->esys, session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &digest,
			      &pcrs);
}

/* The TPM itself checks the approver's signature, and keeps that for the session as a ticket. */
static TSS2_RC do_authorize(struct tpm *t, ESYS_TR session, const struct policy_authorize *a,
			    const uint8_t approved[POLICY_SIZE], const uint8_t signed_digest[32])
{
	TPM2B_DIGEST digest = {.size = 32}, state = {.size = POLICY_SIZE};
	TPM2B_NONCE ref = {.size = (UINT16)a->ref_len};
	TPMT_TK_VERIFIED *ticket = NULL;
	ESYS_TR key = ESYS_TR_NONE;
	TPM2B_PUBLIC public = {0};
	TPMT_SIGNATURE sig = {0};
	TPM2B_NAME *name = NULL;
	size_t n = 0, end = 0;
	TSS2_RC rc;

	if (a->ref_len > sizeof(ref.buffer) ||
	    Tss2_MU_TPM2B_PUBLIC_Unmarshal(a->public, a->public_len, &n, &public) ||
	    Tss2_MU_TPMT_SIGNATURE_Unmarshal(a->sig, a->sig_len, &end, &sig))
		return TPM2_RC_FAILURE;
	memcpy(digest.buffer, signed_digest, 32);
	memcpy(state.buffer, approved, POLICY_SIZE);
	memcpy(ref.buffer, a->ref, a->ref_len);
	rc = Esys_LoadExternal(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL, &public,
			       ESYS_TR_RH_OWNER, &key);
	rc = rc ?: Esys_TR_GetName(t->esys, key, &name);
	rc = rc
		     ?: Esys_VerifySignature(t->esys, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					     &digest, &sig, &ticket);
	rc = rc
		     ?: Esys_PolicyAuthorize(t->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
					     ESYS_TR_NONE, &state, &ref, name, ticket);
	Esys_Free(ticket);
	Esys_Free(name);
	tpm_flush(t, &key);
	return rc;
}

/* *rc: what the TPM said to a policy that could be read. */
static int execute(struct tpm *t, ESYS_TR session, const struct keyfile_sequence *s, TSS2_RC *rc,
		   struct err *e)
{
	uint8_t is[POLICY_SIZE], approved[POLICY_SIZE], signed_digest[32];
	const struct keyfile_policy *authorize = keyfile_authorize(s);
	size_t n = authorize ? s->n - 1 : s->n;
	struct policy_authorize a = {0};
	int r = policy_digest(s, is, approved, e);

	if (!r && authorize)
		r = policy_authorize_split(authorize, &a, e);
	if (!r && authorize)
		r = policy_signed_digest(approved, &a, signed_digest, e);
	*rc = 0;
	for (size_t i = 0; !r && !*rc && i < n; i++)
		*rc = do_pcr(t, session, &s->items[i]);
	if (!r && !*rc && authorize)
		*rc = do_authorize(t, session, &a, approved, signed_digest);
	return r;
}

/* Not in this state, or an approval that is none; without the parameter's or session's number. */
static bool is_refusal(TSS2_RC rc)
{
	TSS2_RC what = rc & 0xff & ~(TSS2_RC)TPM2_RC_P;

	return (rc & 0xffff) == TPM2_RC_PCR_CHANGED || what == TPM2_RC_VALUE ||
	       what == TPM2_RC_POLICY_FAIL || what == TPM2_RC_SIGNATURE;
}

/* 0, or 1 with *rc set: not in this state. */
static int try_one(struct tpm *t, ESYS_TR parent, ESYS_TR key, const struct keyfile_sequence *s,
		   struct buf *ret, TSS2_RC *rc, struct err *e)
{
	TPM2B_SENSITIVE_DATA *data = NULL;
	ESYS_TR session = ESYS_TR_NONE;
	int r = tpm_session(t, parent, TPM2_SE_POLICY, TPMA_SESSION_ENCRYPT, &session, e);

	r = r ?: execute(t, session, s, rc, e);
	if (!r && !*rc)
		*rc = Esys_Unseal(t->esys, key, session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
	if (!r && !*rc) {
		buf_add(ret, data->buffer, data->size);
		explicit_bzero(data->buffer, sizeof(data->buffer));
	}
	Esys_Free(data);
	tpm_flush(t, &session);
	if (!r && *rc)
		r = is_refusal(*rc) ? 1 : tpm_rc(*rc, "giving out the secret", e);
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int try_often(struct tpm *t, ESYS_TR parent, ESYS_TR key, const struct keyfile_sequence *s,
		     struct buf *ret, struct err *e)
{
	TSS2_RC rc = 0;
	int r = 1;

	for (int i = 0; r == 1 && (!rc || (rc & 0xffff) == TPM2_RC_PCR_CHANGED) && i < TRIES; i++)
		r = try_one(t, parent, key, s, ret, &rc, e);
	return r;
}

/* What goes wrong with one need not with another. */
static int try_approvals(struct tpm *t, ESYS_TR parent, ESYS_TR key, const struct keyfile *k,
			 struct buf *ret, struct err *e)
{
	int wrong = 1;

	for (size_t i = 0; i < k->n_approvals; i++) {
		int r = try_often(t, parent, key, &k->approvals[i], ret, e);

		if (!r)
			return 0;
		wrong = r == 1 ? wrong : r;
	}
	return wrong;
}

int tpm_secret_open(struct tpm *t, const struct keyfile *k, struct buf *ret, struct err *e)
{
	ESYS_TR parent = ESYS_TR_NONE, key = ESYS_TR_NONE;
	bool direct = k->policy.n && !keyfile_authorize(&k->policy);
	int r = k->sealed ? 0 : err_set(e, -EINVAL, "the file holds a key, not a secret");

	r = r ?: tpm_load_key(t, k, &parent, &key, e);
	if (!r)
		r = direct ? try_often(t, parent, key, &k->policy, ret, e)
			   : try_approvals(t, parent, key, k, ret, e);
	if (r == 1)
		r = err_set(e, -EKEYREJECTED,
			    "the TPM does not give it out: the registers hold no approved state");
	tpm_flush(t, &parent);
	tpm_flush(t, &key);
	return r;
}
