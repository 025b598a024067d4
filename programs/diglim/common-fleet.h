/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Evidence of many machines: a directory with one for each, named after it, of which the files "ak"
 * (its attestation key) and "nonce" (what it was asked with, in hexadecimal) are the verifier's
 * own, and the directory "evidence" is what the machine has sent.
 */
#ifndef DIGLIM_COMMON_FLEET_H
#define DIGLIM_COMMON_FLEET_H

#include "cli.h"
#include "../../lib/attest/evidence.h"

#define FLEET_AK       "ak"
#define FLEET_NONCE    "nonce"
#define FLEET_EVIDENCE "evidence"
#define FLEET_AGE      3600 /* seconds: how old a nonce may be */

enum fleet_state { FLEET_ATTESTED, FLEET_REFUSED, FLEET_UNREACHABLE, FLEET_STATES };

struct fleet {
	struct cli *c;
	const char *dir;
	struct evidence_wish wish; /* all but key and nonce */
	uint64_t max_age;	   /* seconds */
	bool prometheus;	   /* text exposition format 0.0.4 instead of an answer */
};

/* Looks at all of them, on all processors, and answers. *count: how many there are of each state.
 */
int fleet_verify(struct fleet *f, size_t count[FLEET_STATES], struct err *e);

/* An attestation key: its key file, or its public part as the TPM has it. @b holds its bytes. */
int fleet_read_ak(const char *path, struct buf *b, struct tpmpub *ret, struct err *e);

#endif
