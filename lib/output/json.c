/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsontext.h"
#include "text.h"

struct jsonw {
	json_object *stack[JSON_DEPTH];
	unsigned depth; /* of stack */
	unsigned lost;	/* containers that did not fit */
	bool failed;
};

struct jsonw *jsonw_new(bool array)
{
	struct jsonw *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->stack[0] = array ? json_object_new_array() : json_object_new_object();
	if (!j->stack[0]) {
		free(j);
		return NULL;
	}
	j->depth = 1;
	return j;
}

struct jsonw *jsonw_free(struct jsonw *j)
{
	if (j) {
		json_object_put(j->stack[0]);
		free(j);
	}
	return NULL;
}

bool jsonw_top_is_array(const struct jsonw *j)
{
	return json_object_is_type(j->stack[j->depth - 1], json_type_array);
}

/* Takes @value. @none: a NULL value is a JSON null, not a lack of memory. */
static bool jsonw_put(struct jsonw *j, const char *key, json_object *value, bool none)
{
	json_object *top = j->stack[j->depth - 1];
	int r;

	if (!value && !none)
		goto fail;
	if (j->lost)
		goto fail;
	r = jsonw_top_is_array(j) ? json_object_array_add(top, value)
				  : json_object_object_add(top, key, value);
	if (!r)
		return true;
fail:
	json_object_put(value);
	j->failed = true;
	return false;
}

static void jsonw_open(struct jsonw *j, const char *key, json_object *value)
{
	if (j->lost || j->depth == JSON_DEPTH) {
		json_object_put(value);
		j->lost++;
		j->failed = true;
	} else if (jsonw_put(j, key, value, false)) {
		j->stack[j->depth++] = value;
	} else {
		j->lost++;
	}
}

void jsonw_object(struct jsonw *j, const char *key)
{
	jsonw_open(j, key, json_object_new_object());
}

void jsonw_array(struct jsonw *j, const char *key)
{
	jsonw_open(j, key, json_object_new_array());
}

void jsonw_end(struct jsonw *j)
{
	if (j->lost)
		j->lost--;
	else if (j->depth > 1)
		j->depth--;
	else
		j->failed = true;
}

/* The same text with U+FFFD for each byte that is not UTF-8. */
static json_object *jsonw_lossy(const char *value, size_t len)
{
	char *buf = malloc(len * 3 + 1);
	json_object *ret;
	size_t pos = 0;

	if (!buf)
		return NULL;
	for (size_t i = 0, n; i < len; i += n) {
		bool valid;

		n = text_char(value + i, len - i, &valid);
		if (valid && !n) /* an invisible character: find its length */
			for (n = 1; !text_is_utf8(value + i, n); n++)
				;
		if (valid) {
			memcpy(buf + pos, value + i, n);
			pos += n;
		} else {
			memcpy(buf + pos, "\xef\xbf\xbd", 3);
			pos += 3;
			n = 1;
		}
	}
	ret = json_object_new_string_len(buf, (int)pos);
	free(buf);
	return ret;
}

void jsonw_str(struct jsonw *j, const char *key, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	if (!value) {
		jsonw_put(j, key, NULL, true);
	} else if (text_is_utf8(value, len)) {
		jsonw_put(j, key, json_object_new_string_len(value, (int)len), false);
	} else {
		char name[64];

		jsonw_put(j, key, jsonw_lossy(value, len), false);
		if (!jsonw_top_is_array(j)) {
			snprintf(name, sizeof(name), "%s_bytes", key);
			jsonw_hex(j, name, value, len);
		}
	}
}

void jsonw_num(struct jsonw *j, const char *key, uint64_t value)
{
	jsonw_put(j, key, json_object_new_uint64(value), false);
}

void jsonw_int(struct jsonw *j, const char *key, int64_t value)
{
	jsonw_put(j, key, json_object_new_int64(value), false);
}

void jsonw_bool(struct jsonw *j, const char *key, bool value)
{
	jsonw_put(j, key, json_object_new_boolean(value), false);
}

void jsonw_hex(struct jsonw *j, const char *key, const void *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *p = data;
	char *buf = malloc(len * 2 + 1);

	if (!buf) {
		j->failed = true;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		buf[2 * i] = digit[p[i] >> 4];
		buf[2 * i + 1] = digit[p[i] & 15];
	}
	jsonw_put(j, key, json_object_new_string_len(buf, (int)len * 2), false);
	free(buf);
}

