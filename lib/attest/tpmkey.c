/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys, and what they sign. */
#include <errno.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "tpmint.h"
#include "tpmkey.h"

#define FIXED (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)

static void fill_ecc(TPMT_PUBLIC *p)
{
	p->type = TPM2_ALG_ECC;
	p->parameters.eccDetail.symmetric.algorithm = TPM2_ALG_NULL;
	p->parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
	p->parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
	p->parameters.eccDetail.curveID = TPM2_ECC_NIST_P256;
	p->parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
}

/* Without a scheme, unless it is restricted: TLS signs with PKCS#1 v1.5 and PSS. */
static void fill_rsa(TPMT_PUBLIC *p, bool restricted)
{
	p->type = TPM2_ALG_RSA;
	p->parameters.rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
	p->parameters.rsaDetail.scheme.scheme = restricted ? TPM2_ALG_RSASSA : TPM2_ALG_NULL;
	p->parameters.rsaDetail.scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
	p->parameters.rsaDetail.keyBits = 2048;
}

static void fill(const struct tpm_key_wish *wish, TPMT_PUBLIC *p)
{
	p->nameAlg = TPM2_ALG_SHA256;
	p->objectAttributes = FIXED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_NODA;
	if (wish->ak)
		p->objectAttributes |= TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_USERWITHAUTH;
	else
		memcpy(p->authPolicy.buffer, wish->policy, sizeof(wish->policy));
	p->authPolicy.size = wish->ak ? 0 : sizeof(wish->policy);
	if (wish->rsa)
		fill_rsa(p, wish->ak);
	else
		fill_ecc(p);
}

int tpm_key_create(struct tpm *t, const struct tpm_key_wish *wish, struct keyfile *ret,
		   struct err *e)
{
	TPM2B_SENSITIVE_CREATE sensitive = {0};
	TPM2B_PUBLIC in = {0};

	fill(wish, &in.publicArea);
	return tpm_create(t, TPM_STORAGE_KEYFILE, &sensitive, &in, ret, e);
}

int tpm_can_check(struct tpm *t, const void *public, size_t len, struct err *e)
{
	TPM2B_PUBLIC in = {0};
	ESYS_TR key = ESYS_TR_NONE;
	size_t n = 0;
	int r = tpm_rc(Tss2_MU_TPM2B_PUBLIC_Unmarshal(public, len, &n, &in), "public key", e);

	if (r)
		return r;
	r = tpm_rc(Esys_LoadExternal(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL, &in,
				     ESYS_TR_RH_OWNER, &key),
		   "loading a public key", e);
	tpm_flush(t, &key);
	return r ? err_set(e, -EOPNOTSUPP,
			   "this TPM cannot check signatures of such a key; take one of ECC P-256 "
			   "or "
			   "RSA-2048")
		 : 0;
}

int tpm_keep_signed(const TPM2B_ATTEST *attest, const TPMT_SIGNATURE *sig, struct buf *ret,
		    struct buf *ret_sig, struct err *e)
{
	uint8_t buf[sizeof(TPMT_SIGNATURE)];
	size_t n = 0;
	int r = tpm_rc(Tss2_MU_TPMT_SIGNATURE_Marshal(sig, buf, sizeof(buf), &n), "signature", e);

	if (r)
		return r;
	buf_add(ret, attest->attestationData, attest->size);
	buf_add(ret_sig, buf, n);
	return ret->failed || ret_sig->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int tpm_quote(struct tpm *t, const struct keyfile *ak, const struct buf *nonce, enum bank bank,
	      uint32_t mask, struct buf *ret, struct buf *ret_sig, struct err *e)
{
	TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_NULL};
	TPML_PCR_SELECTION pcrs = {0};
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *sig = NULL;
	TPM2B_DATA data = {0};
	ESYS_TR key = ESYS_TR_NONE;
	int r;

	if (nonce->len > sizeof(data.buffer))
		return err_set(e, -E2BIG, "a nonce of %zu bytes", nonce->len);
	data.size = (UINT16)nonce->len;
	memcpy(data.buffer, nonce->data, nonce->len);
	for (unsigned i = 0; i < TPM_PCRS; i++)
		if (mask & 1U << i)
			(void)tpm_select(&pcrs, i, bank);
	r = tpm_load_key(t, ak, NULL, &key, e);
	r = r
		    ?: tpm_rc(Esys_Quote(t->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
					 &data, &scheme, &pcrs, &attest, &sig),
			      "quote", e);
	r = r ?: tpm_keep_signed(attest, sig, ret, ret_sig, e);
	Esys_Free(attest);
	Esys_Free(sig);
	tpm_flush(t, &key);
	return r;
}
