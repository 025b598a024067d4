/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common-attest.h"
#include "../../lib/attest/reference.h"
#include "../../lib/base/buf.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"

/* Largest file of reference values: 'predict --statement' writes the statement, too. */
#define VALUES_MAX (64U << 20)

const enum bank attest_banks[] = {BANK_SHA256, BANK_SHA384, BANK_NONE};

int attest_pcr_parse(const char *text, unsigned *ret, struct err *e)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > 23)
		return err_set(e, -EINVAL, "%s: not a register's number", text);
	if (n > 15)
		return err_set(e, -EINVAL,
			       "register %lu can be reset while the machine runs: its value proves "
			       "nothing; choose one below 16",
			       n);
	*ret = (unsigned)n;
	return 0;
}

uint8_t *attest_start_of(struct attest_start *s, enum bank bank)
{
	for (size_t i = 0; i < BANK_MAX; i++)
		if (bank_at(i) == bank)
			return s->value[i];
	return NULL;
}

int attest_start_parse(const char *text, struct attest_start *ret, struct err *e)
{
	const char *colon = strchr(text, ':');
	enum bank bank = BANK_NONE;
	char name[16] = "";

	if (colon && (size_t)(colon - text) < sizeof(name)) {
		memcpy(name, text, (size_t)(colon - text));
		bank = bank_by_name(name);
	}
	if (!bank ||
	    hex_decode(colon + 1, strlen(colon + 1), attest_start_of(ret, bank), bank_size(bank)))
		return err_set(e, -EINVAL, "%s: not BANK:VALUE, such as sha256:00…", text);
	return 0;
}

int attest_read_log(const char *path, struct measure_log *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_stream(path, MEASURELOG_MAX, &b, e);

	if (!r && (r = measure_parse(b.data, b.len, BANK_NONE, ret, e)))
		err_prefix(e, "%s", path);
	buf_free(&b);
	return r;
}

enum statement_kind attest_show_statement(struct out *o, const char *text)
{
	struct statement s;

	if (statement_parse(text, strlen(text), &s, NULL))
		return STATEMENT_NONE;
	out_array(o, "lines", NULL);
	for (size_t i = 0; i < s.n; i++) {
		out_str(o, "", NULL, s.lines[i]);
		out_line(o, s.kind >= STATEMENT_UNKNOWN ? OUT_BAD : OUT_PLAIN, NULL, "    %s",
			 s.lines[i]);
	}
	out_end(o);
	statement_done(&s);
	return s.kind;
}

int attest_values_add(struct attest_values *v, const char *path, struct err *e)
{
	if (v->n == ATTEST_VALUES_MAX)
		return err_set(e, -E2BIG, "at most %d times --values", ATTEST_VALUES_MAX);
	v->path[v->n++] = path;
	return 0;
}

/* A signed file counts with the certificate of its signer only, and with that no other does. */
static int open_signed(const char *signer, struct buf *b, struct err *e)
{
	bool is = reference_is_signed((char *)b->data, b->len);
	struct buf payload = BUF_INIT;
	struct cert_set set = {0};
	int r;

	if (!signer)
		return is ? err_set(e, -EPERM, "it is signed: --signer says by whom") : 0;
	if (!is)
		return err_set(e, -EPERM, "it is not signed");
	r = cert_set_read_file(&set, signer, 0, e);
	if (r > 0)
		r = reference_open((char *)b->data, b->len, &set, &payload, e);
	/* The machine is not to blame. */
	if (r == -EKEYREJECTED)
		e->code = r = -EPERM;
	if (!r) {
		buf_free(b);
		*b = payload;
	}
	cert_set_done(&set);
	return r;
}

int attest_values_read(const struct attest_values *v, bool more, struct pcrs *ret, struct err *e)
{
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	ret->bank = BANK_SHA256;
	for (size_t i = 0; !r && i < v->n; i++) {
		struct buf b = BUF_INIT;

		r = io_read_stream(v->path[i], VALUES_MAX, &b, e);
		if (!r && (r = open_signed(v->signer, &b, e)))
			err_prefix(e, "%s", v->path[i]);
		if (!r && (r = pcrs_read((char *)b.data, b.len, more, ret, e)))
			err_prefix(e, "%s", v->path[i]);
		buf_free(&b);
	}
	return r;
}

int attest_read_key(const char *path, struct keyfile *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_file(path, KEYFILE_MAX, &b, e);

	r = r ?: keyfile_parse(b.data, b.len, path, ret, e);
	buf_free(&b);
	return r;
}
