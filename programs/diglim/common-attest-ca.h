/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs of "attest ca" share: a request, whom the CA trusts, and its secret. */
#ifndef DIGLIM_COMMON_ATTEST_CA_H
#define DIGLIM_COMMON_ATTEST_CA_H

#include "cli.h"
#include "../../lib/attest/enrol.h"

#define ATTEST_CA_ROOTS_MAX 16

struct attest_ca {
	const char *dir;
	const char *secret_path;
	const char *roots[ATTEST_CA_ROOTS_MAX]; /* PEM files of makers of TPMs */
	size_t n_roots;
	struct enrolment request;
	uint8_t secret[ENROL_SECRET_LEN];
};

int attest_ca_add_root(struct attest_ca *ca, const char *path, struct err *e);

/* Reads the request and checks it. @make: the CA's secret is made if it is not there. */
int attest_ca_begin(struct attest_ca *ca, bool make, struct err *e);
void attest_ca_done(struct attest_ca *ca);

/* Says what came of it; @r as a check returned it: 0, -EKEYREJECTED, or trouble. An exit status. */
int attest_ca_answer(struct cli *c, const struct attest_ca *ca, int r, const struct err *e);

#endif
