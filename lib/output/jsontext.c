/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "jsontext.h"

static void put_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

static void put_escaped(struct buf *b, unsigned char c)
{
	static const char shorts[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
	const char *at = c ? strchr(shorts, c) : NULL;
	char number[8];

	if (at)
		snprintf(number, sizeof(number), "\\%c", letters[at - shorts]);
	else
		snprintf(number, sizeof(number), "\\u%04x", c);
	put_text(b, number);
}

static void put_string(struct buf *b, const char *s, size_t len)
{
	size_t from = 0;

	put_text(b, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + from, i - from);
		put_escaped(b, c);
		from = i + 1;
	}
	buf_add(b, s + from, len - from);
	put_text(b, "\"");
}

static void put_number(struct buf *b, json_object *o)
{
	char number[32];

	if (json_object_get_int64(o) < 0)
		snprintf(number, sizeof(number), "%lld", (long long)json_object_get_int64(o));
	else
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)json_object_get_uint64(o));
	put_text(b, number);
}

static void put_line(struct buf *b, bool pretty, int depth)
{
	if (!pretty)
		return;
	put_text(b, "\n");
	for (int i = 0; i < depth; i++)
		put_text(b, "  ");
}

static void put_value(struct buf *b, json_object *o, bool pretty, int depth);

static void put_members(struct buf *b, json_object *o, bool pretty, int depth)
{
	bool first = true;

	json_object_object_foreach(o, key, value)
	{
		put_text(b, first ? "" : ",");
		put_line(b, pretty, depth + 1);
		put_string(b, key, strlen(key));
		put_text(b, pretty ? ": " : ":");
		put_value(b, value, pretty, depth + 1);
		first = false;
	}
}

static void put_elements(struct buf *b, json_object *o, bool pretty, int depth)
{
	for (size_t i = 0; i < json_object_array_length(o); i++) {
		put_text(b, i ? "," : "");
		put_line(b, pretty, depth + 1);
		put_value(b, json_object_array_get_idx(o, i), pretty, depth + 1);
	}
}

/* As deep as jsonw nests, JSON_DEPTH. */
static void put_value(struct buf *b, json_object *o, bool pretty, int depth)
{
	enum json_type type = json_object_get_type(o);

	switch (type) {
	case json_type_object:
	case json_type_array:
		put_text(b, type == json_type_object ? "{" : "[");
		if (type == json_type_object)
			put_members(b, o, pretty, depth);
		else
			put_elements(b, o, pretty, depth);
		put_line(b, pretty, depth);
		put_text(b, type == json_type_object ? "}" : "]");
		return;
	case json_type_string:
		put_string(b, json_object_get_string(o), (size_t)json_object_get_string_len(o));
		return;
	case json_type_int:
		put_number(b, o);
		return;
	case json_type_boolean:
		put_text(b, json_object_get_boolean(o) ? "true" : "false");
		return;
	default: /* jsonw makes no others */
		put_text(b, "null");
	}
}

void jsontext_put(struct buf *ret, json_object *document, bool pretty)
{
	put_value(ret, document, pretty, 0);
}
