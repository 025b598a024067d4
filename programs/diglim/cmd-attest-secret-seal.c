/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/tpmkey.h"
#include "../../lib/attest/tpmsecret.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest secret seal FILE --approver CERT",
	"attest secret seal FILE --values FILE… [--pcrs LIST]",
	NULL,
};

static const struct cli_option options[] = {
	{'a', "approver", "CERT", "In states approved with the key of this certificate"},
	{'v', "values", "FILE", "With these values only; may be repeated, the last counts"},
	{'r', "pcrs", "LIST", "Registers of --values (default: 0-9,12 and that of --pcr)"},
	{'n', "pcr", "N", "The register of lists (default: 13)"},
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"The secret comes from standard input, 1 to 128 bytes, all of which count.",
	NULL,
};

struct secret {
	struct cli *c;
	const char *output, *tcti;
	struct attest_policy policy;
	struct keyfile key;
	struct buf approver_public;
	struct buf secret;
};

/* One byte more than there may be tells of too many. */
static int read_secret(struct buf *ret, struct err *e)
{
	uint8_t bytes[TPM_SECRET_MAX + 1];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(bytes)) {
		n = read(STDIN_FILENO, bytes + len, sizeof(bytes) - len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else
			len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return err_set(e, -errno, "standard input: %s", strerror(errno));
	buf_add(ret, bytes, len);
	explicit_bzero(bytes, sizeof(bytes));
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int seal(struct secret *s, struct err *e)
{
	uint8_t policy[POLICY_SIZE];
	struct buf text_of = BUF_INIT;
	struct tpm *tpm = NULL;
	int r = attest_policy_make(&s->policy, &s->key.policy, &s->approver_public, e);

	r = r ?: policy_digest(&s->key.policy, policy, NULL, e);
	r = r ?: read_secret(&s->secret, e);
	r = r ?: tpm_open(s->tcti, &tpm, e);
	if (!r && s->policy.approver)
		r = tpm_can_check(tpm, s->approver_public.data, s->approver_public.len, e);
	r = r ?: tpm_secret_seal(tpm, policy, &s->secret, &s->key, e);
	tpm_close(tpm);
	r = r ?: keyfile_text(&s->key, &text_of, e);
	/* Never over another one: it might be the last copy. */
	r = r ?: io_write_new(s->output, text_of.data, text_of.len, 0600, e);
	if (!r)
		out_str(s->c->out, "file", "Secret", s->output);
	buf_free(&text_of);
	return r;
}

static int seal_run(struct cli *c, int argc, char **argv)
{
	struct secret s = {.c = c, .policy.pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 't')
			s.tcti = optarg;
		else if (attest_policy_option(&s.policy, id, &e))
			return cli_usage(c, "%s", e.text);
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name the file for the secret");
	if ((s.policy.approver != NULL) + (s.policy.values.n != 0) != 1)
		return cli_usage(c, "one of --approver and --values");
	s.output = argv[optind];
	s.policy.mask = s.policy.mask ?: PCRS_MASK_BOOT | 1U << s.policy.pcr;
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = seal(&s, &e);
	keyfile_done(&s.key);
	buf_free(&s.approver_public);
	if (s.secret.len)
		explicit_bzero(s.secret.data, s.secret.len);
	buf_free(&s.secret);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_secret_seal = {
	.name = "seal",
	.summary = "Give a secret to the TPM",
	.usage = usage,
	.text = text,
	.options = options,
	.run = seal_run,
};
