/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-attest.h"
#include "common-sign.h"
#include "verbs.h"
#include "../../lib/attest/policy.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest key approve FILE --values FILE… [--name NAME] [--pcrs LIST]", NULL};

static const struct cli_option options[] = {
	{'v', "values", "FILE", "Values of registers; may be repeated, the last counts"},
	{'s', "signer", "CERT", "Each FILE of values must be signed by this certificate's key"},
	{'r', "pcrs", "LIST", "Registers (default: 0-9,12 and that of --pcr)"},
	{'N', "pcr", "N", "The register of lists (default: 13)"},
	{'k', "key", "KEY", "Private key: PEM file or provider URI (default: key in [sign])"},
	{'c', "cert", "CERT", "Its certificate (default: cert in [sign])"},
	{'p', "provider", "NAME", "OpenSSL provider of the key (default: provider in [sign])"},
	{'n', "name", "NAME", "Name of the approval; one of this name is replaced"},
	{0, NULL, NULL, NULL},
};

struct approve {
	struct sign_args sign;
	struct attest_values values;
	uint32_t mask;
	unsigned pcr;
};

static int take_option(struct cli *c, struct approve *a, int id, struct err *e)
{
	switch (id) {
	case 'v':
		return attest_values_add(&a->values, optarg, e);
	case 's':
		a->values.signer = optarg;
		return 0;
	case 'r':
		return pcrs_parse_mask(optarg, &a->mask, e);
	case 'N':
		return attest_pcr_parse(optarg, &a->pcr, e);
	default:
		return sign_take_option(c, &a->sign, id, optarg);
	}
}

/* No TPM is needed: an approval may be made where the owner's key is. */
static int approve(struct cli *c, struct approve *a, const char *path, struct err *e)
{
	const char *name = a->sign.name ? a->sign.name : "";
	struct buf body = BUF_INIT, text = BUF_INIT;
	struct signer *signer = NULL;
	struct keyfile key = {0};
	struct io_part part;
	struct pcrs pcrs;
	int r = pcrs_check_mask(a->mask, a->pcr, e);

	r = r ?: attest_values_read(&a->values, false, &pcrs, e);
	r = r ?: pcrs_policy_body(&pcrs, a->mask, &body, e);
	r = r ?: attest_read_key(path, &key, e);
	r = r ?: sign_open_key(c, &a->sign, &signer, e);
	r = r ?: policy_approve(&key, name, &body, signer, e);
	r = r ?: keyfile_text(&key, &text, e);
	part = (struct io_part){text.data, text.len};
	r = r ?: io_write_atomic(path, &part, 1, 0600, e);
	if (!r) {
		out_str(c->out, "file", "Key", path);
		out_str(c->out, "approval", "Approval", name);
		out_num(c->out, "approvals", "Approvals", key.n_approvals);
	}
	signer_close(signer);
	keyfile_done(&key);
	buf_free(&body);
	buf_free(&text);
	return r;
}

static int approve_run(struct cli *c, int argc, char **argv)
{
	struct approve a = {.pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(c, &a, id, &e))
			return e.text[0] ? cli_usage(c, "%s", e.text) : EXIT_TROUBLE;
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !a.values.n)
		return cli_usage(c, "name one key file, and the values of registers");
	a.mask = a.mask ? a.mask : PCRS_MASK_BOOT | 1U << a.pcr;
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	return approve(c, &a, argv[optind], &e) ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_key_approve = {
	.name = "approve",
	.summary = "Let a key work in a further state",
	.usage = usage,
	.options = options,
	.root = true,
	.run = approve_run,
};
