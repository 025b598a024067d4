/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/lukstoken.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest secret import FILE --token FILE [--values FILE…] [--pcr N]", NULL};

static const struct cli_option options[] = {
	{'T', "token", "FILE",
	 "The token, as 'cryptsetup token export' writes it; -: standard input"},
	{'v', "values", "FILE", "The values it is bound to; may be repeated, the last counts"},
	{'n', "pcr", "N", "The register of lists (default: 13)"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Makes FILE out of what systemd-cryptenroll has put into a LUKS2 volume, so that its "
	"states",
	"can be approved. A token of fixed values is taken with the values it was made with.",
	NULL,
};

static int import(struct cli *c, const char *token, const struct attest_policy *p, const char *path,
		  struct err *e)
{
	struct pcrs *values = p->values.n ? malloc(sizeof(*values)) : NULL;
	char registers[PCRS_MASK_TEXT];
	struct keyfile k = {0};
	struct buf b = BUF_INIT;
	uint32_t mask = 0;
	int r = strcmp(token, "-") == 0
			? io_read_fd(STDIN_FILENO, "standard input", LUKSTOKEN_MAX, &b, e)
			: io_read_stream(token, LUKSTOKEN_MAX, &b, e);

	if (!r && p->values.n)
		r = values ? attest_values_read(&p->values, false, values, e)
			   : err_set(e, -ENOMEM, "out of memory");
	if (!r && (r = lukstoken_read((char *)b.data, b.len, values, &k, &mask, e)))
		err_prefix(e, "%s", token);
	r = r ?: pcrs_check_mask(mask, p->pcr, e);
	r = r ?: attest_write_new_key(path, &k, e);
	if (!r) {
		pcrs_mask_text(mask, registers);
		out_str(c->out, "file", "Secret", path);
		out_str(c->out, "registers", "Registers", registers);
	}
	keyfile_done(&k);
	buf_free(&b);
	free(values);
	return r;
}

static int import_run(struct cli *c, int argc, char **argv)
{
	struct attest_policy p = {.pcr = ATTEST_PCR_DEFAULT};
	const char *token = NULL;
	struct err e = {0};
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'T')
			token = optarg;
		else if (attest_policy_option(&p, id, &e))
			return cli_usage(c, "%s", e.text);
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !token)
		return cli_usage(c, "name the file for the secret, and --token");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	return import(c, token, &p, argv[optind], &e) ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_secret_import = {
	.name = "import",
	.summary = "Take a secret out of a LUKS2 token",
	.usage = usage,
	.text = text,
	.options = options,
	.run = import_run,
};
