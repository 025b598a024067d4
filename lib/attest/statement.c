/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"
#include "../base/hex.h"

static const struct {
	const char *name;
	const char *words; /* that may begin a line, a blank around each */
} kinds[STATEMENT_KINDS] = {
	[STATEMENT_NONE] = {"none", ""},
	[STATEMENT_STATE] = {"state", " mode scope set program key list "},
	[STATEMENT_CHANGE] = {"change", ""},
	[STATEMENT_UNKNOWN] = {"unknown", " file use "},
	[STATEMENT_POISON] = {"poison", " reason "},
};

void statement_done(struct statement *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->lines[i]);
	free(s->lines);
	*s = STATEMENT_INIT(s->kind);
}

const char *statement_kind_name(enum statement_kind kind)
{
	return kinds[kind].name;
}

/* Takes @line. */
static int take(struct statement *s, char *line)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		char **lines = line ? realloc(s->lines, room * sizeof(*lines)) : NULL;

		if (!lines) {
			free(line);
			return -ENOMEM;
		}
		s->lines = lines;
		s->room = room;
	}
	if (!line)
		return -ENOMEM;
	s->lines[s->n++] = line;
	return 0;
}

static int add(struct statement *s, const char *word, const char *hex, const char *name,
	       struct err *e)
{
	size_t at = strlen(word) + strlen(hex) + 2, len = strlen(name);
	char *line = malloc(at + 3 * len + 1);

	if (!line)
		return err_set(e, -ENOMEM, "out of memory");
	at = (size_t)sprintf(line, *hex ? "%s %s " : "%s%s ", word, hex);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c > ' ' && c < 0x7f && c != '%')
			line[at++] = (char)c;
		else
			at += (size_t)sprintf(line + at, "%%%02X", c);
	}
	line[at] = '\0';
	if (at <= STATEMENT_LINE_MAX && !take(s, line))
		return 0;
	if (at <= STATEMENT_LINE_MAX)
		return err_set(e, -ENOMEM, "out of memory");
	free(line);
	return err_set(e, -E2BIG, "a name of %zu bytes is too long to be measured", len);
}

int statement_add(struct statement *s, const char *word, const uint8_t *digest, const char *name,
		  struct err *e)
{
	char hex[2 * DIGLIM_DIGEST_SIZE + 1] = "-";

	if (digest)
		hex_encode(digest, DIGLIM_DIGEST_SIZE, hex);
	return add(s, word, hex, name, e);
}

int statement_add_word(struct statement *s, const char *word, const char *name, struct err *e)
{
	return add(s, word, "", name, e);
}

int statement_copy_line(struct statement *s, const char *line, struct err *e)
{
	return take(s, strdup(line)) ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts, and takes out what is there twice. */
static void sort(struct statement *s)
{
	size_t n = 0;

	if (!s->n)
		return;
	qsort(s->lines, s->n, sizeof(*s->lines), by_bytes);
	for (size_t i = 1; i < s->n; i++) {
		if (strcmp(s->lines[n], s->lines[i]) == 0)
			free(s->lines[i]);
		else
			s->lines[++n] = s->lines[i];
	}
	s->n = n + 1;
}

static int head(enum statement_kind kind, char *ret, size_t size)
{
	return snprintf(ret, size, "diglim %s 1\n", kinds[kind].name);
}

int statement_text(struct statement *s, struct buf *ret, struct err *e)
{
	const size_t begin = ret->len;
	char first[32];

	sort(s);
	buf_add(ret, first, (size_t)head(s->kind, first, sizeof(first)));
	for (size_t i = 0; i < s->n; i++) {
		buf_add(ret, s->lines[i], strlen(s->lines[i]));
		buf_add_u8(ret, '\n');
	}
	if (ret->failed)
		return err_set(e, -ENOMEM, "out of memory");
	if (ret->len - begin > STATEMENT_MAX)
		return err_set(e, -E2BIG, "%zu lines are too many to be measured", s->n);
	return 0;
}

int statement_split(const char *line, struct statement_line *ret)
{
	size_t word = strcspn(line, " "), hex;

	memset(ret, 0, sizeof(*ret));
	if (!word || word >= sizeof(ret->word) || line[word] != ' ')
		return -EINVAL;
	memcpy(ret->word, line, word);
	line += word + 1;
	hex = strspn(line, "0123456789abcdef");
	if (hex == sizeof(ret->hex) - 1 && line[hex] == ' ') {
		memcpy(ret->hex, line, hex);
		line += hex + 1;
	}
	ret->name = line;
	return 0;
}

/* Behind a word: a name, or a digest and a name. */
static bool has_name(const char *rest, size_t len)
{
	const size_t digits = 2 * DIGLIM_DIGEST_SIZE;

	return len && !(len == digits + 1 && rest[digits] == ' ' &&
			strspn(rest, "0123456789abcdef") == digits);
}

/* One of the words that this kind may have, and a name. */
static bool line_fits(enum statement_kind kind, const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len), *word = kinds[kind].words;
	const size_t n = blank ? (size_t)(blank - line) : 0;

	if (kind == STATEMENT_CHANGE)
		return (*line == '+' || *line == '-') &&
		       line_fits(STATEMENT_STATE, line + 1, len - 1);
	if (!n || !has_name(blank + 1, len - n - 1))
		return false;
	for (word += *word == ' '; *word; word += strcspn(word, " ") + 1)
		if (strncmp(word, line, n) == 0 && word[n] == ' ')
			return true;
	return false;
}

