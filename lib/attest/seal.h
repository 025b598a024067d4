/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The writer of the seal register: one process at a time, log first, TPM second, IMA third.
 * Whatever fails here must keep the gate to the TPM shut: then log and register say the same, or
 * less is proven than is true.
 */
#ifndef DIGLIM_ATTEST_SEAL_H
#define DIGLIM_ATTEST_SEAL_H

#include "imarecord.h"
#include "measurelog.h"
#include "tpm.h"

#define SEAL_PCR_DEFAULT 13

/*
 * 0 if the register may be used, else -EINVAL: from 16 on some can be reset while the machine runs,
 * and extending 16 and 23 does not end policy sessions.
 */
int seal_check_pcr(unsigned pcr, struct err *e);

struct seal;

struct seal_config {
	const char *tcti; /* NULL: what tpm2-tss finds */
	const char *log;  /* path; its directory must be there */
	unsigned pcr;
	/* What the register holds after firmware and boot loader, by bank_at(); NULL: zeros. */
	const uint8_t (*start)[BANK_SIZE_MAX];
	const struct imarecord_config *ima; /* the log register gets each record, too; or NULL */
};

/*
 * Opens log and TPM. In all banks of the register, its value must be that of the log; a last record
 * that is not extended yet, since its writer died, is extended now. -EADDRINUSE if the register
 * holds anything else. *log (may be NULL) receives what is in the log.
 */
int seal_open(const struct seal_config *cfg, struct seal **ret, struct measure_log *log,
	      struct err *e);
struct seal *seal_close(struct seal *s);

/*
 * Logs and extends a statement. After a failure between the two every later call fails, too: the
 * log is ahead, and only seal_open() may bring register and IMA up to it.
 */
int seal_record(struct seal *s, struct statement *st, struct err *e);

#endif
