/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Evidence of a machine: a quote of its TPM with the logs that explain it, in a directory, and what
 * a verifier makes of it without a TPM. All of it may be an attacker's.
 */
#ifndef DIGLIM_ATTEST_EVIDENCE_H
#define DIGLIM_ATTEST_EVIDENCE_H

#include "measurelog.h"
#include "pcrs.h"
#include "../crypto/tpmpub.h"

/* Files of the directory. */
#define EVIDENCE_QUOTE	   "quote"     /* TPMS_ATTEST */
#define EVIDENCE_SIGNATURE "signature" /* TPMT_SIGNATURE */
#define EVIDENCE_PCRS	   "pcrs.json" /* values of the registers, attest/pcrs.h */
#define EVIDENCE_LOG	   MEASURELOG_NAME
#define EVIDENCE_IMA	   "ima.log" /* may be missing */

struct evidence_wish {
	const struct tpmpub *ak;
	const struct buf *nonce;
	const struct pcrs *good; /* reference values */
	uint32_t mask;		 /* registers that must be quoted */
	unsigned seal;		 /* register of the event log */
};

/*
 * 0: attested. -EKEYREJECTED with the reason: refused. Any other negative number: trouble, the
 * evidence could not be read (-ENOENT: it is not there).
 *
 * The seal register is good if its value is, or if its log leads to a state that would have a good
 * value after boot: then it was reached by changes, each of which is in the log.
 */
int evidence_verify(const char *dir, const struct evidence_wish *wish, struct err *e);

#endif
