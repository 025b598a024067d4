/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compact_gen -d OUT -i FILE|DIR [-t parser|file|metadata] [-a sha256] [-f] [-n parser|key]
 *             [-F compact|compact_tlv]
 * The last two are ours: the earlier ones wrote one numbering and one version each.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "legacy.h"
#include "../../lib/base/io.h"
#include "../../lib/format/legacy.h"
#include "../../lib/pkgdb/metadata.h"
#include "../../lib/pkgdb/walk.h"

/* Entries are large while they are put into a list. */
enum { BLOCK = 64 };

struct record {
	char *path;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	bool immutable;
};

struct job {
	const char *out, *input;
	enum legacy_type type;
	enum legacy_numbering numbering;
	enum legacy_format format;
	bool all_immutable, no_memory;
	struct record *records;
	size_t n, room, troubles;
};

/* As the earlier one decided: what is run or cannot be written, and has content. */
static bool is_immutable(const struct job *j, const struct stat *st)
{
	return j->all_immutable ||
	       ((st->st_mode & 0111 || !(st->st_mode & 0222)) && st->st_size > 0);
}

static void file(const struct walk_file *f, void *arg)
{
	struct job *j = arg;
	struct record *to;

	if (j->n == j->room) {
		size_t room = j->room ? 2 * j->room : 256;
		void *more = reallocarray(j->records, room, sizeof(*j->records));

		j->no_memory |= !more;
		if (!more)
			return;
		j->records = more;
		j->room = room;
	}
	to = &j->records[j->n];
	to->path = strdup(f->path);
	to->immutable = is_immutable(j, &f->st);
	memcpy(to->digest, f->digest, sizeof(to->digest));
	j->no_memory |= !to->path;
	j->n += to->path != NULL;
}

static void trouble(enum walk_trouble what, const char *path, const struct err *e, void *arg)
{
	struct job *j = arg;

	j->troubles++;
	legacy_fail("%s", what == WALK_MOUNT ? path : e->text);
}

/* Sorted, so that the same files make the same list whatever thread was first. */
static int by_digest(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int r = (x->immutable > y->immutable) - (x->immutable < y->immutable);

	return r ? r : memcmp(x->digest, y->digest, sizeof(x->digest));
}

static int by_path(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int r = (x->immutable > y->immutable) - (x->immutable < y->immutable);

	return r ? r : strcmp(x->path, y->path);
}

/* One block of those that are immutable, or that are not. */
static void put_digests(const struct job *j, bool immutable, struct buf *to)
{
	struct buf digests = BUF_INIT;

	for (size_t i = 0; i < j->n; i++)
		if (j->records[i].immutable == immutable)
			buf_add(&digests, j->records[i].digest, DIGLIM_DIGEST_SIZE);
	if (digests.len)
		legacy_put_block(to, j->type, j->numbering, immutable, digests.data,
				 (uint32_t)(digests.len / DIGLIM_DIGEST_SIZE));
	to->failed |= digests.failed;
	buf_free(&digests);
}

static int take_entry(const struct job *j, const struct record *from, struct legacy_entry *ret,
		      struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(from->path) >= sizeof(ret->path))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", from->path);
	if (j->type == LEGACY_METADATA && metadata_take(NULL, from->path, ret, e))
		return e->code;
	strcpy(ret->path, from->path);
	ret->digest = from->digest;
	ret->immutable = from->immutable;
	return 0;
}

static int put_entries(const struct job *j, struct buf *to, struct err *e)
{
	struct legacy_entry *block = calloc(BLOCK, sizeof(*block));
	uint32_t n = 0;
	int r = block ? 0 : err_set(e, -ENOMEM, "no memory");

	for (size_t i = 0; !r && i < j->n; i++) {
		r = take_entry(j, &j->records[i], &block[n++], e);
		if (r || (n < BLOCK && i + 1 < j->n &&
			  j->records[i].immutable == j->records[i + 1].immutable))
			continue;
		legacy_put_tlv(to, j->type, j->numbering, block, n);
		n = 0;
	}
	free(block);
	return r;
}

static int make_list(struct job *j, struct buf *ret, struct err *e)
{
	bool tlv = j->format == LEGACY_COMPACT_TLV;

	if (j->n)
		qsort(j->records, j->n, sizeof(*j->records), tlv ? by_path : by_digest);
	if (tlv)
		return put_entries(j, ret, e);
	put_digests(j, false, ret);
	put_digests(j, true, ret);
	return 0;
}

