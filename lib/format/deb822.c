// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "deb822.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **p, size_t *len)
{
	while (*len && (is_blank(**p) || **p == '\n')) {
		++*p;
		--*len;
	}
	while (*len && (is_blank((*p)[*len - 1]) || (*p)[*len - 1] == '\n'))
		--*len;
}

void deb822_open(struct deb822 *d, const void *text, size_t len, const char *name)
{
	const char *p = len ? text : "";

	*d = (struct deb822){.p = p, .end = p + len, .name = name, .line = 1};
}

/* Length of the line at @p, without its line feed. */
static size_t line_len(const char *p, const char *end)
{
	const char *feed = memchr(p, '\n', (size_t)(end - p));

	return (size_t)((feed ? feed : end) - p);
}

static bool is_empty(const char *p, size_t len)
{
	trim(&p, &len);
	return !len;
}

/* What is wrong with a line, or NULL. @first: of its paragraph. */
static const char *check_line(const char *p, size_t len, bool first)
{
	const char *colon = memchr(p, ':', len);

	if (memchr(p, '\0', len))
		return "a NUL byte";
	if (*p == '#')
		return NULL;
	if (is_blank(*p))
		return first ? "a continuation of nothing" : NULL;
	if (!colon || colon == p)
		return "no field";
	for (const char *c = p; c < colon; c++)
		if (*c <= ' ' || *c > '~')
			return "no name of a field";
	return NULL;
}

static void skip_empty(struct deb822 *d)
{
	while (d->p < d->end) {
		size_t len = line_len(d->p, d->end);

		if (!is_empty(d->p, len))
			break;
		d->p += len + (d->p + len < d->end);
		d->line++;
	}
}

int deb822_next(struct deb822 *d, struct deb822_para *ret, struct err *e)
{
	bool first = true;

	skip_empty(d);
	*ret = (struct deb822_para){.text = d->p, .line = d->line};
	while (d->p < d->end) {
		size_t len = line_len(d->p, d->end);
		const char *why;

		if (is_empty(d->p, len))
			break;
		why = check_line(d->p, len, first);
		if (why)
			return err_set(e, -EINVAL, "%s: line %zu: %s", d->name, d->line, why);
		first = first && *d->p == '#';
		d->p += len + (d->p + len < d->end);
		d->line++;
	}
	ret->len = (size_t)(d->p - ret->text);
	return ret->len > 0;
}

/* End of the value that begins at @p: the next line that continues nothing. */
static const char *value_end(const char *p, const char *end)
{
	while (p < end) {
		p += line_len(p, end);
		if (end - p < 2 || (!is_blank(p[1]) && p[1] != '#'))
			return p;
		p++;
	}
	return p;
}

bool deb822_get(const struct deb822_para *para, const char *field, const char **value, size_t *len)
{
	const char *p = para->text, *end = p + para->len;
	size_t n = strlen(field);

	while (p < end) {
		if ((size_t)(end - p) > n && p[n] == ':' && !strncasecmp(p, field, n)) {
			*value = p + n + 1;
			*len = (size_t)(value_end(*value, end) - *value);
			trim(value, len);
			return true;
		}
		p += line_len(p, end);
		p += p < end;
	}
	return false;
}

bool deb822_text(const struct deb822_para *p, const char *field, char *ret, size_t size)
{
	const char *value;
	size_t len;

	if (!deb822_get(p, field, &value, &len) || len >= size || memchr(value, '\n', len))
		return false;
	memcpy(ret, value, len);
	ret[len] = '\0';
	return true;
}

bool deb822_line(const char **value, size_t *len, const char **line, size_t *n)
{
	while (*len) {
		const char *p = *value;
		size_t all = line_len(p, p + *len), part = all;

		*value += all + (all < *len);
		*len -= all + (all < *len);
		trim(&p, &part);
		if (!part || *p == '#')
			continue;
		*line = p;
		*n = part;
		return true;
	}
	return false;
}

bool deb822_word(const char **line, size_t *len, const char **word, size_t *n)
{
	trim(line, len);
	if (!*len)
		return false;
	*word = *line;
	for (*n = 0; *n < *len && !is_blank(**line); ++*n)
		++*line;
	*len -= *n;
	return true;
}