/* Code point of the UTF-8 sequence of @n bytes. */
static uint32_t code_point(const unsigned char *s, size_t n)
{
	uint32_t c = n == 1 ? s[0] : s[0] & (0xffU >> (n + 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

/* \uNNNN for an invisible character outside ASCII control range, which json-c escapes itself. */
static size_t jsonw_escape_char(char *dst, const char *src, size_t n)
{
	uint32_t c = code_point((const unsigned char *)src, n);

	if (c >= 0x10000) {
		c -= 0x10000;
		return (size_t)sprintf(dst, "\\u%04x\\u%04x", 0xd800 + (unsigned)(c >> 10),
				       0xdc00 + (unsigned)(c & 0x3ff));
	}
	return (size_t)sprintf(dst, "\\u%04x", (unsigned)c);
}

static char *jsonw_terminal_safe(const char *text, size_t len)
{
	char *ret = malloc(len * 6 + 1);
	size_t pos = 0;

	if (!ret)
		return NULL;
	for (size_t i = 0, n; i < len; i += n) {
		n = text_char(text + i, len - i, NULL);
		if (n || text[i] == '\n') {
			n = n ? n : 1;
			memcpy(ret + pos, text + i, n);
			pos += n;
			continue;
		}
		for (n = 1; n < len - i && !text_is_utf8(text + i, n); n++)
			;
		pos += jsonw_escape_char(ret + pos, text + i, n);
	}
	ret[pos] = '\0';
	return ret;
}

char *jsonw_text(struct jsonw *j, bool pretty)
{
	struct buf b = BUF_INIT;
	char *ret = NULL;

	if (j->failed)
		return NULL;
	jsontext_put(&b, j->stack[0], pretty);
	if (!b.failed)
		ret = jsonw_terminal_safe((const char *)b.data, b.len);
	buf_free(&b);
	return ret;
}

/* Reading: the handle is json-c's own object behind our name. */

static json_object *in_object(const struct jsonr *j)
{
	return (json_object *)(uintptr_t)j;
}

struct jsonr *jsonr_parse(const char *text, size_t len)
{
	json_tokener *tok = json_tokener_new();
	json_object *ret = NULL;

	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	ret = json_tokener_parse_ex(tok, text, (int)len);
	json_tokener_free(tok);
	if (!json_object_is_type(ret, json_type_object)) {
		json_object_put(ret);
		return NULL;
	}
	return (struct jsonr *)ret;
}

struct jsonr *jsonr_free(struct jsonr *j)
{
	json_object_put(in_object(j));
	return NULL;
}

static json_object *in_member(const struct jsonr *j, const char *key, enum json_type type)
{
	json_object *value;

	if (!json_object_object_get_ex(in_object(j), key, &value))
		return NULL;
	return json_object_is_type(value, type) ? value : NULL;
}

const char *jsonr_str(const struct jsonr *j, const char *key)
{
	json_object *value = in_member(j, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

uint64_t jsonr_num(const struct jsonr *j, const char *key)
{
	json_object *value = in_member(j, key, json_type_int);

	return value ? json_object_get_uint64(value) : 0;
}

bool jsonr_bool(const struct jsonr *j, const char *key)
{
	json_object *value = in_member(j, key, json_type_boolean);

	return value && json_object_get_boolean(value);
}

bool jsonr_has(const struct jsonr *j, const char *key)
{
	return json_object_object_get_ex(in_object(j), key, NULL);
}

enum jsonr_kind jsonr_kind(const struct jsonr *j, const char *key)
{
	json_object *value;

	if (!json_object_object_get_ex(in_object(j), key, &value))
		return JSONR_ABSENT;
	switch (json_object_get_type(value)) {
	case json_type_string:
		return JSONR_STRING;
	case json_type_int:
		return JSONR_NUMBER;
	case json_type_boolean:
		return JSONR_BOOL;
	case json_type_array:
		return JSONR_ARRAY;
	case json_type_object:
		return JSONR_OBJECT;
	default:
		return JSONR_OTHER;
	}
}

const struct jsonr *jsonr_object(const struct jsonr *j, const char *key)
{
	return (const struct jsonr *)in_member(j, key, json_type_object);
}

size_t jsonr_array_len(const struct jsonr *j, const char *key)
{
	json_object *array = in_member(j, key, json_type_array);

	return array ? json_object_array_length(array) : 0;
}

const char *jsonr_array_str(const struct jsonr *j, const char *key, size_t i)
{
	json_object *array = in_member(j, key, json_type_array), *item;

	item = array ? json_object_array_get_idx(array, i) : NULL;
	return json_object_is_type(item, json_type_string) ? json_object_get_string(item) : NULL;
}

const struct jsonr *jsonr_array_object(const struct jsonr *j, const char *key, size_t i)
{
	json_object *array = in_member(j, key, json_type_array), *item;

	item = array ? json_object_array_get_idx(array, i) : NULL;
	return json_object_is_type(item, json_type_object) ? (const struct jsonr *)item : NULL;
}

bool jsonr_array_num(const struct jsonr *j, const char *key, size_t i, uint64_t *ret)
{
	json_object *array = in_member(j, key, json_type_array), *item;

	item = array ? json_object_array_get_idx(array, i) : NULL;
	if (!json_object_is_type(item, json_type_int) || json_object_get_int64(item) < 0)
		return false;
	*ret = json_object_get_uint64(item);
	return true;
}
