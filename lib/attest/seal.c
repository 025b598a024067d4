/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "seal.h"
#include "../base/buf.h"
#include "../base/hex.h"

struct seal {
	struct tpm *tpm;
	struct measure_writer *writer;
	struct imarecord *ima; /* or NULL */
	unsigned pcr;
	enum bank banks[BANK_MAX];
	bool broken; /* the log is ahead of the TPM */
};

int seal_check_pcr(unsigned pcr, struct err *e)
{
	if (pcr <= 15)
		return 0;
	return err_set(e, -EINVAL,
		       "register %u can be reset while the machine runs: its value proves nothing; "
		       "choose one below 16",
		       pcr);
}

static void start_value(const struct seal_config *cfg, enum bank bank, uint8_t value[BANK_SIZE_MAX])
{
	memset(value, 0, BANK_SIZE_MAX);
	for (size_t i = 0; cfg->start && i < BANK_MAX; i++)
		if (bank_at(i) == bank)
			memcpy(value, cfg->start[i], BANK_SIZE_MAX);
}

/* How many records of the log are in the register of this bank: all, or all but the last. */
static int count_extended(const struct seal *s, const struct seal_config *cfg,
			  const struct measure_log *log, enum bank bank, size_t *ret, struct err *e)
{
	uint8_t is[BANK_SIZE_MAX], want[BANK_SIZE_MAX];
	char hex[2 * BANK_SIZE_MAX + 1];
	int r = tpm_pcr_read(s->tpm, s->pcr, bank, is, e);

	if (r)
		return r;
	for (size_t behind = 0; behind < 2 && behind <= log->n; behind++) {
		start_value(cfg, bank, want);
		r = measure_replay(log, log->n - behind, s->pcr, bank, want, e);
		if (r)
			return r;
		if (memcmp(is, want, bank_size(bank)) == 0) {
			*ret = log->n - behind;
			return 0;
		}
	}
	return err_set(
		e, -EADDRINUSE,
		"register %u holds %s in bank %s, which is not what the log leads to: another "
		"program uses it, or the log is not of this boot",
		s->pcr, hex_encode(is, bank_size(bank), hex), bank_name(bank));
}

/* The writer died between log and TPM: what it logged is extended now. */
static int catch_up(struct seal *s, const struct measure_log *log, struct err *e)
{
	const struct measure_record *last = &log->records[log->n - 1];
	uint8_t digests[BANK_MAX][BANK_SIZE_MAX];

	memcpy(digests, last->digests, sizeof(digests));
	return tpm_pcr_extend(s->tpm, s->pcr, last->banks, digests, e);
}

static int check_register(struct seal *s, const struct seal_config *cfg,
			  const struct measure_log *log, struct err *e)
{
	size_t first = 0, n = 0;
	int r;

	for (size_t i = 0; i < log->n; i++)
		if (!log->records[i].ours || log->records[i].pcr != s->pcr)
			return err_set(e, -EADDRINUSE, "%s: record %zu is not of register %u",
				       cfg->log, i + 1, s->pcr);
	r = tpm_banks(s->tpm, s->pcr, s->banks, e);
	for (size_t i = 0; !r && i < BANK_MAX && s->banks[i]; i++) {
		r = count_extended(s, cfg, log, s->banks[i], &n, e);
		if (!r && i && n != first)
			r = err_set(e, -EADDRINUSE, "the banks of register %u do not agree",
				    s->pcr);
		first = n;
	}
	return r ?: first < log->n ? catch_up(s, log, e) : 0;
}

/* IMA knows what it has measured in this boot: only what is missing is measured now. */
static int catch_up_ima(struct seal *s, const struct imarecord_config *cfg,
			const struct measure_log *log, struct err *e)
{
	int r = cfg ? imarecord_open(cfg, &s->ima, e) : 0;

	for (size_t i = 0; !r && cfg && i < log->n; i++)
		r = imarecord_put(s->ima, log->records[i].text, e);
	return r;
}

int seal_open(const struct seal_config *cfg, struct seal **ret, struct measure_log *log,
	      struct err *e)
{
	struct measure_log own = {0};
	struct seal *s;
	int r = seal_check_pcr(cfg->pcr, e);

	*ret = NULL;
	if (r)
		return r;
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	s->pcr = cfg->pcr;
	r = tpm_open(cfg->tcti, &s->tpm, e);
	r = r ?: measure_writer_open(cfg->log, &s->writer, &own, e);
	r = r ?: check_register(s, cfg, &own, e);
	r = r ?: catch_up_ima(s, cfg->ima, &own, e);
	if (r || !log)
		measure_log_done(&own);
	else
		*log = own;
	if (r)
		seal_close(s);
	else
		*ret = s;
	return r;
}

struct seal *seal_close(struct seal *s)
{
	if (s) {
		imarecord_close(s->ima);
		measure_writer_close(s->writer);
		tpm_close(s->tpm);
		free(s);
	}
	return NULL;
}

int seal_record(struct seal *s, struct statement *st, struct err *e)
{
	struct measure_record r = {0};
	struct buf text = BUF_INIT;
	int code;

	if (s->broken)
		return err_set(e, -EIO, "an earlier record was not extended");
	code = statement_text(st, &text, e);
	buf_add_u8(&text, 0);
	if (!code && text.failed)
		code = err_set(e, -ENOMEM, "out of memory");
	if (!code)
		code = measure_append(s->writer, s->pcr, s->banks, st->kind, (char *)text.data, &r,
				      e);
	if (!code) {
		code = tpm_pcr_extend(s->tpm, s->pcr, s->banks, r.digests, e);
		if (!code && s->ima)
			code = imarecord_put(s->ima, (char *)text.data, e);
		s->broken = code;
	}
	buf_free(&text);
	return code;
}