static int write_list(struct job *j)
{
	const char *base = strrchr(j->input, '/') + 1;
	char path[PATH_MAX];
	struct buf b = BUF_INIT;
	struct io_part part;
	struct err e = {0};
	int r = LEGACY_DONE;

	if (make_list(j, &b, &e)) {
		buf_free(&b);
		return legacy_fail("%s", e.text);
	}
	part = (struct io_part){b.data, b.len};
	if (snprintf(path, sizeof(path), "%s/0-%s_list-%s-%s", j->out, legacy_type_name(j->type),
		     legacy_format_name(j->format), *base ? base : "root") >= (int)sizeof(path))
		r = legacy_fail("%s: name too long", j->out);
	else if (b.failed)
		r = legacy_fail("no memory");
	else if (!b.len)
		r = legacy_fail("%s: no files in it", j->input);
	else if (io_write_atomic(path, &part, 1, 0644, &e))
		r = legacy_fail("%s", e.text);
	buf_free(&b);
	return r;
}

/* The position of @word among @words, which NULL ends; -1, said. */
static int choose(char option, const char *word, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return i;
	legacy_fail("-%c %s: not known; -h for help", option, word);
	return -1;
}

static int parse_choice(int c, const char *word, struct job *j)
{
	static const char *const types[] = {"parser", "file", "metadata", NULL};
	static const char *const numberings[] = {"key", "parser", NULL};
	static const char *const formats[] = {"compact", "compact_tlv", NULL};
	static const char *const algorithms[] = {"sha256", NULL}; /* what is judged */
	int i = choose((char)c, word,
		       c == 't'	  ? types
		       : c == 'n' ? numberings
		       : c == 'F' ? formats
				  : algorithms);

	if (c == 't' && i >= 0)
		j->type = (enum legacy_type)(LEGACY_PARSER + i);
	if (c == 'n' && i >= 0)
		j->numbering = (enum legacy_numbering)i;
	if (c == 'F' && i >= 0)
		j->format = (enum legacy_format)(LEGACY_COMPACT + i);
	return i < 0 ? LEGACY_TROUBLE : 0;
}

static void help(void)
{
	printf("usage: compact_gen -d DIR -i FILE|DIR [-t parser|file|metadata] [-a sha256] [-f]\n"
	       "                   [-n parser|key] [-F compact|compact_tlv]\n"
	       "  -d DIR     where the list is written, as 0-TYPE_list-FORMAT-NAME\n"
	       "  -i PATH    what is listed\n"
	       "  -f         call all files immutable\n"
	       "  -n FIRST   numbering of the types: parser (diglim-ebpf, the default) or key "
	       "(kernel\n"
	       "             patches, openEuler)\n"
	       "  -F FORMAT  compact: digests; compact_tlv: digests and paths, and with -t "
	       "metadata\n"
	       "             owner, mode, SELinux label and capabilities\n");
}

/* 0, -1 if that was all, or an exit status. */
static int parse(int argc, char **argv, struct job *j)
{
	int c, r = 0;

	while (!r && (c = getopt(argc, argv, "d:i:t:a:n:F:fh")) != -1) {
		if (c == 'h')
			return help(), -1;
		if (c == 'd')
			j->out = optarg;
		else if (c == 'i')
			j->input = optarg;
		else if (c == 'f')
			j->all_immutable = true;
		else
			r = c == '?' ? LEGACY_TROUBLE : parse_choice(c, optarg, j);
	}
	if (r)
		return r;
	return j->out && j->input ? 0
				  : legacy_fail("compact_gen: -d and -i are needed; -h for help");
}

static void job_done(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->records[i].path);
	free(j->records);
}

int legacy_compact_gen(int argc, char **argv)
{
	struct job j = {
		.type = LEGACY_FILE, .numbering = LEGACY_FROM_PARSER, .format = LEGACY_COMPACT};
	struct walk_options opt = {
		.cross = true, .all = true, .file = file, .trouble = trouble, .arg = &j};
	char real[PATH_MAX];
	struct walk_count n;
	struct err e;
	int r = parse(argc, argv, &j);

	if (r)
		return r < 0 ? LEGACY_DONE : r;
	if (!realpath(j.input, real))
		return legacy_fail("%s: %s", j.input, strerror(errno));
	j.input = real;
	if (walk_paths(&j.input, 1, &opt, &n, &e))
		r = legacy_fail("%s", e.text);
	else if (j.no_memory)
		r = legacy_fail("no memory");
	else if (j.troubles)
		r = legacy_fail("%s: not all files could be read: no list is made", j.input);
	else
		r = write_list(&j);
	job_done(&j);
	return r;
}
