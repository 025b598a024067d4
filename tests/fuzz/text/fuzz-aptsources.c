/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* apt's sources in both forms: a name that comes out is one of a file, and a key lies in the text.
 */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/format/aptsources.h"

struct text {
	const char *p;
	size_t len;
};

static int check(const struct aptsource *s, void *arg)
{
	const struct text *t = arg;
	size_t len = strlen(s->index);

	ORACLE(len > 9 && len <= NAME_MAX && !strchr(s->index, '/'));
	ORACLE(!strcmp(s->index + len - 9, "InRelease"));
	ORACLE(!s->signed_by || (s->signed_by >= t->p && s->signed_len &&
				 s->signed_by + s->signed_len <= t->p + t->len));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = {(const char *)data, size};
	struct err e = {0};

	if (aptsources_deb822(data, size, "x", check, &t, &e))
		ORACLE(strstr(e.text, "line "));
	ORACLE(!aptsources_lines(data, size, check, &t));
	return 0;
}
