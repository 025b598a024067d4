/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "common-attest-ca.h"
#include "common-attest.h"
#include "verbs.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest ca check DIR --ek-ca FILE… --secret FILE --approver CERT [--output FILE]",
	"attest ca check DIR --ek-ca FILE… --secret FILE --values FILE…", NULL};

static const struct cli_option options[] = {
	{'e', "ek-ca", "FILE", "Certificates of makers of TPMs, in PEM; may be repeated"},
	{'s', "secret", "FILE", "The secret with which the challenge was made"},
	{'a', "approver", "CERT", "The key must work in states that this one approves, only"},
	{'v', "values", "FILE",
	 "The key must work with these values only; may be repeated, the last counts"},
	{'r', "pcrs", "LIST", "Registers of --values (default: 0-9,12 and that of --pcr)"},
	{'n', "pcr", "N", "The register of lists (default: 13)"},
	{'m', "max-age", "SECONDS", "How old the challenge may be (default: 3600)"},
	{'o', "output", "FILE", "Write the public key there, in PEM, to be certified"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {"No TPM is needed. Exit status 0: the key is in the TPM of the "
				   "request and works under this",
				   "policy only; 1: refused, with the reason.", NULL};

struct check {
	struct attest_ca ca;
	struct attest_policy policy;
	const char *output;
	uint64_t max_age;
};

static int parse_age(const char *s, uint64_t *ret, struct err *e)
{
	char *end;

	errno = 0;
	*ret = strtoull(s, &end, 10);
	if (*s < '0' || *s > '9' || *end || errno)
		return err_set(e, -EINVAL, "%s: not a number of seconds", s);
	return 0;
}

static int take_option(struct check *k, int id, struct err *e)
{
	int r = attest_policy_option(&k->policy, id, e);

	if (r <= 0)
		return r;
	switch (id) {
	case 'e':
		return attest_ca_add_root(&k->ca, optarg, e);
	case 's':
		k->ca.secret_path = optarg;
		return 0;
	case 'm':
		return parse_age(optarg, &k->max_age, e);
	default:
		k->output = optarg;
		return 0;
	}
}

/* The digest that the key's policy must have: computed here, never taken from the request. */
static int wanted_policy(const struct check *k, uint8_t ret[POLICY_SIZE], struct err *e)
{
	struct keyfile want = {0};
	int r = attest_policy_make(&k->policy, &want.policy, e);

	r = r ?: policy_digest(&want.policy, ret, NULL, e);
	keyfile_done(&want);
	return r;
}

/* A part that is missing is the machine's fault. */
static int read_answer(const struct check *k, const char *name, struct buf *ret, struct err *e)
{
	int r = enrol_read_part(k->ca.dir, name, ret, e);

	return r == -ENOENT || r == -EFBIG ? e->code = -EKEYREJECTED : r;
}

static int check_answer(struct check *k, struct err *e)
{
	struct buf ticket = BUF_INIT, certify = BUF_INIT, signature = BUF_INIT;
	uint8_t secret[ENROL_SECRET_LEN];
	int r = read_answer(k, ENROL_TICKET, &ticket, e);

	r = r ?: read_answer(k, ENROL_CERTIFY, &certify, e);
	r = r ?: read_answer(k, ENROL_SIGNATURE, &signature, e);
	r = r ?: enrol_check_ticket(&ticket, (uint64_t)time(NULL), k->max_age, e);
	r = r ?: enrol_secret(&k->ca.request, k->ca.secret, &ticket, secret, e);
	r = r ?: enrol_check_certify(&k->ca.request, secret, &certify, &signature, e);
	buf_free(&ticket);
	buf_free(&certify);
	buf_free(&signature);
	return r;
}

static int write_key(const struct check *k, struct err *e)
{
	struct buf pem = BUF_INIT;
	struct io_part part;
	int r;

	if (!k->output)
		return 0;
	r = tpmpub_pem(&k->ca.request.key, &pem, e);
	part = (struct io_part){pem.data, pem.len};
	r = r ?: io_write_atomic(k->output, &part, 1, 0644, e);
	buf_free(&pem);
	return r;
}

static int check(struct check *k, struct err *e)
{
	uint8_t policy[POLICY_SIZE];
	int r = wanted_policy(k, policy, e);

	r = r ?: attest_ca_begin(&k->ca, false, e);
	r = r ?: enrol_check_key(&k->ca.request.key, policy, e);
	r = r ?: check_answer(k, e);
	return r ?: write_key(k, e);
}

static int check_run(struct cli *c, int argc, char **argv)
{
	struct check k = {.policy.pcr = ATTEST_PCR_DEFAULT, .max_age = 3600};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&k, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !k.ca.n_roots || !k.ca.secret_path)
		return cli_usage(c, "name the directory of the answer, --ek-ca and --secret");
	if (!k.policy.approver == !k.policy.values.n)
		return cli_usage(c, "one of --approver and --values");
	k.ca.dir = argv[optind];
	k.policy.mask = k.policy.mask ?: PCRS_MASK_BOOT | 1U << k.policy.pcr;
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = check(&k, &e);
	if (!r) {
		out_str(c->out, "ek", "Endorsement key", k.ca.request.ek.owner);
		out_hex(c->out, "name", "Name", k.ca.request.key.name, k.ca.request.key.name_len);
	}
	r = attest_ca_answer(c, &k.ca, r, &e);
	attest_ca_done(&k.ca);
	return r;
}

const struct cli_verb verb_attest_ca_check = {
	.name = "check",
	.summary = "Check an answer, so that the key can be certified",
	.usage = usage,
	.text = text,
	.options = options,
	.run = check_run,
};
