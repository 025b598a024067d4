/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program's answer: the same calls make text for a person or one JSON document.
 *
 * A value has a JSON key and a label. Without label it appears in JSON only, without key (outside
 * an array) in text only. All text is escaped here (output/text.h), so callers pass names as they
 * are.
 */
#ifndef DIGLIM_OUTPUT_OUT_H
#define DIGLIM_OUTPUT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../base/err.h"

enum out_colour {
	OUT_PLAIN = 0,
	OUT_GOOD,
	OUT_BAD,
	OUT_WARN,
	OUT_DIM,
	OUT_BOLD,
};

struct out;

/* Colours only if @f is a terminal. @array: the JSON document is an array. NULL without memory. */
struct out *out_new(FILE *f, bool json, bool array);
struct out *out_free(struct out *o);
bool out_is_json(const struct out *o);

/* @heading (may be NULL) is a line of its own; what follows is indented below it. */
void out_object(struct out *o, const char *key, const char *heading);
void out_array(struct out *o, const char *key, const char *heading);
void out_end(struct out *o);

void out_str(struct out *o, const char *key, const char *label, const char *value);
void out_num(struct out *o, const char *key, const char *label, uint64_t value);
void out_bool(struct out *o, const char *key, const char *label, bool value);
void out_hex(struct out *o, const char *key, const char *label, const void *data, size_t len);
/* Seconds since 1970; a 0 is left out. */
void out_time(struct out *o, const char *key, const char *label, uint64_t seconds);

/* A number in JSON, a formatted text for people. */
void out_num_as(struct out *o, const char *key, const char *label, uint64_t value, const char *fmt,
		...) __attribute__((format(printf, 5, 6)));
void out_fmt(struct out *o, const char *key, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Text only: one line; @mark (may be NULL) stands in front in the colour. */
void out_line(struct out *o, enum out_colour colour, const char *mark, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Text only: a line that lines up with the labels, the whole value in the colour. */
void out_label(struct out *o, enum out_colour colour, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void out_blank(struct out *o);

/* JSON: prints what there is as one line and begins a new object. Flushes both forms. */
int out_record(struct out *o, struct err *e);

/* Prints the document. -EIO if not everything could be written. */
int out_finish(struct out *o, struct err *e);

#endif