static bool comes_before(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order < 0 || (!order && a_len < b_len);
}

static bool is_visible(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return true;
}

static enum statement_kind kind_of(const char *text, size_t len, size_t *head_len)
{
	char first[32];

	for (int k = STATEMENT_STATE; k < STATEMENT_KINDS; k++) {
		size_t n = (size_t)head((enum statement_kind)k, first, sizeof(first));

		*head_len = n;
		if (len >= n && memcmp(text, first, n) == 0)
			return (enum statement_kind)k;
	}
	return STATEMENT_NONE;
}

int statement_check(const char *text, size_t len, enum statement_kind *ret, struct err *e)
{
	const char *last = NULL;
	size_t at, n, last_len = 0;
	unsigned number = 1;

	if (len > STATEMENT_MAX)
		return err_set(e, -EBADMSG, "a statement of %zu bytes", len);
	*ret = kind_of(text, len, &at);
	if (!*ret)
		return err_set(e, -EBADMSG, "no statement of a version that is known");
	for (; at < len; at += n + 1) {
		const char *line = text + at, *end = memchr(line, '\n', len - at);

		number++;
		n = end ? (size_t)(end - line) : 0;
		if (!n || n > STATEMENT_LINE_MAX || !is_visible(line, n) ||
		    !line_fits(*ret, line, n) || (last && !comes_before(last, last_len, line, n)))
			return err_set(e, -EBADMSG,
				       "line %u of the statement is malformed or out of order",
				       number);
		last = line;
		last_len = n;
	}
	return 0;
}

int statement_parse(const char *text, size_t len, struct statement *ret, struct err *e)
{
	size_t at;
	int r;

	*ret = STATEMENT_INIT(STATEMENT_NONE);
	r = statement_check(text, len, &ret->kind, e);
	if (r)
		return r;
	for (kind_of(text, len, &at); !r && at < len; at++) {
		size_t n = strcspn(text + at, "\n");

		r = take(ret, strndup(text + at, n));
		at += n;
	}
	if (!r)
		return 0;
	statement_done(ret);
	return err_set(e, r, "out of memory");
}

static int add_sign(struct statement *ret, char sign, const char *line)
{
	char *copy;

	return take(ret, asprintf(&copy, "%c%s", sign, line) < 0 ? NULL : copy);
}

int statement_diff(struct statement *from, struct statement *to, struct statement *ret,
		   struct err *e)
{
	size_t i = 0, j = 0;
	int r = 0;

	*ret = STATEMENT_INIT(STATEMENT_CHANGE);
	sort(from);
	sort(to);
	while (!r && (i < from->n || j < to->n)) {
		int side = i == from->n ? 1
			   : j == to->n ? -1
					: strcmp(from->lines[i], to->lines[j]);

		if (side < 0)
			r = add_sign(ret, '-', from->lines[i]);
		else if (side > 0)
			r = add_sign(ret, '+', to->lines[j]);
		i += side <= 0;
		j += side >= 0;
	}
	sort(ret);
	if (!r)
		return 0;
	statement_done(ret);
	return err_set(e, r, "out of memory");
}

static char **find(const struct statement *s, const char *line)
{
	return s->n ? bsearch(&line, s->lines, s->n, sizeof(*s->lines), by_bytes) : NULL;
}

bool statement_has(const struct statement *s, const char *line)
{
	return find(s, line);
}

/* Checks all of it against the sorted state before anything is changed. */
static int check_change(const struct statement *state, const struct statement *change,
			struct err *e)
{
	for (size_t i = 0; i < change->n; i++) {
		const char *line = change->lines[i];

		if (!find(state, line + 1) == (*line == '-'))
			return err_set(e, -EBADMSG,
				       "a change that does not fit what was before: %.200s", line);
	}
	return 0;
}

/* Both are sorted, and check_change() found each line that goes. */
static void drop_lines(struct statement *state, const struct statement *change)
{
	size_t n = 0, gone = 0;

	while (gone < change->n && *change->lines[gone] != '-')
		gone++;
	for (size_t i = 0; i < state->n; i++) {
		if (gone < change->n && strcmp(state->lines[i], change->lines[gone] + 1) == 0) {
			free(state->lines[i]);
			gone++;
		} else {
			state->lines[n++] = state->lines[i];
		}
	}
	state->n = n;
}

int statement_apply(struct statement *state, const struct statement *change, struct err *e)
{
	int r;

	sort(state);
	r = check_change(state, change, e);
	if (r)
		return r;
	drop_lines(state, change);
	for (size_t i = 0; !r && i < change->n; i++)
		if (*change->lines[i] == '+')
			r = take(state, strdup(change->lines[i] + 1));
	sort(state);
	return r ? err_set(e, r, "out of memory") : 0;
}
