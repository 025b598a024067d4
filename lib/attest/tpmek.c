/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "tpmek.h"
#include "tpmint.h"

/* TCG EK Credential Profile, 2.2.1.4: where the certificates of L-1 and L-2 are. */
#define NV_EK_RSA 0x01c00002
#define NV_EK_ECC 0x01c0000a

#define NV_CHUNK 512 /* bytes; every TPM reads that many at once */
#define NV_MAX	 8192

/* PolicyA of the profile: TPM2_PolicySecret of the endorsement hierarchy. */
static const uint8_t ek_policy[] = {
	0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
	0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
	0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
};

static int read_nv(struct tpm *t, ESYS_TR nv, size_t size, struct buf *ret, struct err *e)
{
	int r = 0;

	for (size_t off = 0; !r && off < size;) {
		uint16_t want = size - off < NV_CHUNK ? (uint16_t)(size - off) : NV_CHUNK;
		TPM2B_MAX_NV_BUFFER *part = NULL;

		r = tpm_rc(Esys_NV_Read(t->esys, nv, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
					ESYS_TR_NONE, want, (UINT16)off, &part),
			   "reading the certificate of its endorsement key", e);
		if (!r)
			buf_add(ret, part->buffer, part->size);
		if (!r && part->size != want)
			r = err_set(e, -EIO, "TPM: certificate of its endorsement key: cut off");
		off += want;
		Esys_Free(part);
	}
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int cert_at(struct tpm *t, uint32_t index, struct buf *ret, struct err *e)
{
	TPM2B_NV_PUBLIC *public = NULL;
	ESYS_TR nv = ESYS_TR_NONE;
	int r = 0;

	if (Esys_TR_FromTPMPublic(t->esys, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &nv))
		return err_set(e, -ENOENT, "the TPM has no certificate of its endorsement key");
	r = tpm_rc(Esys_NV_ReadPublic(t->esys, nv, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				      &public, NULL),
		   "looking for the certificate of its endorsement key", e);
	if (!r && public->nvPublic.dataSize > NV_MAX)
		r = err_set(e, -E2BIG, "TPM: certificate of its endorsement key: %u bytes",
			    public->nvPublic.dataSize);
	r = r ?: read_nv(t, nv, public->nvPublic.dataSize, ret, e);
	Esys_Free(public);
	Esys_TR_Close(t->esys, &nv);
	return r;
}

int tpm_ek_cert(struct tpm *t, struct buf *ret, struct err *e)
{
	int r = cert_at(t, NV_EK_RSA, ret, e);

	return r == -ENOENT ? cert_at(t, NV_EK_ECC, ret, e) : r;
}

static void fill(bool rsa, TPMT_PUBLIC *p)
{
	TPMT_SYM_DEF_OBJECT aes = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB};

	p->type = rsa ? TPM2_ALG_RSA : TPM2_ALG_ECC;
	p->nameAlg = TPM2_ALG_SHA256;
	p->objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			      TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
			      TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
	p->authPolicy.size = sizeof(ek_policy);
	memcpy(p->authPolicy.buffer, ek_policy, sizeof(ek_policy));
	if (rsa) {
		p->parameters.rsaDetail.symmetric = aes;
		p->parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
		p->parameters.rsaDetail.keyBits = 2048;
		p->unique.rsa.size = 256;
	} else {
		p->parameters.eccDetail.symmetric = aes;
		p->parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
		p->parameters.eccDetail.curveID = TPM2_ECC_NIST_P256;
		p->parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
		p->unique.ecc.x.size = p->unique.ecc.y.size = 32;
	}
}

static int make_ek(struct tpm *t, bool rsa, ESYS_TR *ret, struct err *e)
{
	TPM2B_SENSITIVE_CREATE sensitive = {0};
	TPML_PCR_SELECTION pcrs = {0};
	TPM2B_DATA outside = {0};
	TPM2B_PUBLIC in = {0};

	fill(rsa, &in.publicArea);
	return tpm_rc(Esys_CreatePrimary(t->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
					 ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &in, &outside,
					 &pcrs, ret, NULL, NULL, NULL, NULL),
		      "making its endorsement key", e);
}

static int ek_session(struct tpm *t, ESYS_TR *ret, struct err *e)
{
	TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
	int r;

	r = tpm_rc(Esys_StartAuthSession(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					 ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_POLICY, &none,
					 TPM2_ALG_SHA256, ret),
		   "starting a session", e);
	return r
		       ?: tpm_rc(Esys_PolicySecret(t->esys, ESYS_TR_RH_ENDORSEMENT, *ret,
						   ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
						   NULL, NULL, NULL, 0, NULL, NULL),
				 "policy of its endorsement key", e);
}

static int unmarshal(const struct buf *b, TPM2B_ID_OBJECT *id, TPM2B_ENCRYPTED_SECRET *secret,
		     struct err *e)
{
	size_t n = 0;

	if (Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(b->data, b->len, &n, id) ||
	    Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(b->data, b->len, &n, secret) || n != b->len)
		return err_set(e, -EBADMSG, "a credential that is malformed");
	return 0;
}

int tpm_activate(struct tpm *t, bool rsa, const struct keyfile *ak, const struct buf *credential,
		 struct buf *ret, struct err *e)
{
	ESYS_TR key = ESYS_TR_NONE, ek = ESYS_TR_NONE, session = ESYS_TR_NONE;
	TPM2B_ENCRYPTED_SECRET seed = {0};
	TPM2B_DIGEST *secret = NULL;
	TPM2B_ID_OBJECT id = {0};
	int r = unmarshal(credential, &id, &seed, e);

	r = r ?: tpm_load_key(t, ak, NULL, &key, e);
	r = r ?: make_ek(t, rsa, &ek, e);
	r = r ?: ek_session(t, &session, e);
	if (!r && tpm_rc(Esys_ActivateCredential(t->esys, key, ek, ESYS_TR_PASSWORD, session,
						 ESYS_TR_NONE, &id, &seed, &secret),
			 "challenge", e))
		r = e->code = -EKEYREJECTED;
	if (!r)
		buf_add(ret, secret->buffer, secret->size);
	Esys_Free(secret);
	tpm_flush(t, &session);
	tpm_flush(t, &ek);
	tpm_flush(t, &key);
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int tpm_certify(struct tpm *t, const struct keyfile *ak, const struct keyfile *key,
		const struct buf *nonce, struct buf *ret, struct buf *ret_sig, struct err *e)
{
	ESYS_TR signer = ESYS_TR_NONE, object = ESYS_TR_NONE;
	TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_NULL};
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *sig = NULL;
	TPM2B_DATA data = {0};
	int r;

	if (nonce->len > sizeof(data.buffer))
		return err_set(e, -E2BIG, "a nonce of %zu bytes", nonce->len);
	data.size = (UINT16)nonce->len;
	memcpy(data.buffer, nonce->data, nonce->len);
	r = tpm_load_key(t, ak, NULL, &signer, e);
	r = r ?: tpm_load_key(t, key, NULL, &object, e);
	/* Its ADMIN role needs no policy: adminWithPolicy is clear. */
	r = r
		    ?: tpm_rc(Esys_Certify(t->esys, object, signer, ESYS_TR_PASSWORD,
					   ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &scheme, &attest,
					   &sig),
			      "certifying the key", e);
	r = r ?: tpm_keep_signed(attest, sig, ret, ret_sig, e);
	Esys_Free(attest);
	Esys_Free(sig);
	tpm_flush(t, &object);
	tpm_flush(t, &signer);
	return r;
}
