/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "out.h"
#include "text.h"

#define LABEL_WIDTH 16

struct out {
	FILE *f;
	struct jsonw *json; /* NULL: text */
	bool colour;
	bool array;		  /* kind of the root */
	bool failed;		  /* no memory for a line */
	unsigned depth;		  /* open containers */
	bool indents[JSON_DEPTH]; /* does that container have a heading? */
	unsigned indent;
};

static const char *const colour_code[] = {
	[OUT_PLAIN] = "",	 [OUT_GOOD] = "\033[32m", [OUT_BAD] = "\033[31m",
	[OUT_WARN] = "\033[33m", [OUT_DIM] = "\033[2m",	  [OUT_BOLD] = "\033[1m",
};

static bool wants_colour(FILE *f)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (!isatty(fileno(f)) || (no && *no))
		return false;
	return term && *term && strcmp(term, "dumb") != 0;
}

struct out *out_new(FILE *f, bool json, bool array)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->f = f;
	o->array = array;
	o->colour = !json && wants_colour(f);
	if (json) {
		o->json = jsonw_new(array);
		if (!o->json) {
			free(o);
			return NULL;
		}
	}
	return o;
}

struct out *out_free(struct out *o)
{
	if (o) {
		jsonw_free(o->json);
		free(o);
	}
	return NULL;
}

bool out_is_json(const struct out *o)
{
	return o->json != NULL;
}

static bool wants_json(const struct out *o, const char *key)
{
	return o->json && (key || jsonw_top_is_array(o->json));
}

static void put_safe(struct out *o, const char *text)
{
	char *safe = text_safe(text);

	if (!safe)
		o->failed = true;
	else
		fputs(safe, o->f);
	free(safe);
}

static void put_coloured(struct out *o, enum out_colour colour, const char *text)
{
	if (o->colour)
		fputs(colour_code[colour], o->f);
	put_safe(o, text);
	if (o->colour && colour != OUT_PLAIN)
		fputs("\033[0m", o->f);
}

static void put_indent(struct out *o)
{
	fprintf(o->f, "%*s", (int)o->indent * 2, "");
}

static void put_label(struct out *o, enum out_colour colour, const char *label, const char *value)
{
	int width = LABEL_WIDTH - (int)o->indent * 2;

	put_indent(o);
	fprintf(o->f, "%s:%*s", label,
		(int)strlen(label) + 1 < width ? width - (int)strlen(label) - 1 : 1, "");
	put_coloured(o, colour, value);
	fputc('\n', o->f);
}

static void container_open(struct out *o, const char *heading)
{
	if (!o->json && heading) {
		put_indent(o);
		put_coloured(o, OUT_BOLD, heading);
		fputc('\n', o->f);
	}
	if (o->depth < JSON_DEPTH) {
		o->indents[o->depth] = heading != NULL;
		o->indent += heading != NULL;
	}
	o->depth++;
}

void out_object(struct out *o, const char *key, const char *heading)
{
	if (o->json)
		jsonw_object(o->json, key);
	container_open(o, heading);
}

void out_array(struct out *o, const char *key, const char *heading)
{
	if (o->json)
		jsonw_array(o->json, key);
	container_open(o, heading);
}

void out_end(struct out *o)
{
	if (o->json)
		jsonw_end(o->json);
	if (!o->depth)
		return;
	o->depth--;
	if (o->depth < JSON_DEPTH)
		o->indent -= o->indents[o->depth];
}

void out_str(struct out *o, const char *key, const char *label, const char *value)
{
	if (wants_json(o, key))
		jsonw_str(o->json, key, value);
	else if (!o->json && label && value)
		put_label(o, OUT_PLAIN, label, value);
}

void out_num(struct out *o, const char *key, const char *label, uint64_t value)
{
	out_num_as(o, key, label, value, "%llu", (unsigned long long)value);
}

void out_bool(struct out *o, const char *key, const char *label, bool value)
{
	if (wants_json(o, key))
		jsonw_bool(o->json, key, value);
	else if (!o->json && label)
		put_label(o, OUT_PLAIN, label, value ? "yes" : "no");
}

void out_hex(struct out *o, const char *key, const char *label, const void *data, size_t len)
{
	const unsigned char *p = data;
	char text[2 * 64 + 1] = "";

	if (wants_json(o, key)) {
		jsonw_hex(o->json, key, data, len);
	} else if (!o->json && label) {
		for (size_t i = 0; i < len && i < 64; i++)
			snprintf(text + 2 * i, 3, "%02x", p[i]);
		put_label(o, OUT_PLAIN, label, text);
	}
}

void out_time(struct out *o, const char *key, const char *label, uint64_t seconds)
{
	char text[TEXT_TIME_MAX];

	if (seconds)
		out_str(o, key, label, text_time(text, (int64_t)seconds, -1));
}

/* A formatted string in new memory; NULL and ->failed without any. */
__attribute__((format(printf, 2, 0))) static char *format(struct out *o, const char *fmt,
							  va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) >= 0)
		return text;
	o->failed = true;
	return NULL;
}

void out_num_as(struct out *o, const char *key, const char *label, uint64_t value, const char *fmt,
		...)
{
	va_list ap;
	char *text;

	if (wants_json(o, key))
		jsonw_num(o->json, key, value);
	if (o->json || !label)
		return;
	va_start(ap, fmt);
	text = format(o, fmt, ap);
	va_end(ap);
	if (text)
		put_label(o, OUT_PLAIN, label, text);
	free(text);
}

void out_fmt(struct out *o, const char *key, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format(o, fmt, ap);
	va_end(ap);
	if (text)
		out_str(o, key, label, text);
	free(text);
}

void out_line(struct out *o, enum out_colour colour, const char *mark, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (o->json)
		return;
	va_start(ap, fmt);
	text = format(o, fmt, ap);
	va_end(ap);
	if (!text)
		return;
	put_indent(o);
	if (mark) {
		put_coloured(o, colour, mark);
		fputc(' ', o->f);
		put_safe(o, text);
	} else {
		put_coloured(o, colour, text);
	}
	fputc('\n', o->f);
	free(text);
}

void out_label(struct out *o, enum out_colour colour, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (o->json)
		return;
	va_start(ap, fmt);
	text = format(o, fmt, ap);
	va_end(ap);
	if (text)
		put_label(o, colour, label, text);
	free(text);
}

void out_blank(struct out *o)
{
	if (!o->json)
		fputc('\n', o->f);
}

static int check_written(struct out *o, struct err *e)
{
	if (o->failed)
		return err_set(e, -ENOMEM, "no memory for the answer");
	errno = 0;
	if (fflush(o->f) || ferror(o->f))
		return err_set(e, errno ? -errno : -EIO, "cannot write the answer");
	return 0;
}

static void print_json(struct out *o, bool pretty)
{
	char *text = jsonw_text(o->json, pretty);

	if (!text)
		o->failed = true;
	else
		fprintf(o->f, "%s\n", text);
	free(text);
}

int out_record(struct out *o, struct err *e)
{
	if (o->json) {
		print_json(o, false);
		jsonw_free(o->json);
		o->json = jsonw_new(o->array);
		if (!o->json)
			o->failed = true;
	}
	return check_written(o, e);
}

int out_finish(struct out *o, struct err *e)
{
	if (o->json)
		print_json(o, true);
	return check_written(o, e);
}
