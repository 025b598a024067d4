/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON, both ways. The only place that talks to json-c.
 *
 * Writing: values go into a tree whose open containers form a stack. An error (no memory, nesting
 * deeper than JSON_DEPTH) sticks and is reported once, by jsonw_text().
 *
 * A file name need not be UTF-8, a JSON string must be. Such a value is written with U+FFFD for
 * every bad byte, beside a second member KEY_bytes that holds all bytes in hexadecimal.
 */
#ifndef DIGLIM_OUTPUT_JSON_H
#define DIGLIM_OUTPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH 16

struct jsonw;

/* An empty document; its root is an object, or an array. NULL without memory. */
struct jsonw *jsonw_new(bool array);
struct jsonw *jsonw_free(struct jsonw *j);

/* @key is ignored inside an array. */
void jsonw_object(struct jsonw *j, const char *key);
void jsonw_array(struct jsonw *j, const char *key);
void jsonw_end(struct jsonw *j);
void jsonw_str(struct jsonw *j, const char *key, const char *value); /* NULL: null */
void jsonw_num(struct jsonw *j, const char *key, uint64_t value);
void jsonw_int(struct jsonw *j, const char *key, int64_t value);
void jsonw_bool(struct jsonw *j, const char *key, bool value);
void jsonw_hex(struct jsonw *j, const char *key, const void *data, size_t len);

/* The open container is an array. */
bool jsonw_top_is_array(const struct jsonw *j);

/*
 * The whole document, one line or indented, without a final line feed; new memory. What would act
 * on a terminal is written as \uNNNN. NULL after any error.
 */
char *jsonw_text(struct jsonw *j, bool pretty);

/* Reading: one document of @len bytes. NULL if it is not one object. */
struct jsonr;
struct jsonr *jsonr_parse(const char *text, size_t len);
struct jsonr *jsonr_free(struct jsonr *j);

enum jsonr_kind {
	JSONR_ABSENT,
	JSONR_STRING,
	JSONR_NUMBER, /* whole */
	JSONR_BOOL,
	JSONR_ARRAY,
	JSONR_OBJECT,
	JSONR_OTHER, /* null, or a number with a fraction */
};
enum jsonr_kind jsonr_kind(const struct jsonr *j, const char *key);

/* NULL / 0 / false if absent or of another type. Strings live as long as @j. */
const char *jsonr_str(const struct jsonr *j, const char *key);
uint64_t jsonr_num(const struct jsonr *j, const char *key);
bool jsonr_bool(const struct jsonr *j, const char *key);
bool jsonr_has(const struct jsonr *j, const char *key);

/* Objects inside, which live as long as @j and are not freed. NULL if there is none. */
const struct jsonr *jsonr_object(const struct jsonr *j, const char *key);
size_t jsonr_array_len(const struct jsonr *j, const char *key);
const char *jsonr_array_str(const struct jsonr *j, const char *key, size_t i);
const struct jsonr *jsonr_array_object(const struct jsonr *j, const char *key, size_t i);

/* false if there is none, or a negative one. */
bool jsonr_array_num(const struct jsonr *j, const char *key, size_t i, uint64_t *ret);

#endif
