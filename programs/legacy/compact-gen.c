/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* compact_gen -d OUT -i FILE|DIR [-t parser|file|metadata] [-a sha256] [-f] */
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
#include "../../lib/pkgdb/walk.h"

struct job {
	const char *out, *input;
	enum legacy_type type;
	bool all_immutable;
	struct buf plain, immutable; /* digests */
	size_t troubles;
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

	buf_add(is_immutable(j, &f->st) ? &j->immutable : &j->plain, f->digest, sizeof(f->digest));
}

static void trouble(enum walk_trouble what, const char *path, const struct err *e, void *arg)
{
	struct job *j = arg;

	j->troubles++;
	legacy_fail("%s", what == WALK_MOUNT ? path : e->text);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, DIGLIM_DIGEST_SIZE);
}

/* Sorted, so that the same files make the same list whatever thread was first. */
static void put(struct buf *to, const struct job *j, struct buf *digests, bool immutable)
{
	uint32_t n = (uint32_t)(digests->len / DIGLIM_DIGEST_SIZE);

	if (!n)
		return;
	qsort(digests->data, n, DIGLIM_DIGEST_SIZE, by_bytes);
	legacy_put_block(to, j->type, LEGACY_FROM_PARSER, immutable, digests->data, n);
	to->failed |= digests->failed;
}

static int write_list(struct job *j)
{
	char real[PATH_MAX], path[PATH_MAX];
	const char *base = realpath(j->input, real) ? strrchr(real, '/') + 1 : j->input;
	struct buf b = BUF_INIT;
	struct io_part part;
	struct err e;
	int r = LEGACY_DONE;

	put(&b, j, &j->plain, false);
	put(&b, j, &j->immutable, true);
	part = (struct io_part){b.data, b.len};
	if (snprintf(path, sizeof(path), "%s/0-%s_list-compact-%s", j->out,
		     legacy_type_name(j->type), *base ? base : "root") >= (int)sizeof(path))
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

static int parse(int argc, char **argv, struct job *j)
{
	int c;

	while ((c = getopt(argc, argv, "d:i:t:a:fh")) != -1) {
		if (c == 'd')
			j->out = optarg;
		else if (c == 'i')
			j->input = optarg;
		else if (c == 'f')
			j->all_immutable = true;
		else if (c == 'a' && strcmp(optarg, "sha256") != 0)
			return legacy_fail("-a %s: only sha256 is judged", optarg);
		else if (c == 't' && !strcmp(optarg, "parser"))
			j->type = LEGACY_PARSER;
		else if (c == 't' && !strcmp(optarg, "metadata"))
			j->type = LEGACY_METADATA;
		else if (c == 't' && strcmp(optarg, "file") != 0)
			return legacy_fail("-t %s: must be parser, file or metadata", optarg);
		else if (c == 'h' || c == '?')
			return printf("usage: compact_gen -d DIR -i FILE|DIR [-t TYPE] [-a sha256] "
				      "[-f]\n"),
			       c == 'h' ? -1 : LEGACY_TROUBLE;
	}
	return j->out && j->input ? 0
				  : legacy_fail("compact_gen: -d and -i are needed; -h for help");
}

int legacy_compact_gen(int argc, char **argv)
{
	struct job j = {.type = LEGACY_FILE};
	struct walk_options opt = {
		.cross = true, .all = true, .file = file, .trouble = trouble, .arg = &j};
	struct walk_count n;
	struct err e;
	int r = parse(argc, argv, &j);

	if (r)
		return r < 0 ? LEGACY_DONE : r;
	if (walk_paths(&j.input, 1, &opt, &n, &e))
		r = legacy_fail("%s", e.text);
	else if (j.troubles)
		r = legacy_fail("%s: not all files could be read: no list is made", j.input);
	else
		r = write_list(&j);
	buf_free(&j.plain);
	buf_free(&j.immutable);
	return r;
}
