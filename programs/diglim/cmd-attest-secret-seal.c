/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/lukstoken.h"
#include "../../lib/attest/tpmsecret.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest secret seal FILE --approver CERT [--token FILE [--pcrs LIST]]",
	"attest secret seal FILE --values FILE… [--pcrs LIST] [--token FILE]",
	NULL,
};

static const struct cli_option options[] = {
	{'a', "approver", "CERT", "In states approved with the key of this certificate"},
	{'v', "values", "FILE", "With these values only; may be repeated, the last counts"},
	{'r', "pcrs", "LIST", "Registers of --values, or of a token (default: 0-9,12, --pcr)"},
	{'n', "pcr", "N", "The register of lists (default: 13)"},
	{'T', "token", "FILE", "Write a LUKS2 token there, with which systemd opens a volume"},
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"The secret comes from standard input, 1 to 128 bytes, all of which count. With a token",
	"the volume's passphrase must be the secret in base64.",
	NULL,
};

struct secret {
	struct cli *c;
	const char *output, *token, *tcti;
	struct attest_policy policy;
	struct keyfile key;
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
		err_set(e, -errno, "standard input: %s", strerror(errno));
	else
		buf_add(ret, bytes, len);
	explicit_bzero(bytes, sizeof(bytes));
	return n < 0 ? e->code : ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* Both or none: a secret without its token could be overlooked, and not be made again. */
static int write_files(struct secret *s, const struct buf *token, struct err *e)
{
	int r = attest_write_new_key(s->output, &s->key, e);

	if (r || !s->token)
		return r;
	r = io_write_new(s->token, token->data, token->len, 0600, e);
	if (r)
		(void)unlink(s->output);
	return r;
}

static int seal(struct secret *s, struct err *e)
{
	enum tpm_storage kind = s->token ? TPM_STORAGE_SYSTEMD : TPM_STORAGE_KEYFILE;
	uint8_t policy[POLICY_SIZE];
	struct buf token = BUF_INIT;
	struct tpm *tpm = NULL;
	int r = s->token ? pcrs_check_mask(s->policy.mask, s->policy.pcr, e) : 0;

	r = r ?: attest_policy_make(&s->policy, &s->key.policy, e);
	r = r ?: policy_digest(&s->key.policy, policy, NULL, e);
	r = r ?: read_secret(&s->secret, e);
	r = r ?: tpm_open(s->tcti, &tpm, e);
	r = r ?: attest_policy_supported(tpm, &s->key.policy, e);
	r = r ?: tpm_secret_seal(tpm, kind, policy, &s->secret, &s->key, e);
	tpm_close(tpm);
	if (!r && s->token)
		r = lukstoken_write(&s->key, s->policy.mask, &token, e);
	r = r ?: write_files(s, &token, e);
	if (!r) {
		out_str(s->c->out, "file", "Secret", s->output);
		out_str(s->c->out, "token", s->token ? "Token" : NULL, s->token);
	}
	buf_free(&token);
	return r;
}

static int take_option(struct secret *s, int id, struct err *e)
{
	switch (id) {
	case 't':
		s->tcti = optarg;
		return 0;
	case 'T':
		s->token = optarg;
		s->policy.style = POLICY_STYLE_SYSTEMD;
		return 0;
	default:
		return attest_policy_option(&s->policy, id, e);
	}
}

static int seal_run(struct cli *c, int argc, char **argv)
{
	struct secret s = {.c = c, .policy.pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&s, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name the file for the secret");
	if ((s.policy.approver != NULL) + (s.policy.values.n != 0) != 1)
		return cli_usage(c, "one of --approver and --values");
	s.output = argv[optind];
	attest_policy_defaults(&s.policy);
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = seal(&s, &e);
	keyfile_done(&s.key);
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
