/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/lukstoken.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {"attest secret signatures FILE", NULL};

static const char *const text[] = {
	"For /etc/systemd/tpm2-pcr-signature.json, or tpm2-signature= in crypttab(5). The answer "
	"is",
	"JSON of systemd's kind, with or without --json.",
	NULL,
};

static int signatures_run(struct cli *c, int argc, char **argv)
{
	struct buf json = BUF_INIT;
	struct keyfile k = {0};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		;
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name the file of the secret");
	r = attest_read_key(argv[optind], &k, &e);
	if (!r && (r = lukstoken_signatures(&k, &json, &e)))
		err_prefix(&e, "%s", argv[optind]);
	if (!r && (r = io_write_all(STDOUT_FILENO, json.data, json.len)))
		err_set(&e, r, "standard output: %s", strerror(-r));
	keyfile_done(&k);
	buf_free(&json);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_secret_signatures = {
	.name = "signatures",
	.summary = "Write a secret's approvals for systemd",
	.usage = usage,
	.text = text,
	.run = signatures_run,
};
