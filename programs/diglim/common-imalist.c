/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-attest.h"
#include "common-imalist.h"
#include "../../lib/attest/imapredict.h"
#include "../../lib/attest/imarecord.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/digest.h"

int imalist_show_open(struct imalist_show *s, struct cli *c, struct err *e)
{
	int r;

	*s = (struct imalist_show){.c = c};
	r = keys_read(&s->keys, &c->places, e);
	return r ?: lists_add_places(&s->lists, &c->places, e);
}

static void drop_queries(struct imalist_show *s)
{
	for (size_t i = 0; i < s->n; i++)
		lists_query_done(&s->queries[i]);
	s->n = 0;
}

void imalist_show_done(struct imalist_show *s)
{
	drop_queries(s);
	free(s->queries);
	lists_done(&s->lists);
	keys_done(&s->keys);
}

/* First pass: which digests to look for, so that each list is read once. */
static int note(const struct ima_entry *entry, void *arg)
{
	struct imalist_show *s = arg;

	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		void *queries = realloc(s->queries, room * sizeof(*s->queries));

		if (!queries)
			return -ENOMEM;
		s->queries = queries;
		s->room = room;
	}
	s->queries[s->n] = (struct lists_query){0};
	if (entry->digest_len == DIGLIM_DIGEST_SIZE && strcmp(entry->algo, "sha256") == 0)
		memcpy(s->queries[s->n].digest, entry->digest, DIGLIM_DIGEST_SIZE);
	s->n++;
	return 0;
}

/* A key that was put into a keyring: the buffer is its certificate. */
static bool show_key(struct imalist_show *s, const struct ima_entry *entry)
{
	struct cert_set set = {0};
	bool is = strcmp(entry->template, "ima-buf") == 0 &&
		  cert_set_read(&set, entry->extra, entry->extra_len, "key", 0, NULL) > 0;

	if (is) {
		out_str(s->c->out, "key", NULL, set.certs[0]->owner);
		out_line(s->c->out, OUT_PLAIN, NULL, "      key of %s", set.certs[0]->owner);
	}
	cert_set_done(&set);
	return is;
}

/* The record that was measured, if its file is still there. */
static void show_text(struct imalist_show *s, const struct ima_entry *entry, const char *name)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	struct buf text = BUF_INIT;
	char path[PATH_MAX];
	bool same;

	snprintf(path, sizeof(path), "%.2000s%.2000s", s->c->places.root, name);
	same = !io_read_file(path, STATEMENT_MAX, &text, NULL) &&
	       !digest_buffer(DIGEST_SHA256, text.data, text.len, digest, NULL) &&
	       entry->digest_len == sizeof(digest) &&
	       memcmp(entry->digest, digest, sizeof(digest)) == 0;
	buf_add_u8(&text, 0);
	if (same && !text.failed)
		(void)attest_show_statement(s->c->out, (char *)text.data);
	else
		out_line(s->c->out, OUT_WARN, NULL, "      its file is not here");
	buf_free(&text);
}

/* A record of diglimd, by its path: IMA's rule is for nothing else. */
static bool show_record(struct imalist_show *s, const struct ima_entry *entry, const char *name)
{
	static const char dir[] = PLACES_RUN "/" IMARECORD_DIR "/";
	const char *kind = strchr(name, '-');
	bool good;

	if (strncmp(name, dir, sizeof(dir) - 1) != 0)
		return false;
	name += sizeof(dir) - 1;
	good = strcmp(name, IMARECORD_SETTINGS) == 0 ||
	       (kind && (strcmp(kind, "-state") == 0 || strcmp(kind, "-change") == 0));
	s->bad |= !good;
	out_str(s->c->out, "record", NULL, name);
	out_line(s->c->out, good ? OUT_PLAIN : OUT_BAD, NULL, "      record %s of diglimd", name);
	show_text(s, entry, name - (sizeof(dir) - 1));
	return true;
}

/* A list of ours: by what it holds, not by its name. */
static bool show_list(struct imalist_show *s, const struct ima_entry *entry, const char *name)
{
	struct lists_info info;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s", s->c->places.root, name) >= (int)sizeof(path) ||
	    lists_examine(path, &s->keys, &info, NULL, NULL, NULL))
		return false;
	if (digest_file(AT_FDCWD, path, digest, NULL, NULL) ||
	    entry->digest_len != sizeof(digest) ||
	    memcmp(entry->digest, digest, sizeof(digest)) != 0) {
		out_line(s->c->out, OUT_WARN, NULL, "      a list that changed since");
		return false;
	}
	out_str(s->c->out, "list", NULL, info.name);
	out_bool(s->c->out, "list_valid", NULL, !info.verdict);
	out_line(s->c->out, info.verdict ? OUT_BAD : OUT_PLAIN, NULL, "      list of %s%s",
		 info.name, info.verdict ? ", which no key vouches for" : "");
	return true;
}

