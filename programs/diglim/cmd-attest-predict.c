/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-attest.h"
#include "common-list.h"
#include "verbs.h"
#include "../../lib/attest/gather.h"
#include "../../lib/attest/imalist.h"
#include "../../lib/attest/imapredict.h"
#include "../../lib/base/io.h"
#include "../../lib/output/progress.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/pkgdb/rpmfile.h"

static const char *const usage[] = {
	"attest predict [FILE|DIR…] [--only] [--without NAME] [--mode MODE]",
	"attest predict [FILE|DIR…] [--after LOG] [--ima LIST]",
	NULL,
};

static const struct cli_option options[] = {
	{'o', "only", NULL, "Only the lists and packages that are named"},
	{'w', "without", "NAME", "Leave out lists of this name, or pattern; may be repeated"},
	{'m', "mode", "MODE", "In this mode: off, audit or enforce (default: as configured)"},
	{'a', "after", "LOG", "Also the value if the machine of this event log changes to it"},
	{'i', "ima", "LIST", "Also register 10, where IMA's list begins as this one"},
	{'p', "pcr", "N", "The register (default: 13)"},
	{'s', "start", "BANK:VALUE", "What the register holds before; may be repeated"},
	{'t', "statement", NULL, "Show the text whose digest is extended"},
	{0, NULL, NULL, NULL},
};

#define WITHOUT_MAX 64

struct predict {
	struct cli *c;
	bool only, statement;
	const char *without[WITHOUT_MAX];
	size_t n_without;
	const char *mode, *after, *ima;
	unsigned pcr;
	struct attest_start start;
	struct keys keys;
	struct lists lists;
	struct statement state;
	size_t refused, left_out, broken;
	struct progress progress;
};

static int take_option(struct predict *p, int id, struct err *e)
{
	switch (id) {
	case 'o':
		p->only = true;
		return 0;
	case 'w':
		if (p->n_without == WITHOUT_MAX)
			return err_set(e, -E2BIG, "at most %d times --without", WITHOUT_MAX);
		p->without[p->n_without++] = optarg;
		return 0;
	case 'm':
		p->mode = optarg;
		return 0;
	case 'a':
		p->after = optarg;
		return 0;
	case 'i':
		p->ima = optarg;
		return 0;
	case 'p':
		return attest_pcr_parse(optarg, &p->pcr, e);
	case 's':
		return attest_start_parse(optarg, &p->start, e);
	default:
		p->statement = true;
		return 0;
	}
}

static void say_refused(struct predict *p, const char *path, const char *why)
{
	progress_clear(&p->progress);
	cli_say("%s: not part of it, the kernel refuses it: %s", path, why);
	p->refused++;
}

/* A package that is not installed: its list is made as import would make it. */
static int add_rpm(struct predict *p, const char *path, struct err *e)
{
	struct import_options opt = {.vendor_keys = &p->keys.set[KEYS_VENDOR],
				     .ingest_buffer = p->c->config.ingest_buffer};
	struct import_result res = {0};
	struct rpmpkg pkg = {0};
	int r = rpmfile_read(path, &pkg, e);

	r = r ?: import_rpm(&pkg, &opt, &res, e);
	if (!r && res.outcome == IMPORT_MALFORMED)
		r = err_set(e, -EBADMSG, "%s: %s", path, res.text);
	else if (!r && res.outcome == IMPORT_OK)
		r = gather_payload(&p->state, res.payload.data, res.payload.len, res.name, e);
	else if (!r)
		say_refused(p, path, res.text);
	import_result_done(&res);
	rpmpkg_done(&pkg);
	return r;
}

static int add_path(struct predict *p, const char *path, struct err *e)
{
	struct err why = {0};
	int r = list_is_package(path, e);

	if (r < 0)
		return r;
	if (r)
		return add_rpm(p, path, e);
	r = gather_list(&p->state, path, &p->keys, &why, e);
	if (!r)
		say_refused(p, path, why.text[0] ? why.text : err_name(why.code));
	return r < 0 ? r : 0;
}

static int add_paths(struct predict *p, struct err *e)
{
	int r = 0;

	progress_start(&p->progress, "Reading lists", p->lists.n);
	for (size_t i = 0; !r && i < p->lists.n; i++) {
		struct err why = {0};

		progress_step(&p->progress, i, p->lists.paths[i]);
		r = add_path(p, p->lists.paths[i], &why);
		if (!r)
			continue;
		progress_clear(&p->progress);
		if (r == -ENOMEM)
			return err_set(e, r, "%s", why.text);
		cli_say("%s: left out", why.text);
		p->broken++;
		r = 0;
	}
	progress_clear(&p->progress);
	return r;
}

static bool is_without(const struct predict *p, const char *line)
{
	struct statement_line l;

	if (statement_split(line, &l) || strcmp(l.word, "list") != 0)
		return false;
	for (size_t i = 0; i < p->n_without; i++)
		if (!fnmatch(p->without[i], l.name, 0))
			return true;
	return false;
}

static void leave_out(struct predict *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->state.n; i++) {
		if (is_without(p, p->state.lines[i])) {
			free(p->state.lines[i]);
			p->left_out++;
		} else {
			p->state.lines[n++] = p->state.lines[i];
		}
	}
	p->state.n = n;
}

static int gather(struct predict *p, int argc, char **argv, struct err *e)
{
	struct cli *c = p->c;
	int r = 0;

	if (p->mode && config_mode_parse(p->mode, &c->config.mode))
		return err_set(e, -EINVAL, "%s: off, audit or enforce", p->mode);
	r = keys_read(&p->keys, &c->places, e);
	r = r ?: gather_settings(&p->state, &c->config, e);
	r = r ?: gather_programs(&p->state, c->places.root, e);
	r = r ?: gather_keys(&p->state, &p->keys, e);
	if (!r && !p->only)
		r = lists_add_places(&p->lists, &c->places, e);
	for (int i = optind; !r && i < argc; i++)
		r = lists_add(&p->lists, argv[i], e);
	r = r ?: add_paths(p, e);
	if (!r)
		leave_out(p);
	return r;
}

