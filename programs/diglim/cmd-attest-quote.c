/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/evidence.h"
#include "../../lib/attest/imalist.h"
#include "../../lib/attest/tpmkey.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/output/json.h"

static const char *const usage[] = {
	"attest quote DIR --ak FILE --nonce HEX [--pcrs LIST] [--log FILE] [--ima FILE]", NULL};

static const struct cli_option options[] = {
	{'a', "ak", "FILE", "Key file of the attestation key"},
	{'n', "nonce", "HEX", "What the verifier chose for this quote"},
	{'r', "pcrs", "LIST", "Registers (default: 0-9,12,13)"},
	{'l', "log", "FILE", "Event log (default: that of this system)"},
	{'i', "ima", "FILE", "IMA's list, if register 10 is quoted (default: that of this system)"},
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

#define IMA_LIST "/sys/kernel/security/ima/binary_runtime_measurements"

struct quote {
	struct cli *c;
	const char *ak, *nonce, *log, *ima, *tcti, *dir;
	uint32_t mask;
	enum bank bank;
	struct buf quote, signature;
	char *pcrs; /* JSON */
};

static int take_option(struct quote *q, int id, struct err *e)
{
	switch (id) {
	case 'a':
		q->ak = optarg;
		return 0;
	case 'n':
		q->nonce = optarg;
		return 0;
	case 'r':
		return pcrs_parse_mask(optarg, &q->mask, e);
	case 'l':
		q->log = optarg;
		return 0;
	case 'i':
		q->ima = optarg;
		return 0;
	default:
		q->tcti = optarg;
		return 0;
	}
}

static int read_pcrs(struct quote *q, struct tpm *tpm, struct err *e)
{
	struct jsonw *j = jsonw_new(false);
	int r = 0;

	if (!j)
		return err_set(e, -ENOMEM, "out of memory");
	jsonw_object(j, "pcrs");
	jsonw_object(j, bank_name(q->bank));
	for (unsigned i = 0; !r && i < TPM_PCRS; i++) {
		uint8_t value[BANK_SIZE_MAX];
		char key[8];

		if (!(q->mask & 1U << i))
			continue;
		r = tpm_pcr_read(tpm, i, q->bank, value, e);
		snprintf(key, sizeof(key), "%u", i);
		jsonw_array(j, key);
		jsonw_hex(j, "", value, bank_size(q->bank));
		jsonw_end(j);
	}
	jsonw_end(j);
	jsonw_end(j);
	q->pcrs = r ? NULL : jsonw_text(j, true);
	jsonw_free(j);
	return r ?: q->pcrs ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int put(struct quote *q, const char *name, const void *data, size_t len, struct err *e)
{
	struct io_part part = {data, len};
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", q->dir, name) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", q->dir);
	return io_write_atomic(path, &part, 1, 0644, e);
}

static int copy(struct quote *q, const char *from, size_t max, const char *name, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_stream(from, max, &b, e);

	r = r ?: put(q, name, b.data, b.len, e);
	buf_free(&b);
	return r;
}

/* The logs are read after the quote, which they may lead: a verifier sees a prefix. */
static int take_logs(struct quote *q, struct err *e)
{
	char path[PATH_MAX + 64];
	int r;

	snprintf(path, sizeof(path), "%s/%s", q->c->places.run, MEASURELOG_NAME);
	r = copy(q, q->log ? q->log : path, MEASURELOG_MAX, EVIDENCE_LOG, e);
	if (!r && q->mask & 1U << 10)
		r = copy(q, q->ima ? q->ima : IMA_LIST, IMALIST_MAX, EVIDENCE_IMA, e);
	return r;
}

static int quote(struct quote *q, struct err *e)
{
	struct keyfile ak = {0};
	struct tpm *tpm = NULL;
	uint8_t nonce[64];
	struct buf n = {.data = nonce, .len = strlen(q->nonce) / 2};
	int r;

	if (n.len > sizeof(nonce) || hex_decode(q->nonce, strlen(q->nonce), nonce, n.len))
		return err_set(e, -EINVAL, "%s: up to 64 bytes in hexadecimal", q->nonce);
	r = places_make_dir(q->dir, e);
	r = r ?: attest_read_key(q->ak, &ak, e);
	r = r ?: tpm_open(q->tcti, &tpm, e);
	r = r ?: tpm_quote(tpm, &ak, &n, q->bank, q->mask, &q->quote, &q->signature, e);
	r = r ?: read_pcrs(q, tpm, e);
	tpm_close(tpm);
	keyfile_done(&ak);
	r = r ?: put(q, EVIDENCE_QUOTE, q->quote.data, q->quote.len, e);
	r = r ?: put(q, EVIDENCE_SIGNATURE, q->signature.data, q->signature.len, e);
	r = r ?: put(q, EVIDENCE_PCRS, q->pcrs, strlen(q->pcrs), e);
	r = r ?: take_logs(q, e);
	if (!r)
		out_str(q->c->out, "directory", "Evidence", q->dir);
	return r;
}

static int quote_run(struct cli *c, int argc, char **argv)
{
	struct quote q = {
		.c = c, .mask = PCRS_MASK_BOOT | 1U << ATTEST_PCR_DEFAULT, .bank = BANK_SHA256};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&q, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !q.ak || !q.nonce)
		return cli_usage(c, "name a directory for the evidence, --ak and --nonce");
	q.dir = argv[optind];
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = quote(&q, &e);
	buf_free(&q.quote);
	buf_free(&q.signature);
	free(q.pcrs);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_quote = {
	.name = "quote",
	.summary = "Have the TPM sign its registers, and collect the logs",
	.usage = usage,
	.options = options,
	.run = quote_run,
};
