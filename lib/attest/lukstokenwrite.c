/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lukstoken.h"
#include "policy.h"
#include "../crypto/armor.h"
#include "../crypto/tpmpub.h"
#include "../output/json.h"

static void put_mask(struct jsonw *j, const char *key, uint32_t mask)
{
	jsonw_array(j, key);
	for (unsigned i = 0; i < PCRS_N; i++)
		if (mask & UINT32_C(1) << i)
			jsonw_num(j, NULL, i);
	jsonw_end(j);
}

static void put_base64(struct jsonw *j, const char *key, const void *data, size_t len, bool *failed)
{
	struct buf text = BUF_INIT;

	armor_put_base64(&text, data, len, 0);
	buf_add_u8(&text, 0);
	if (text.failed)
		*failed = true;
	else
		jsonw_str(j, key, (const char *)text.data);
	buf_free(&text);
}

static int finish(struct jsonw *j, bool failed, struct buf *ret, struct err *e)
{
	char *text = jsonw_text(j, true);

	jsonw_free(j);
	if (text) {
		buf_add(ret, text, strlen(text));
		buf_add_u8(ret, '\n');
	}
	failed = failed || !text || ret->failed;
	free(text);
	return failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* The key of whom the policy takes approvals, if it is systemd's kind of policy. */
static int open_approver(const struct keyfile_policy *p, struct tpmpub *ret, struct err *e)
{
	struct policy_authorize a;
	int r = policy_authorize_split(p, &a, e);

	if (!r && a.ref_len)
		r = err_set(e, -EOPNOTSUPP,
			    "the approvals are DIGLIM's own: systemd does not take "
			    "them");
	return r ?: tpmpub_parse(a.public, a.public_len, ret, e);
}

static int put_policy(struct jsonw *j, const struct keyfile *k, uint32_t mask, bool *failed,
		      struct err *e)
{
	struct buf pem = BUF_INIT;
	struct tpmpub pub;
	enum bank bank;
	int r;

	if (k->policy.n == 1 && !policy_pcr_selection(&k->policy.items[0], &bank, &mask) &&
	    bank == BANK_SHA256) {
		put_mask(j, "tpm2-pcrs", mask);
		return 0;
	}
	if (k->policy.n != 1 || !keyfile_authorize(&k->policy))
		return err_set(e, -EOPNOTSUPP, "a token cannot say what its policy is");
	r = open_approver(keyfile_authorize(&k->policy), &pub, e);
	if (r)
		return r;
	r = tpmpub_pem(&pub, &pem, e);
	put_mask(j, "tpm2-pcrs", 0);
	put_mask(j, "tpm2_pubkey_pcrs", mask);
	put_base64(j, "tpm2_pubkey", pem.data, pem.len, failed);
	buf_free(&pem);
	tpmpub_done(&pub);
	return r;
}

int lukstoken_write(const struct keyfile *k, uint32_t mask, struct buf *ret, struct err *e)
{
	struct jsonw *j = jsonw_new(false);
	uint8_t digest[POLICY_SIZE];
	struct buf blob = BUF_INIT;
	bool failed = false;
	int r = policy_digest(&k->policy, digest, NULL, e);

	buf_add(&blob, k->private.data, k->private.len);
	buf_add(&blob, k->public.data, k->public.len);
	if (!r && (!j || blob.failed))
		r = err_set(e, -ENOMEM, "out of memory");
	if (!r) {
		jsonw_str(j, "type", "systemd-tpm2");
		jsonw_array(j, "keyslots");
		jsonw_end(j);
		put_base64(j, "tpm2-blob", blob.data, blob.len, &failed);
		jsonw_str(j, "tpm2-pcr-bank", "sha256");
		jsonw_str(j, "tpm2-primary-alg", "ecc");
		jsonw_hex(j, "tpm2-policy-hash", digest, sizeof(digest));
		jsonw_bool(j, "tpm2-pin", false);
		r = put_policy(j, k, mask, &failed, e);
	}
	buf_free(&blob);
	if (!r)
		return finish(j, failed, ret, e);
	jsonw_free(j);
	return r;
}

static int put_approval(struct jsonw *j, const struct keyfile_sequence *s, bool *failed,
			struct err *e)
{
	uint8_t all[POLICY_SIZE], approved[POLICY_SIZE], fingerprint[32];
	struct policy_authorize a;
	const uint8_t *sig;
	struct tpmpub pub;
	size_t sig_len = 0;
	enum bank bank = BANK_NONE;
	uint32_t mask = 0;
	int r = open_approver(keyfile_authorize(s), &pub, e);

	if (r)
		return r;
	r = policy_authorize_split(keyfile_authorize(s), &a, e);
	r = r ?: policy_digest(s, all, approved, e);
	r = r ?: tpmpub_pkcs1_digest(&pub, fingerprint, e);
	tpmpub_done(&pub);
	sig = r ? NULL : tpmpub_rsa_signature(a.sig, a.sig_len, &sig_len);
	if (!r && (!sig || s->n != 2 || policy_pcr_selection(&s->items[0], &bank, &mask) ||
		   bank != BANK_SHA256))
		r = err_set(e, -EOPNOTSUPP, "approval '%s' is not of systemd's kind", s->name);
	if (r)
		return r;
	jsonw_object(j, NULL);
	put_mask(j, "pcrs", mask);
	jsonw_hex(j, "pkfp", fingerprint, sizeof(fingerprint));
	jsonw_hex(j, "pol", approved, sizeof(approved));
	put_base64(j, "sig", sig, sig_len, failed);
	jsonw_end(j);
	return 0;
}

int lukstoken_signatures(const struct keyfile *k, struct buf *ret, struct err *e)
{
	struct jsonw *j = jsonw_new(false);
	bool failed = false;
	int r = j ? 0 : err_set(e, -ENOMEM, "out of memory");

	if (!r)
		jsonw_array(j, "sha256");
	for (size_t i = 0; !r && i < k->n_approvals; i++)
		r = k->approvals[i].n ? put_approval(j, &k->approvals[i], &failed, e)
				      : err_set(e, -EBADMSG, "an approval without a policy");
	if (!r)
		return finish(j, failed, ret, e);
	jsonw_free(j);
	return r;
}