static size_t count(const struct statement *s, const char *word)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += strncmp(s->lines[i], word, strlen(word)) == 0;
	return n;
}

/* As reference values: {"sha256": {"13": ["VALUE"]}}. */
static void show_value(struct out *o, enum bank bank, unsigned pcr, const uint8_t *value)
{
	char name[8];

	snprintf(name, sizeof(name), "%u", pcr);
	out_object(o, bank_name(bank), NULL);
	out_array(o, name, NULL);
	out_hex(o, "", NULL, value, bank_size(bank));
	out_end(o);
	out_end(o);
	out_hex(o, NULL, bank_name(bank), value, bank_size(bank));
}

static int show_values(struct predict *p, const char *key, const char *heading,
		       const struct attest_start *from, const struct buf *text, struct err *e)
{
	struct out *o = p->c->out;
	int r = 0;

	out_object(o, key, heading);
	for (const enum bank *b = attest_banks; !r && *b; b++) {
		uint8_t value[BANK_SIZE_MAX], digest[BANK_SIZE_MAX];
		struct attest_start start = *from;

		memcpy(value, attest_start_of(&start, *b), sizeof(value));
		r = text ? bank_hash(*b, text->data, text->len, digest, e) : 0;
		if (!r && text)
			r = bank_extend(*b, value, digest, e);
		if (r)
			break;
		show_value(o, *b, p->pcr, value);
	}
	out_end(o);
	return r;
}

/* What IMA has in its register. */
static int show_ima(struct predict *p, struct err *e)
{
	struct buf list = BUF_INIT;
	int r = io_read_stream(p->ima, IMALIST_MAX, &list, e);

	out_object(p->c->out, "ima", "After boot, register 10");
	for (const enum bank *b = attest_banks; !r && *b; b++) {
		uint8_t value[BANK_SIZE_MAX];

		r = imapredict(list.data, list.len, &p->keys, &p->state, *b, value, e);
		if (r)
			err_prefix(e, "%s", p->ima);
		else
			show_value(p->c->out, *b, IMAPREDICT_PCR, value);
	}
	out_end(p->c->out);
	buf_free(&list);
	return r;
}

/* What the register of a running machine holds once it has changed to the state. */
static int show_after(struct predict *p, struct err *e)
{
	struct statement now = STATEMENT_INIT(STATEMENT_NONE), change = now;
	const struct measure_record *poison;
	struct attest_start start = p->start;
	struct measure_log log = {0};
	struct buf text = BUF_INIT;
	int r = attest_read_log(p->after, &log, e);

	r = r ?: measure_state(&log, p->pcr, &now, &poison, e);
	if (!r && (!now.kind || poison))
		r = err_set(e, -EINVAL, "%s: %s", p->after,
			    poison ? "an unknown file was used: only a restart helps"
				   : "no record of this register");
	for (const enum bank *b = attest_banks; !r && *b; b++)
		r = measure_replay(&log, log.n, p->pcr, *b, attest_start_of(&start, *b), e);
	r = r ?: statement_diff(&now, &p->state, &change, e);
	if (!r && change.n)
		r = statement_text(&change, &text, e);
	r = r ?: show_values(p, "after", "After the change", &start, change.n ? &text : NULL, e);
	buf_free(&text);
	statement_done(&change);
	statement_done(&now);
	measure_log_done(&log);
	return r;
}

static int show(struct predict *p, struct err *e)
{
	struct out *o = p->c->out;
	struct buf text = BUF_INIT;
	int r = statement_text(&p->state, &text, e);

	if (r)
		goto out;
	out_num(o, "pcr", "Register", p->pcr);
	out_num(o, "lists", "Lists", count(&p->state, "list "));
	out_num(o, "keys", "Keys", count(&p->state, "key "));
	out_num(o, "refused", p->refused ? "Refused" : NULL, p->refused);
	out_num(o, "left_out", p->left_out ? "Left out" : NULL, p->left_out);
	r = show_values(p, "pcrs", "After boot", &p->start, &text, e);
	if (!r && p->after)
		r = show_after(p, e);
	if (!r && p->ima)
		r = show_ima(p, e);
	if (r || !p->statement)
		goto out;
	buf_add_u8(&text, 0);
	if (text.failed) {
		r = err_set(e, -ENOMEM, "out of memory");
		goto out;
	}
	out_str(o, "statement", NULL, (const char *)text.data);
	out_line(o, OUT_PLAIN, NULL, "diglim %s 1", statement_kind_name(p->state.kind));
	for (size_t i = 0; i < p->state.n; i++)
		out_line(o, OUT_PLAIN, NULL, "%s", p->state.lines[i]);
out:
	buf_free(&text);
	return r;
}

static int predict_run(struct cli *c, int argc, char **argv)
{
	struct predict p = {.c = c, .pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id, r = 0;

	p.state = STATEMENT_INIT(STATEMENT_STATE);
	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&p, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (p.only && optind == argc)
		return cli_usage(c, "--only: name lists, packages or directories of them");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = gather(&p, argc, argv, &e);
	r = r ?: show(&p, &e);
	statement_done(&p.state);
	lists_done(&p.lists);
	keys_done(&p.keys);
	if (r)
		return cli_fail(c, &e);
	return p.broken ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_attest_predict = {
	.name = "predict",
	.summary = "Tell what the register will hold, from lists, keys and settings",
	.usage = usage,
	.options = options,
	.root = true,
	.run = predict_run,
};
