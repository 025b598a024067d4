/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy under which a key or a secret is made. */
#include <errno.h>
#include <stdlib.h>

#include "common-attest.h"
#include "../../lib/attest/policy.h"
#include "../../lib/attest/tpmkey.h"
#include "../../lib/base/io.h"

int attest_policy_option(struct attest_policy *p, int id, struct err *e)
{
	switch (id) {
	case 'a':
		p->approver = optarg;
		return 0;
	case 'v':
		return attest_values_add(&p->values, optarg, e);
	case 'r':
		return pcrs_parse_mask(optarg, &p->mask, e);
	case 'n':
		return attest_pcr_parse(optarg, &p->pcr, e);
	default:
		return 1;
	}
}

void attest_policy_defaults(struct attest_policy *p)
{
	p->mask = p->mask ?: PCRS_MASK_BOOT | 1U << p->pcr;
}

static int policy_of_approver(const struct attest_policy *p, struct keyfile_sequence *ret,
			      struct err *e)
{
	struct cert_set set = {0};
	int r = cert_set_read_file(&set, p->approver, 0, e);

	if (r > 0 && !cert_has_der(set.certs[0]))
		r = err_set(e, -EINVAL, "%s: %s", p->approver, set.certs[0]->why);
	if (r >= 0)
		r = policy_for_approver(set.certs[0], p->style, ret, e);
	cert_set_done(&set);
	return r;
}

static int policy_of_values(const struct attest_policy *p, struct keyfile_sequence *ret,
			    struct err *e)
{
	struct pcrs *pcrs = malloc(sizeof(*pcrs));
	struct buf body = BUF_INIT;
	int r = pcrs ? pcrs_check_mask(p->mask, p->pcr, e) : err_set(e, -ENOMEM, "out of memory");

	r = r ?: attest_values_read(&p->values, false, pcrs, e);
	r = r ?: pcrs_policy_body(pcrs, p->mask, &body, e);
	r = r ?: keyfile_add(ret, KEYFILE_PCR, &body, e);
	buf_free(&body);
	free(pcrs);
	return r;
}

int attest_policy_make(const struct attest_policy *p, struct keyfile_sequence *ret, struct err *e)
{
	return p->approver ? policy_of_approver(p, ret, e) : policy_of_values(p, ret, e);
}

int attest_policy_supported(struct tpm *tpm, const struct keyfile_sequence *policy, struct err *e)
{
	struct policy_authorize a;
	int r;

	if (!keyfile_authorize(policy))
		return 0;
	r = policy_authorize_split(keyfile_authorize(policy), &a, e);
	return r ?: tpm_can_check(tpm, a.public, a.public_len, e);
}

int attest_write_new_key(const char *path, const struct keyfile *k, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = keyfile_text(k, &text, e);

	r = r ?: io_write_new(path, text.data, text.len, 0600, e);
	buf_free(&text);
	return r;
}
