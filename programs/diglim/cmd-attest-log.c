/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-attest.h"
#include "common-imalist.h"
#include "verbs.h"
#include "../../lib/base/io.h"
#include "../../lib/output/text.h"

static const char *const usage[] = {"attest log [FILE…] [--pcr N] [--start BANK:VALUE]", NULL};

static const struct cli_option options[] = {
	{'p', "pcr", "N", "The register of the event log (default: 13)"},
	{'s', "start", "BANK:VALUE", "What that register holds before; may be repeated"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"FILE is an event log of ours, or IMA's list, ASCII or binary (default: those of this",
	"system). Exit status 1 if an unknown file, or worse, is recorded.",
	NULL,
};

#define IMA_LIST "/sys/kernel/security/ima/binary_runtime_measurements"

struct log {
	struct cli *c;
	unsigned pcr;
	struct attest_start start;
	struct imalist_show ima;
	bool bad;
};

static void show_ours(struct log *l, const struct measure_record *r)
{
	out_str(l->c->out, "event", NULL, statement_kind_name(r->kind));
	out_str(l->c->out, "boot", NULL, r->boot_id);
	(void)attest_show_statement(l->c->out, r->text);
}

static void show_record(struct log *l, size_t number, const struct measure_record *r)
{
	char when[TEXT_TIME_MAX] = "";
	struct out *o = l->c->out;
	bool bad = r->kind >= STATEMENT_UNKNOWN;

	if (r->time_us)
		text_time(when, (int64_t)(r->time_us / 1000000), (int)(r->time_us % 1000000));
	out_object(o, NULL, NULL);
	out_num(o, "number", NULL, number);
	out_num(o, "pcr", NULL, r->pcr);
	out_str(o, "time", NULL, when);
	for (size_t i = 0; i < BANK_MAX && r->banks[i]; i++)
		out_hex(o, bank_name(r->banks[i]), NULL, r->digests[i], bank_size(r->banks[i]));
	out_line(o, bad ? OUT_BAD : OUT_BOLD, bad ? "[-]" : "[+]", "%zu: register %u, %s%s%s",
		 number, r->pcr,
		 r->ours ? statement_kind_name(r->kind) : "another program's record",
		 *when ? ", " : "", when);
	if (r->ours)
		show_ours(l, r);
	out_end(o);
	l->bad |= bad;
}

static int show_replay(struct log *l, const struct measure_log *log, struct err *e)
{
	struct attest_start start = l->start;
	struct out *o = l->c->out;
	int r = 0;

	out_object(o, "value", "Replayed");
	for (const enum bank *b = attest_banks; !r && *b; b++) {
		uint8_t *value = attest_start_of(&start, *b);

		r = measure_replay(log, log->n, l->pcr, *b, value, e);
		if (r == -ENODATA) {
			r = 0;
			continue;
		}
		if (!r)
			out_hex(o, bank_name(*b), bank_name(*b), value, bank_size(*b));
	}
	out_end(o);
	return r;
}

static int show_measure(struct log *l, const struct buf *b, struct err *e)
{
	const struct measure_record *poison;
	struct measure_log log = {0};
	struct out *o = l->c->out;
	struct statement state;
	struct err why = {0};
	int r = measure_parse(b->data, b->len, BANK_NONE, &log, e);

	if (r)
		return r;
	out_str(o, "kind", NULL, "diglim");
	out_array(o, "records", NULL);
	for (size_t i = 0; i < log.n; i++)
		show_record(l, i + 1, &log.records[i]);
	out_end(o);
	out_bool(o, "torn", NULL, log.torn);
	if (log.torn)
		out_line(o, OUT_WARN, "[!]", "the last record has no end, it was not extended");
	if (measure_state(&log, l->pcr, &state, &poison, &why)) {
		out_str(o, "inconsistent", NULL, why.text);
		out_line(o, OUT_BAD, "[-]", "%s", why.text);
		l->bad = true;
	} else {
		statement_done(&state);
	}
	r = show_replay(l, &log, e);
	measure_log_done(&log);
	return r;
}

static int show_file(struct log *l, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_stream(path, IMALIST_MAX, &b, e);

	if (!r) {
		out_object(l->c->out, NULL, NULL);
		out_str(l->c->out, "file", NULL, path);
		out_line(l->c->out, OUT_BOLD, NULL, "%s", path);
		if (b.len && b.data[0] == 0x1e) {
			r = show_measure(l, &b, e);
		} else {
			out_str(l->c->out, "kind", NULL, "ima");
			r = imalist_show(&l->ima, b.data, b.len, e);
			l->bad |= l->ima.bad;
		}
		out_end(l->c->out);
		if (r)
			err_prefix(e, "%s", path);
	}
	buf_free(&b);
	return r;
}

/* Either may be missing: a machine without IMA or without a register of ours. */
static int show_default(struct log *l, struct err *e)
{
	char path[PATH_MAX + 64];
	size_t shown = 0;
	int r;

	for (int i = 0; i < 2; i++) {
		if (i)
			snprintf(path, sizeof(path), "%s%s", l->c->places.root, IMA_LIST);
		else
			snprintf(path, sizeof(path), "%s/%s", l->c->places.run, MEASURELOG_NAME);
		r = show_file(l, path, e);
		if (r && r != -ENOENT)
			return r;
		shown += !r;
	}
	return shown ? 0
		     : err_set(e, -ENOENT, "nothing is measured: neither an event log in %s nor %s",
			       l->c->places.run, IMA_LIST);
}

static int log_run(struct cli *c, int argc, char **argv)
{
	struct log l = {.c = c, .pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id, r = 0;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'p' ? attest_pcr_parse(optarg, &l.pcr, &e)
			      : attest_start_parse(optarg, &l.start, &e))
			return cli_usage(c, "%s", e.text);
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = imalist_show_open(&l.ima, c, &e);
	out_array(c->out, "logs", NULL);
	for (int i = optind; !r && i < argc; i++)
		r = show_file(&l, argv[i], &e);
	if (!r && optind == argc)
		r = show_default(&l, &e);
	out_end(c->out);
	imalist_show_done(&l.ima);
	if (r)
		return cli_fail(c, &e);
	return l.bad ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_attest_log = {
	.name = "log",
	.summary = "Explain what was measured, line by line",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = log_run,
};
