/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/policy.h"
#include "../../lib/attest/tpmkey.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/tpmpub.h"

static const char *const usage[] = {
	"attest key create FILE --approver CERT [--plain FILE] [--public FILE] [--rsa]",
	"attest key create FILE --values FILE… [--pcrs LIST] [--plain FILE] [--public FILE]",
	"attest key create FILE --ak [--public FILE] [--rsa]",
	NULL,
};

static const struct cli_option options[] = {
	{'a', "approver", "CERT", "It works in states approved with the key of this certificate"},
	{'v', "values", "FILE",
	 "It works with these values only; may be repeated, the last counts"},
	{'r', "pcrs", "LIST", "Registers of --values (default: 0-9,12 and that of --pcr)"},
	{'n', "pcr", "N", "The register of lists (default: 13)"},
	{'k', "ak", NULL, "An attestation key, for quotes"},
	{'R', "rsa", NULL, "RSA-2048 instead of ECC P-256"},
	{'u', "public", "FILE", "Write the public key there, in PEM"},
	{'P', "plain", "FILE", "Write the key there without its policy, for tpm2-openssl"},
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

struct create {
	struct cli *c;
	const char *output, *public, *plain, *tcti;
	struct attest_policy policy;
	struct tpm_key_wish wish;
	struct keyfile key;
};

static int take_option(struct create *k, int id, struct err *e)
{
	int r = attest_policy_option(&k->policy, id, e);

	if (r <= 0)
		return r;
	switch (id) {
	case 'k':
		k->wish.ak = true;
		return 0;
	case 'R':
		k->wish.rsa = true;
		return 0;
	case 'u':
		k->public = optarg;
		return 0;
	case 'P':
		k->plain = optarg;
		return 0;
	default:
		k->tcti = optarg;
		return 0;
	}
}

static int write_public(struct create *k, struct err *e)
{
	struct buf pem = BUF_INIT;
	struct io_part part;
	struct tpmpub pub;
	int r = tpmpub_parse(k->key.public.data, k->key.public.len, &pub, e);

	if (r)
		return r;
	r = tpmpub_pem(&pub, &pem, e);
	part = (struct io_part){pem.data, pem.len};
	if (!r && k->public)
		r = io_write_atomic(k->public, &part, 1, 0644, e);
	if (!r) {
		out_str(k->c->out, "file", "Key", k->output);
		out_hex(k->c->out, "name", "Name", pub.name, pub.name_len);
		out_hex(k->c->out, "policy", pub.policy_len ? "Policy" : NULL, pub.policy,
			pub.policy_len);
	}
	buf_free(&pem);
	tpmpub_done(&pub);
	return r;
}

/* tpm2-openssl takes no file with fields it does not know; the TCTI finds the policy in the other.
 */
static int write_plain(struct create *k, struct err *e)
{
	struct keyfile plain = k->key;

	if (!k->plain)
		return 0;
	plain.policy.n = plain.n_approvals = 0;
	return attest_write_new_key(k->plain, &plain, e);
}

static int create(struct create *k, struct err *e)
{
	struct tpm *tpm = NULL;
	int r = k->wish.ak ? 0 : attest_policy_make(&k->policy, &k->key.policy, e);

	r = r ?: policy_digest(&k->key.policy, k->wish.policy, NULL, e);
	r = r ?: tpm_open(k->tcti, &tpm, e);
	r = r ?: attest_policy_supported(tpm, &k->key.policy, e);
	r = r ?: tpm_key_create(tpm, &k->wish, &k->key, e);
	tpm_close(tpm);
	r = r ?: attest_write_new_key(k->output, &k->key, e);
	r = r ?: write_plain(k, e);
	return r ?: write_public(k, e);
}

static int create_run(struct cli *c, int argc, char **argv)
{
	struct create k = {.c = c, .policy.pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&k, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name the file for the key");
	if ((k.policy.approver != NULL) + (k.policy.values.n != 0) + k.wish.ak != 1)
		return cli_usage(c, "one of --approver, --values and --ak");
	k.output = argv[optind];
	attest_policy_defaults(&k.policy);
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = create(&k, &e);
	keyfile_done(&k.key);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_key_create = {
	.name = "create",
	.summary = "Make a key that never leaves the TPM",
	.usage = usage,
	.options = options,
	.run = create_run,
};