static void show_hit(struct imalist_show *s, const struct lists_query *q)
{
	const struct lists_hit *hit = q->hits;
	bool good = hit && !hit->altered && !hit->info.verdict;

	if (good)
		out_str(s->c->out, "package", NULL, hit->info.name);
	out_line(s->c->out, good ? OUT_PLAIN : OUT_BAD, NULL, good ? "      of %s" : "      %s",
		 good ? hit->info.name : "no list holds its digest");
	s->bad |= !good;
}

static bool is_name(const char *name, const char *word)
{
	return strcmp(name, word) == 0;
}

static void explain(struct imalist_show *s, const struct ima_entry *entry, const char *name)
{
	struct out *o = s->c->out;

	if (entry->violation) {
		out_line(o, OUT_BAD, NULL, "      violation: it was being written");
		s->bad = true;
	} else if (!entry->data) {
		out_line(o, OUT_WARN, NULL, "      template %s is not known", entry->template);
	} else if (is_name(name, "boot_aggregate")) {
		out_line(o, OUT_PLAIN, NULL, "      digest of the boot registers");
	} else if (!show_key(s, entry) && !show_record(s, entry, name) &&
		   !show_list(s, entry, name)) {
		if (*name == '/')
			show_hit(s, &s->queries[entry->number - 1]);
		else
			out_line(o, OUT_PLAIN, NULL, "      data of the kernel");
	}
}

static int show_entry(const struct ima_entry *entry, void *arg)
{
	struct imalist_show *s = arg;
	struct out *o = s->c->out;
	char *name = strndup(entry->name ? entry->name : "", entry->name_len);

	if (!name)
		return -ENOMEM;
	out_object(o, NULL, NULL);
	out_num(o, "number", NULL, entry->number);
	out_num(o, "pcr", NULL, entry->pcr);
	out_str(o, "template", NULL, entry->template);
	out_str(o, "name", NULL, name);
	out_str(o, "algo", NULL, entry->algo);
	out_hex(o, "digest", NULL, entry->digest, entry->digest_len);
	out_bool(o, "violation", NULL, entry->violation);
	out_line(o, entry->violation ? OUT_BAD : OUT_PLAIN, NULL, "%zu: register %u, %s %s",
		 entry->number, entry->pcr, entry->template, name);
	explain(s, entry, name);
	out_end(o);
	free(name);
	return 0;
}

struct replay {
	enum bank bank;
	uint8_t value[BANK_SIZE_MAX];
	struct err *e;
};

static int extend(const struct ima_entry *entry, void *arg)
{
	struct replay *r = arg;
	uint8_t digest[BANK_SIZE_MAX];
	int code;

	if (entry->pcr != IMAPREDICT_PCR)
		return 0;
	code = imalist_digest(entry, r->bank, digest, r->e);
	return code ?: bank_extend(r->bank, r->value, digest, r->e);
}

static int show_replay(struct imalist_show *s, const void *data, size_t len, struct err *e)
{
	static const enum bank banks[] = {BANK_SHA1, BANK_SHA256, BANK_SHA384};
	int code = 0;

	out_object(s->c->out, "value", "Replayed, register 10");
	for (size_t i = 0; !code && i < sizeof(banks) / sizeof(*banks); i++) {
		struct replay r = {.bank = banks[i], .e = e};

		code = imalist_walk(data, len, extend, &r, e);
		if (!code)
			out_hex(s->c->out, bank_name(r.bank), bank_name(r.bank), r.value,
				bank_size(r.bank));
		else if (code == -ENODATA)
			code = 0;
	}
	out_end(s->c->out);
	return code;
}

int imalist_show(struct imalist_show *s, const void *data, size_t len, struct err *e)
{
	int r;

	drop_queries(s);
	s->bad = false;
	r = imalist_walk(data, len, note, s, e);
	r = r ?: lists_find(&s->lists, &s->keys, s->queries, s->n, NULL, NULL, NULL, e);
	if (r)
		return r == -ENOMEM ? err_set(e, r, "out of memory") : r;
	out_array(s->c->out, "entries", NULL);
	r = imalist_walk(data, len, show_entry, s, e);
	out_end(s->c->out);
	r = r == -ENOMEM ? err_set(e, r, "out of memory") : r;
	return r ?: show_replay(s, data, len, e);
}
