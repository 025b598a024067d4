/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What keys and secrets lie below, and how they come into the TPM and out of it. */
#include <errno.h>
#include <tss2/tss2_mu.h>

#include "tpmint.h"

#define STORAGE                                                                                    \
	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |        \
	 TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

int tpm_make_primary(struct tpm *t, enum tpm_storage kind, ESYS_TR *ret, struct err *e)
{
	TPM2B_PUBLIC in = {.publicArea = {
				   .type = TPM2_ALG_ECC,
				   .nameAlg = TPM2_ALG_SHA256,
				   .objectAttributes = STORAGE,
				   .parameters.eccDetail =
					   {
						   .symmetric = {.algorithm = TPM2_ALG_AES,
								 .keyBits.aes = 128,
								 .mode.aes = TPM2_ALG_CFB},
						   .scheme.scheme = TPM2_ALG_NULL,
						   .curveID = TPM2_ECC_NIST_P256,
						   .kdf.scheme = TPM2_ALG_NULL,
					   },
			   }};
	TPM2B_SENSITIVE_CREATE sensitive = {0};
	TPML_PCR_SELECTION pcrs = {0};
	TPM2B_DATA outside = {0};

	if (kind == TPM_STORAGE_KEYFILE)
		in.publicArea.objectAttributes |= TPMA_OBJECT_NODA;
	return tpm_rc(Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
					 ESYS_TR_NONE, &sensitive, &in, &outside, &pcrs, ret, NULL,
					 NULL, NULL, NULL),
		      "making the owner's primary key", e);
}

static int keep(const TPM2B_PUBLIC *public, const TPM2B_PRIVATE *private, struct keyfile *ret,
		struct err *e)
{
	uint8_t buf[sizeof(TPM2B_PUBLIC) + sizeof(TPM2B_PRIVATE)];
	size_t n = 0, end = 0;
	int r;

	r = tpm_rc(Tss2_MU_TPM2B_PUBLIC_Marshal(public, buf, sizeof(buf), &n), "public key", e);
	end = n;
	r = r
		    ?: tpm_rc(Tss2_MU_TPM2B_PRIVATE_Marshal(private, buf, sizeof(buf), &end),
			      "private key", e);
	if (r)
		return r;
	ret->empty_auth = true;
	ret->parent = TPM2_RH_OWNER;
	buf_add(&ret->public, buf, n);
	buf_add(&ret->private, buf + n, end - n);
	return ret->public.failed || ret->private.failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int tpm_session(struct tpm *t, ESYS_TR parent, TPM2_SE type, TPMA_SESSION attributes, ESYS_TR *ret,
		struct err *e)
{
	TPMT_SYM_DEF aes = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB};
	int r = tpm_rc(Esys_StartAuthSession(t->esys, parent, ESYS_TR_NONE, ESYS_TR_NONE,
					     ESYS_TR_NONE, ESYS_TR_NONE, NULL, type, &aes,
					     TPM2_ALG_SHA256, ret),
		       "starting a session", e);

	attributes |= TPMA_SESSION_CONTINUESESSION;
	return r
		       ?: tpm_rc(Esys_TRSess_SetAttributes(t->esys, *ret, attributes, attributes),
				 "encrypting a session", e);
}

int tpm_create(struct tpm *t, enum tpm_storage kind, const TPM2B_SENSITIVE_CREATE *sensitive,
	       const TPM2B_PUBLIC *in, struct keyfile *ret, struct err *e)
{
	TPML_PCR_SELECTION pcrs = {0};
	TPM2B_DATA outside = {0};
	TPM2B_PRIVATE *private = NULL;
	TPM2B_PUBLIC *public = NULL;
	ESYS_TR parent = ESYS_TR_NONE, session = ESYS_TR_NONE;
	int r = tpm_make_primary(t, kind, &parent, e);

	r = r ?: tpm_session(t, parent, TPM2_SE_HMAC, TPMA_SESSION_DECRYPT, &session, e);
	r = r
		    ?: tpm_rc(Esys_Create(t->esys, parent, ESYS_TR_PASSWORD, session, ESYS_TR_NONE,
					  sensitive, in, &outside, &pcrs, &private, &public, NULL,
					  NULL, NULL),
			      "making a key", e);
	r = r ?: keep(public, private, ret, e);
	Esys_Free(private);
	Esys_Free(public);
	tpm_flush(t, &session);
	tpm_flush(t, &parent);
	return r;
}

static TSS2_RC load(struct tpm *t, ESYS_TR parent, const TPM2B_PRIVATE *private,
		    const TPM2B_PUBLIC *public, ESYS_TR *ret)
{
	return Esys_Load(t->esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, private,
			 public, ret);
}

/* It lies below another parent. The number of the parameter that it is about is left out. */
static bool is_foreign(TSS2_RC rc)
{
	return (rc & 0xff & ~(TSS2_RC)TPM2_RC_P) == TPM2_RC_INTEGRITY;
}

/* A key file does not say which of the owner's primary keys its parent is. */
static int load_below_owner(struct tpm *t, const TPM2B_PRIVATE *private, const TPM2B_PUBLIC *public,
			    ESYS_TR *parent, ESYS_TR *ret, struct err *e)
{
	TSS2_RC rc;
	int r = tpm_make_primary(t, TPM_STORAGE_KEYFILE, parent, e);

	if (r)
		return r;
	rc = load(t, *parent, private, public, ret);
	if (!is_foreign(rc))
		return tpm_rc(rc, "loading the key", e);
	tpm_flush(t, parent);
	r = tpm_make_primary(t, TPM_STORAGE_SYSTEMD, parent, e);
	return r ?: tpm_rc(load(t, *parent, private, public, ret), "loading the key", e);
}

static int load_below(struct tpm *t, TPM2_HANDLE handle, const TPM2B_PRIVATE *private,
		      const TPM2B_PUBLIC *public, ESYS_TR *parent, ESYS_TR *ret, struct err *e)
{
	int r;

	if (handle == TPM2_RH_OWNER)
		return load_below_owner(t, private, public, parent, ret, e);
	if (handle >> TPM2_HR_SHIFT != TPM2_HT_PERSISTENT)
		return err_set(e, -EOPNOTSUPP,
			       "the key's parent is %#x, neither the owner's primary key nor one "
			       "that is kept in the TPM",
			       handle);
	r = tpm_rc(Esys_TR_FromTPMPublic(t->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					 parent),
		   "the key's parent", e);
	return r ?: tpm_rc(load(t, *parent, private, public, ret), "loading the key", e);
}

int tpm_load_key(struct tpm *t, const struct keyfile *k, ESYS_TR *parent, ESYS_TR *ret,
		 struct err *e)
{
	TPM2B_PRIVATE private = {0};
	ESYS_TR below = ESYS_TR_NONE;
	TPM2B_PUBLIC public = {0};
	size_t n = 0, end = 0;
	int r;

	r = tpm_rc(Tss2_MU_TPM2B_PUBLIC_Unmarshal(k->public.data, k->public.len, &n, &public),
		   "public part of the key file", e);
	r = r
		    ?: tpm_rc(Tss2_MU_TPM2B_PRIVATE_Unmarshal(k->private.data, k->private.len, &end,
							      &private),
			      "private part of the key file", e);
	r = r ?: load_below(t, k->parent, &private, &public, &below, ret, e);
	if (!r && parent)
		*parent = below;
	else
		tpm_flush(t, &below);
	return r;
}
