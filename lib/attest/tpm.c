/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "tpmint.h"

int tpm_rc(TSS2_RC rc, const char *what, struct err *e)
{
	return rc ? err_set(e, -EIO, "TPM, %s: %s", what, Tss2_RC_Decode(rc)) : 0;
}

int tpm_open(const char *tcti, struct tpm **ret, struct err *e)
{
	struct tpm *t = calloc(1, sizeof(*t));
	int r;

	*ret = NULL;
	if (!t)
		return err_set(e, -ENOMEM, "out of memory");
	/* tss2 writes to standard error by itself; what counts comes as an answer. */
	setenv("TSS2_LOG", "all+NONE", 0);
	r = tpm_rc(Tss2_TctiLdr_Initialize(tcti, &t->tcti), "opening it", e);
	if (!r)
		r = tpm_rc(Esys_Initialize(&t->esys, t->tcti, NULL), "opening it", e);
	if (r)
		tpm_close(t);
	else
		*ret = t;
	return r;
}

struct tpm *tpm_close(struct tpm *t)
{
	if (t) {
		Esys_Finalize(&t->esys);
		Tss2_TctiLdr_Finalize(&t->tcti);
		free(t);
	}
	return NULL;
}

void tpm_flush(struct tpm *t, ESYS_TR *handle)
{
	TPM2_HANDLE is = 0;

	if (*handle == ESYS_TR_NONE)
		return;
	if (!Esys_TR_GetTpmHandle(t->esys, *handle, &is) &&
	    is >> TPM2_HR_SHIFT == TPM2_HT_PERSISTENT)
		(void)Esys_TR_Close(t->esys, handle);
	else
		(void)Esys_FlushContext(t->esys, *handle);
	*handle = ESYS_TR_NONE;
}
