/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compact lists of both versions: all that comes out lies inside the input. */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/format/legacy.h"

static const uint8_t *begin, *end;

static int check(const struct legacy_entry *entry, void *arg)
{
	ORACLE(!entry->digest ||
	       (entry->digest >= begin && entry->digest + DIGLIM_DIGEST_SIZE <= end));
	ORACLE(strlen(entry->path) < sizeof(entry->path));
	ORACLE(strlen(entry->label) < sizeof(entry->label));
	return ++*(size_t *)arg > 100000; /* entries without items take one byte each */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size, sig_len = 0, n = 0;
	const uint8_t *sig = data;
	struct err e;

	begin = data;
	end = data + size;
	if (legacy_strip(data, &len, &sig, &sig_len) >= 0)
		ORACLE(len <= size && sig >= begin && sig_len <= (size_t)(end - sig));
	for (int type = LEGACY_UNKNOWN; type < LEGACY_TYPES; type++) {
		int r = legacy_walk(data, len, "input", (enum legacy_type)type, check, &n, &e);

		ORACLE(r >= 0 || strstr(e.text, "offset "));
		n = 0;
	}
	return 0;
}
