/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs of "attest" share. */
#ifndef DIGLIM_COMMON_ATTEST_H
#define DIGLIM_COMMON_ATTEST_H

#include "cli.h"
#include "../../lib/attest/measurelog.h"
#include "../../lib/attest/pcrs.h"
#include "../../lib/attest/policy.h"
#include "../../lib/attest/tpm.h"
#include "../../lib/crypto/bank.h"
#include "../../lib/crypto/keyfile.h"

#define ATTEST_PCR_DEFAULT 13

/* Banks that are predicted and shown; ended by NONE. */
extern const enum bank attest_banks[];

/* A register from 0 to 15 that only a restart of the machine resets. 0, or -EINVAL with @e set. */
int attest_pcr_parse(const char *text, unsigned *ret, struct err *e);

/* What registers hold before anything of ours: zeros unless said otherwise. */
struct attest_start {
	uint8_t value[BANK_MAX][BANK_SIZE_MAX]; /* by index of bank_at() */
};
uint8_t *attest_start_of(struct attest_start *s, enum bank bank);
int attest_start_parse(const char *text, struct attest_start *ret,
		       struct err *e); /* "sha256:HEX" */

/* A register's values from files of 'predict' and 'quote', --values; in the order given. */
#define ATTEST_VALUES_MAX 16
struct attest_values {
	const char *path[ATTEST_VALUES_MAX];
	size_t n;
	const char *signer; /* certificate of who must have signed each, or NULL */
};
int attest_values_add(struct attest_values *v, const char *path, struct err *e);
/* @more: several values of one register may be good, else the last file counts. */
int attest_values_read(const struct attest_values *v, bool more, struct pcrs *ret, struct err *e);

/* The policy that a key shall have: either an approver's, or values of registers. */
struct attest_policy {
	const char *approver; /* path of a certificate, or NULL */
	enum policy_style style;
	struct attest_values values;
	uint32_t mask;
	unsigned pcr; /* that of lists */
};
/* Takes optarg if @id is --approver 'a', --values 'v', --pcrs 'r' or --pcr 'n'; 1: it is another.
 */
int attest_policy_option(struct attest_policy *p, int id, struct err *e);
void attest_policy_defaults(struct attest_policy *p); /* after all options */
int attest_policy_make(const struct attest_policy *p, struct keyfile_sequence *ret, struct err *e);
/* -EOPNOTSUPP if this TPM cannot check the approvals that a policy asks for. */
int attest_policy_supported(struct tpm *tpm, const struct keyfile_sequence *policy, struct err *e);

int attest_read_key(const char *path, struct keyfile *ret, struct err *e);
/* Never over another file: what was in it could not be made again. */
int attest_write_new_key(const char *path, const struct keyfile *k, struct err *e);

/* The lines of a statement, as member "lines". Its kind, or NONE: it is malformed. */
enum statement_kind attest_show_statement(struct out *o, const char *text);

/* The log at @path: 0, or negative with @e set. */
int attest_read_log(const char *path, struct measure_log *ret, struct err *e);

#endif
