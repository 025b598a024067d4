/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unit files and crontabs: words are short enough, lines count upwards, and it comes to an end. */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/format/execlines.h"

struct last {
	size_t line, size;
};

static int check(const struct execlines_word *w, void *arg)
{
	struct last *last = arg;

	ORACLE(w->word[0] && strlen(w->word) < DIGLIM_PATH_LONG);
	ORACLE(w->line >= last->line && w->line <= last->size + 1);
	last->line = w->line;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct last last = {1, size};

	ORACLE(!execlines_unit((const char *)data, size, check, &last));
	last.line = 1;
	ORACLE(!execlines_cron((const char *)data, size, check, &last));
	return 0;
}
