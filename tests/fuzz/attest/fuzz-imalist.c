/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IMA's list: what an entry points to lies within it, and its digest can be told or is refused. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/attest/imalist.h"

static volatile uint8_t sink;

static void touch(const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		sink ^= p[i];
}

static int look(const struct ima_entry *entry, void *arg)
{
	uint8_t digest[BANK_SIZE_MAX];
	struct err e = {0};
	int r;

	ORACLE(entry->number == ++*(size_t *)arg);
	ORACLE(entry->pcr < 24 && *entry->template &&
	       memchr(entry->template, 0, sizeof(entry->template)));
	ORACLE(memchr(entry->algo, 0, sizeof(entry->algo)));
	touch(entry->digest, entry->digest_len);
	touch(entry->name, entry->name_len);
	touch(entry->extra, entry->extra_len);
	touch(entry->data, entry->data_len);
	touch(entry->stated, entry->stated_len);
	r = imalist_digest(entry, BANK_SHA256, digest, &e);
	ORACLE(!r || ((r == -ENODATA || r == -EBADMSG) && e.text[0]));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};
	size_t n = 0;
	int r = imalist_walk(data, size, look, &n, &e);

	ORACLE(!r || (r == -EBADMSG && e.text[0]));
	return 0;
}
