/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seal-record TCTI PCR LOG [KIND WORD NAME]...: opens the seal register as diglimd does, and
 * records statements of one line each. With "die" as KIND it ends between log and TPM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/attest/seal.h"

static enum statement_kind kind_of(const char *name)
{
	for (int k = STATEMENT_STATE; k < STATEMENT_KINDS; k++)
		if (strcmp(statement_kind_name((enum statement_kind)k), name) == 0)
			return (enum statement_kind)k;
	return STATEMENT_NONE;
}

/* What a writer leaves behind that was killed after the log and before the TPM. */
static int log_only(const char *path, unsigned pcr, struct statement *s, struct err *e)
{
	static const enum bank banks[BANK_MAX] = {BANK_SHA1, BANK_SHA256, BANK_SHA384, BANK_SHA512};
	struct measure_writer *w;
	struct measure_log log;
	struct buf b = BUF_INIT;
	int r = measure_writer_open(path, &w, &log, e);

	r = r ?: statement_text(s, &b, e);
	buf_add_u8(&b, 0);
	r = r ?: measure_append(w, pcr, banks, s->kind, (char *)b.data, NULL, e);
	measure_writer_close(w);
	return r;
}

static int record(struct seal **s, char **argv, const char *path, unsigned pcr, struct err *e)
{
	bool die = strcmp(argv[0], "die") == 0;
	struct statement st = STATEMENT_INIT(die ? STATEMENT_UNKNOWN : kind_of(argv[0]));
	int r = statement_add_word(&st, argv[1], argv[2], e);

	if (die) {
		*s = seal_close(*s);
		return r ?: log_only(path, pcr, &st, e);
	}
	r = r ?: seal_record(*s, &st, e);
	statement_done(&st);
	return r;
}

int main(int argc, char **argv)
{
	struct seal_config cfg;
	struct seal *s = NULL;
	struct err e = {0};
	int r;

	if (argc < 4)
		return 2;
	cfg = (struct seal_config){.tcti = argv[1], .pcr = (unsigned)atoi(argv[2]), .log = argv[3]};
	r = seal_open(&cfg, &s, NULL, &e);
	for (int i = 4; !r && s && i + 2 < argc; i += 3)
		r = record(&s, argv + i, cfg.log, cfg.pcr, &e);
	seal_close(s);
	if (r)
		fprintf(stderr, "%s\n", e.text);
	return r ? 1 : 0;
}
