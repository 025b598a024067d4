/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instead of everything that needs tss2, where that was not there at build time. */
#include <errno.h>

#include "tpm.h"

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
