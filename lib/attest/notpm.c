/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instead of everything that needs tss2, where that was not there at build time. */
#include <errno.h>

#include "tpmek.h"
#include "tpmkey.h"
#include "tpmsecret.h"

int tpm_open(const char *tcti, struct tpm **ret, struct err *e)
{
	*ret = NULL;
	return err_set(e, -EOPNOTSUPP, "this program was built without TPM support (-Dattest)");
}

struct tpm *tpm_close(struct tpm *t)
{
	return t;
}

int tpm_banks(struct tpm *t, unsigned pcr, enum bank ret[BANK_MAX], struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_pcr_read(struct tpm *t, unsigned pcr, enum bank bank, uint8_t ret[BANK_SIZE_MAX],
		 struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_pcr_extend(struct tpm *t, unsigned pcr, const enum bank banks[BANK_MAX],
		   uint8_t digests[BANK_MAX][BANK_SIZE_MAX], struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_key_create(struct tpm *t, const struct tpm_key_wish *wish, struct keyfile *ret,
		   struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_quote(struct tpm *t, const struct keyfile *ak, const struct buf *nonce, enum bank bank,
	      uint32_t mask, struct buf *ret, struct buf *ret_sig, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_can_check(struct tpm *t, const void *public, size_t len, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_ek_cert(struct tpm *t, struct buf *ret, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_activate(struct tpm *t, bool rsa, const struct keyfile *ak, const struct buf *credential,
		 struct buf *ret, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_certify(struct tpm *t, const struct keyfile *ak, const struct keyfile *key,
		const struct buf *nonce, struct buf *ret, struct buf *ret_sig, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_secret_seal(struct tpm *t, enum tpm_storage kind, const uint8_t policy[POLICY_SIZE],
		    const struct buf *secret, struct keyfile *ret, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}

int tpm_secret_open(struct tpm *t, const struct keyfile *k, struct buf *ret, struct err *e)
{
	return err_set(e, -EOPNOTSUPP, "no TPM support");
}
