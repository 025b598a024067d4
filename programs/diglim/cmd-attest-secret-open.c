/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/tpmkey.h"
#include "../../lib/attest/tpmsecret.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {"attest secret open FILE", NULL};

static const struct cli_option options[] = {
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Writes it to standard output as it was given, without a line feed. Exit status 1: the "
	"state is",
	"not approved.",
	NULL,
};

static int open_secret(const char *path, const char *tcti, struct buf *ret, struct err *e)
{
	struct keyfile key = {0};
	struct tpm *tpm = NULL;
	int r = attest_read_key(path, &key, e);

	r = r ?: tpm_open(tcti, &tpm, e);
	r = r ?: tpm_secret_open(tpm, &key, ret, e);
	tpm_close(tpm);
	keyfile_done(&key);
	return r;
}

static int open_run(struct cli *c, int argc, char **argv)
{
	struct buf secret = BUF_INIT;
	const char *tcti = NULL;
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		tcti = optarg;
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name the file of the secret");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = open_secret(argv[optind], tcti, &secret, &e);
	if (!r && c->json)
		out_hex(c->out, "secret", NULL, secret.data, secret.len);
	else if (!r)
		r = io_write_all(STDOUT_FILENO, secret.data, secret.len);
	if (r && r != -EKEYREJECTED && !e.code)
		err_set(&e, r, "standard output: %s", strerror(-r));
	if (secret.len)
		explicit_bzero(secret.data, secret.len);
	buf_free(&secret);
	if (r == -EKEYREJECTED) {
		cli_say("%s", e.text);
		return EXIT_NO;
	}
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_secret_open = {
	.name = "open",
	.summary = "Have the TPM give a secret out",
	.usage = usage,
	.text = text,
	.options = options,
	.run = open_run,
};
