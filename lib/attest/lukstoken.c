/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading it; lukstokenwrite.c has the rest. */
#include <errno.h>
#include <string.h>

#include "lukstoken.h"
#include "policy.h"
#include "../base/hex.h"
#include "../base/take.h"
#include "../crypto/armor.h"
#include "../crypto/tpmpub.h"
#include "../output/json.h"

enum {
	RH_OWNER = 0x40000001,
	HT_PERSISTENT = 0x81,
};

/* Base64 of less than LUKSTOKEN_MAX bytes, since the whole token has no more. */
static int take_base64(const struct jsonr *j, const char *key, struct buf *ret, struct err *e)
{
	const char *text = jsonr_str(j, key);

	if (text && !armor_base64(text, strlen(text), ret, NULL) && ret->len)
		return 0;
	buf_free(ret);
	return err_set(e, -EBADMSG, "\"%s\" is not there, or no base64", key);
}

/* Registers; an array that is absent has none. */
static int take_mask(const struct jsonr *j, const char *key, uint32_t *ret, struct err *e)
{
	size_t n = jsonr_array_len(j, key);
	uint64_t pcr;

	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		if (!jsonr_array_num(j, key, i, &pcr) || pcr >= PCRS_N)
			return err_set(e, -EBADMSG, "\"%s\" has something that is no register",
				       key);
		*ret |= UINT32_C(1) << pcr;
	}
	return 0;
}

/* What decides must not be overlooked for its type. */
static int check_kinds(const struct jsonr *j, struct err *e)
{
	static const struct {
		const char *key;
		enum jsonr_kind kind;
		bool needed;
	} members[] = {
		{"type", JSONR_STRING, true},
		{"tpm2-blob", JSONR_STRING, true},
		{"tpm2-policy-hash", JSONR_STRING, true},
		{"tpm2-pcrs", JSONR_ARRAY, true},
		{"tpm2-pcr-bank", JSONR_STRING, false},
		{"tpm2-primary-alg", JSONR_STRING, false},
		{"tpm2-pin", JSONR_BOOL, false},
		{"tpm2_pcrlock", JSONR_BOOL, false},
		{"tpm2_pubkey_pcrs", JSONR_ARRAY, false},
		{"tpm2_pubkey", JSONR_STRING, false},
		{"tpm2_srk", JSONR_STRING, false},
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		enum jsonr_kind is = jsonr_kind(j, members[i].key);

		if (is != members[i].kind && (members[i].needed || is != JSONR_ABSENT))
			return err_set(e, -EBADMSG, "\"%s\" is not there, or of another type",
				       members[i].key);
	}
	return 0;
}

static int refuse(const struct jsonr *j, struct err *e)
{
	const char *bank = jsonr_str(j, "tpm2-pcr-bank");

	if (strcmp(jsonr_str(j, "type"), "systemd-tpm2") != 0)
		return err_set(e, -EBADMSG, "no token of the type systemd-tpm2");
	if (jsonr_bool(j, "tpm2-pin"))
		return err_set(e, -EOPNOTSUPP, "it asks for a PIN, which is not known here");
	if (jsonr_bool(j, "tpm2_pcrlock"))
		return err_set(e, -EOPNOTSUPP,
			       "it asks for a policy of systemd-pcrlock, which is "
			       "not known here");
	if (bank && strcmp(bank, "sha256") != 0)
		return err_set(e, -EOPNOTSUPP, "its bank is not sha256");
	return 0;
}

/*
 * The storage key: in "tpm2_srk" an object as tss2-esys serialises it, which begins with its handle
 * (src/tss2-esys/esys_mu.c); without it one that systemd makes when it needs it.
 */
static int take_parent(const struct jsonr *j, struct keyfile *ret, struct err *e)
{
	const char *alg = jsonr_str(j, "tpm2-primary-alg");
	struct buf srk = BUF_INIT;
	struct take_in in;
	int r;

	ret->parent = RH_OWNER;
	if (!jsonr_has(j, "tpm2_srk"))
		return alg && strcmp(alg, "ecc") != 0
			       ? err_set(e, -EOPNOTSUPP,
					 "its storage key is made anew each time, "
					 "and not of ECC P-256")
			       : 0;
	r = take_base64(j, "tpm2_srk", &srk, e);
	in = (struct take_in){srk.data, srk.len, false};
	ret->parent = take_be(&in, 4);
	if (!r && ret->parent >> 24 != HT_PERSISTENT)
		r = err_set(e, -EBADMSG, "\"tpm2_srk\" is no key that is kept in the TPM");
	buf_free(&srk);
	return r;
}

