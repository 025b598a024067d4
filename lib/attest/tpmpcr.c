/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "tpmint.h"

static bool has(const TPMS_PCR_SELECTION *s, unsigned pcr)
{
	return pcr / 8 < s->sizeofSelect && s->pcrSelect[pcr / 8] & 1U << pcr % 8;
}

int tpm_select(TPML_PCR_SELECTION *ret, unsigned pcr, enum bank bank)
{
	TPMS_PCR_SELECTION *s = ret->pcrSelections;
	size_t i = 0;

	while (i < ret->count && s[i].hash != bank)
		i++;
	if (i == TPM2_NUM_PCR_BANKS || pcr >= TPM_PCRS)
		return -E2BIG;
	if (i == ret->count) {
		s[i] = (TPMS_PCR_SELECTION){.hash = (TPMI_ALG_HASH)bank, .sizeofSelect = 3};
		ret->count++;
	}
	s[i].pcrSelect[pcr / 8] |= (BYTE)(1U << pcr % 8);
	return 0;
}

int tpm_banks(struct tpm *t, unsigned pcr, enum bank ret[BANK_MAX], struct err *e)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	size_t n = 0;
	int r;

	memset(ret, 0, BANK_MAX * sizeof(*ret));
	r = tpm_rc(Esys_GetCapability(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				      TPM2_CAP_PCRS, 0, TPM2_MAX_CAP_HANDLES, NULL, &data),
		   "banks of registers", e);
	if (r)
		return r;
	for (UINT32 i = 0; i < data->data.assignedPCR.count && n < BANK_MAX; i++) {
		const TPMS_PCR_SELECTION *s = &data->data.assignedPCR.pcrSelections[i];

		if (has(s, pcr) && bank_by_number(s->hash))
			ret[n++] = bank_by_number(s->hash);
	}
	Esys_Free(data);
	return n ? 0 : err_set(e, -ENODATA, "the TPM has no register %u in a bank we know", pcr);
}

int tpm_pcr_read(struct tpm *t, unsigned pcr, enum bank bank, uint8_t ret[BANK_SIZE_MAX],
		 struct err *e)
{
	TPML_PCR_SELECTION want = {0}, *got = NULL;
	TPML_DIGEST *values = NULL;
	UINT32 counter;
	int r = tpm_select(&want, pcr, bank);

	if (r)
		return err_set(e, r, "no register %u", pcr);
	r = tpm_rc(Esys_PCR_Read(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &want, &counter,
				 &got, &values),
		   "reading a register", e);
	if (r)
		return r;
	if (values->count == 1 && values->digests[0].size == bank_size(bank))
		memcpy(ret, values->digests[0].buffer, bank_size(bank));
	else
		r = err_set(e, -ENODATA, "the TPM has no bank %s", bank_name(bank));
	Esys_Free(got);
	Esys_Free(values);
	return r;
}

int tpm_pcr_extend(struct tpm *t, unsigned pcr, const enum bank banks[BANK_MAX],
		   uint8_t digests[BANK_MAX][BANK_SIZE_MAX], struct err *e)
{
	TPML_DIGEST_VALUES values = {0};

	if (pcr >= TPM_PCRS)
		return err_set(e, -EINVAL, "no register %u", pcr);
	for (size_t i = 0; i < BANK_MAX && banks[i]; i++) {
		TPMT_HA *d = &values.digests[values.count++];

		d->hashAlg = (TPMI_ALG_HASH)banks[i];
		memcpy(&d->digest, digests[i], bank_size(banks[i]));
	}
	return tpm_rc(Esys_PCR_Extend(t->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				      ESYS_TR_NONE, &values),
		      "extending a register", e);
}
