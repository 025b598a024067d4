/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paragraphs, fields, lines and words: all inside the input, and it comes to an end. */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/format/deb822.h"

static const char *begin, *end;

static void inside(const char *p, size_t len)
{
	ORACLE(p >= begin && p <= end && len <= (size_t)(end - p));
}

static void try_field(const struct deb822_para *p, const char *field)
{
	const char *value, *line, *word;
	size_t len, line_len, word_len, lines = 0;
	char text[64];

	if (deb822_text(p, field, text, sizeof(text)))
		ORACLE(strlen(text) < sizeof(text) && !strchr(text, '\n'));
	if (!deb822_get(p, field, &value, &len))
		return;
	inside(value, len);
	while (deb822_line(&value, &len, &line, &line_len)) {
		inside(line, line_len);
		ORACLE(line_len && ++lines <= (size_t)(end - begin));
		while (deb822_word(&line, &line_len, &word, &word_len)) {
			inside(word, word_len);
			ORACLE(word_len);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deb822_para p;
	struct deb822 d;
	struct err e;
	int r;

	begin = (const char *)data;
	end = begin + size;
	deb822_open(&d, data, size, "input");
	while ((r = deb822_next(&d, &p, &e)) > 0) {
		inside(p.text, p.len);
		ORACLE(p.len);
		try_field(&p, "Package");
		try_field(&p, "SHA256");
		try_field(&p, "Conffiles");
	}
	ORACLE(!r || (r < 0 && strstr(e.text, "line ")));
	return 0;
}