/* TPM2B_PRIVATE and TPM2B_PUBLIC. */
static int take_blob(const struct jsonr *j, struct keyfile *ret, struct err *e)
{
	struct buf blob = BUF_INIT;
	struct take_in in;
	size_t private, public;
	int r = take_base64(j, "tpm2-blob", &blob, e);

	if (r)
		return r;
	in = (struct take_in){blob.data, blob.len, false};
	(void)take_2b(&in, &private);
	(void)take_2b(&in, &public);
	if (in.bad || in.len) {
		r = err_set(e, -EBADMSG, "\"tpm2-blob\" is malformed");
	} else {
		buf_add(&ret->private, blob.data, 2 + private);
		buf_add(&ret->public, blob.data + 2 + private, 2 + public);
	}
	buf_free(&blob);
	if (ret->private.failed || ret->public.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	ret->sealed = ret->empty_auth = true;
	return r;
}

/* 1: it leads to another digest. */
static int try_form(const struct buf *pem, enum tpmpub_form form, const uint8_t want[POLICY_SIZE],
		    struct keyfile *ret, struct err *e)
{
	struct keyfile k = {0};
	struct buf public = BUF_INIT;
	uint8_t is[POLICY_SIZE];
	int r = tpmpub_of_pem((const char *)pem->data, pem->len, form, &public, e);

	r = r ?: policy_for_public(&public, "", &k.policy, e);
	r = r ?: policy_digest(&k.policy, is, NULL, e);
	r = r ?: memcmp(is, want, sizeof(is)) != 0;
	if (!r) {
		ret->policy = k.policy;
		k.policy = (struct keyfile_sequence){0};
	}
	keyfile_done(&k);
	buf_free(&public);
	return r;
}

static int take_signed(const struct jsonr *j, const uint8_t want[POLICY_SIZE], struct keyfile *ret,
		       struct err *e)
{
	struct buf pem = BUF_INIT;
	int r = take_base64(j, "tpm2_pubkey", &pem, e);

	r = r ?: try_form(&pem, TPMPUB_FORM_SYSTEMD, want, ret, e);
	if (r == 1)
		r = try_form(&pem, TPMPUB_FORM_SYSTEMD_255, want, ret, e);
	buf_free(&pem);
	return r == 1 ? err_set(e, -EBADMSG, "its policy is not that of its public key alone") : r;
}

static int take_fixed(uint32_t mask, const uint8_t want[POLICY_SIZE], const struct pcrs *values,
		      struct keyfile *ret, struct err *e)
{
	struct buf body = BUF_INIT;
	uint8_t is[POLICY_SIZE];
	int r;

	if (!values)
		return err_set(e, -EINVAL,
			       "it is bound to values of registers, which it does not "
			       "name: --values");
	r = pcrs_policy_body(values, mask, &body, e);
	r = r ?: keyfile_add(&ret->policy, KEYFILE_PCR, &body, e);
	r = r ?: policy_digest(&ret->policy, is, NULL, e);
	buf_free(&body);
	if (r || !memcmp(is, want, sizeof(is)))
		return r;
	return err_set(e, -EKEYREJECTED, "it was made with other values of its registers");
}

/* What comes out only under its policy, and is a secret. */
static int check_public(const struct keyfile *k, struct err *e)
{
	struct tpmpub pub;
	int r = tpmpub_parse_sealed(k->public.data, k->public.len, &pub, e);

	r = r ?: policy_check_public(k, &pub, e);
	tpmpub_done(&pub);
	return r;
}

static int take_policy(const struct jsonr *j, const struct pcrs *values, struct keyfile *ret,
		       uint32_t *mask, struct err *e)
{
	const char *hex = jsonr_str(j, "tpm2-policy-hash");
	uint32_t fixed, approved;
	uint8_t want[POLICY_SIZE];
	int r;

	if (!hex || hex_decode(hex, strlen(hex), want, sizeof(want)))
		return err_set(e, -EBADMSG, "\"tpm2-policy-hash\" is not there, or no SHA-256");
	r = take_mask(j, "tpm2-pcrs", &fixed, e);
	r = r ?: take_mask(j, "tpm2_pubkey_pcrs", &approved, e);
	if (!r && fixed && approved)
		r = err_set(e, -EOPNOTSUPP,
			    "registers with a signed policy and fixed ones: take --tpm2-pcrs= for "
			    "none of the latter");
	if (!r && !fixed && !approved)
		r = err_set(e, -EBADMSG, "it is bound to no register");
	*mask = fixed | approved;
	if (!r)
		r = approved ? take_signed(j, want, ret, e)
			     : take_fixed(fixed, want, values, ret, e);
	return r ?: check_public(ret, e);
}

int lukstoken_read(const char *json, size_t len, const struct pcrs *values, struct keyfile *ret,
		   uint32_t *mask, struct err *e)
{
	struct jsonr *j = jsonr_parse(json, len);
	int r = j ? check_kinds(j, e) : err_set(e, -EBADMSG, "no JSON");

	r = r ?: refuse(j, e);
	r = r ?: take_parent(j, ret, e);
	r = r ?: take_blob(j, ret, e);
	r = r ?: take_policy(j, values, ret, mask, e);
	jsonr_free(j);
	return r;
}
