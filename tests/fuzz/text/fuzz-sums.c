/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digest files: what is read is written and read again, and must be the same. */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/format/sums.h"

struct again {
	struct buf text;
	size_t n;
};

static int write_again(const struct sums_entry *entry, void *arg)
{
	struct again *a = arg;

	ORACLE(entry->path[0] && strlen(entry->path) < sizeof(entry->path));
	ORACLE(strlen(entry->use) < sizeof(entry->use));
	/* Nobody writes those of fs-verity. */
	if (entry->digest.verity)
		return 0;
	sums_put(&a->text, entry->digest.value, entry->path);
	a->n++;
	return 0;
}

static int count(const struct sums_entry *entry, void *arg)
{
	++*(size_t *)arg;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct again a = {BUF_INIT, 0};
	struct err e = {0};
	size_t n = 0;

	if (sums_walk(data, size, "input", write_again, &a, &e))
		ORACLE(e.code < 0 && strstr(e.text, "line "));
	ORACLE(a.text.failed || !sums_walk(a.text.data, a.text.len, "again", count, &n, &e));
	ORACLE(a.text.failed || n == a.n);
	buf_free(&a.text);
	return 0;
}
