// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aptsources.h"
#include "deb822.h"

static const char INDEX[] = "InRelease";

struct word {
	const char *p;
	size_t len;
};

struct target {
	char *to;
	size_t len, size;
	bool full;
};

static void put(struct target *t, char c)
{
	if (t->len + 1 < t->size)
		t->to[t->len++] = c;
	else
		t->full = true;
}

/* As apt writes them: some characters as "%5f", and then an underscore for each slash. */
static void put_quoted(struct target *t, const char *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '/') {
			put(t, '_');
		} else if (c > ' ' && c < 0x7f && !strchr("\\|{}[]<>\"^~_=!@#$%&*", c)) {
			put(t, (char)c);
		} else {
			put(t, '%');
			put(t, hex[c >> 4]);
			put(t, hex[c & 15]);
		}
	}
}

/* Without the scheme and without user and password. */
static bool behind_scheme(struct word *uri)
{
	const char *colon = memchr(uri->p, ':', uri->len), *end = uri->p + uri->len, *slash, *at;

	if (!colon)
		return false;
	uri->p = colon + 1;
	if (end - uri->p >= 2 && !memcmp(uri->p, "//", 2)) {
		uri->p += 2;
		slash = memchr(uri->p, '/', (size_t)(end - uri->p));
		at = memrchr(uri->p, '@', (size_t)((slash ? slash : end) - uri->p));
		uri->p = at ? at + 1 : uri->p;
	}
	uri->len = (size_t)(end - uri->p);
	return uri->len > 0;
}

static bool index_name(struct word uri, struct word suite, struct aptsource *s)
{
	struct target t = {s->index, 0, NAME_MAX + 1, false};

	if (!suite.len || !behind_scheme(&uri))
		return false;
	put_quoted(&t, uri.p, uri.len);
	if (uri.p[uri.len - 1] != '/')
		put(&t, '_');
	s->flat = suite.p[suite.len - 1] == '/';
	if (!s->flat) {
		put_quoted(&t, "dists/", 6);
		put_quoted(&t, suite.p, suite.len);
		put(&t, '_');
	} else if (suite.len > 1) { /* "./": an archive without dists */
		put_quoted(&t, suite.p, suite.len);
	}
	put_quoted(&t, INDEX, sizeof(INDEX) - 1);
	s->index[t.len] = '\0';
	return !t.full;
}

static bool is_word(struct word w, const char *text)
{
	return w.len == strlen(text) && !strncasecmp(w.p, text, w.len);
}

static bool is_disabled(const struct deb822_para *p)
{
	static const char *const no[] = {"no", "false", "without", "off", "disable", "0"};
	struct word w;
	bool disabled = false;

	if (!deb822_get(p, "Enabled", &w.p, &w.len))
		return false;
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		disabled |= is_word(w, no[i]);
	return disabled;
}

/* Next word of a value with several lines. */
static bool next_word(struct word *value, struct word *line, struct word *ret)
{
	while (!deb822_word(&line->p, &line->len, &ret->p, &ret->len))
		if (!deb822_line(&value->p, &value->len, &line->p, &line->len))
			return false;
	return true;
}

static int each_suite(struct word uri, struct word suites, struct aptsource *s, aptsources_fn fn,
		      void *arg)
{
	struct word line = {"", 0}, suite;
	int r = 0;

	while (!r && next_word(&suites, &line, &suite))
		if (index_name(uri, suite, s))
			r = fn(s, arg);
	return r;
}

static int do_paragraph(const struct deb822_para *p, aptsources_fn fn, void *arg)
{
	struct word uris, suites, line = {"", 0}, uri;
	struct aptsource s = {.signed_by = NULL};
	int r = 0;

	if (is_disabled(p) || !deb822_get(p, "URIs", &uris.p, &uris.len) ||
	    !deb822_get(p, "Suites", &suites.p, &suites.len))
		return 0;
	if (!deb822_get(p, "Signed-By", &s.signed_by, &s.signed_len) || !s.signed_len)
		s.signed_by = NULL;
	while (!r && next_word(&uris, &line, &uri))
		r = each_suite(uri, suites, &s, fn, arg);
	return r;
}

int aptsources_deb822(const void *text, size_t len, const char *name, aptsources_fn fn, void *arg,
		      struct err *e)
{
	struct deb822_para p;
	struct deb822 d;
	int r, stop = 0;

	deb822_open(&d, text, len, name);
	while (!stop && (r = deb822_next(&d, &p, e)) > 0)
		stop = do_paragraph(&p, fn, arg);
	return stop ? stop : r;
}

/* "[arch=amd64 signed-by=/x,/y]" in front of the rest of a line. */
static void take_options(struct word *line, struct aptsource *s)
{
	static const char key[] = "signed-by=";
	const char *close;
	struct word options, o;

	while (line->len && (*line->p == ' ' || *line->p == '\t')) {
		line->p++;
		line->len--;
	}
	close = line->len && *line->p == '[' ? memchr(line->p, ']', line->len) : NULL;
	if (!close)
		return;
	options = (struct word){line->p + 1, (size_t)(close - line->p) - 1};
	line->len -= (size_t)(close + 1 - line->p);
	line->p = close + 1;
	while (deb822_word(&options.p, &options.len, &o.p, &o.len))
		if (o.len > sizeof(key) - 1 && !strncasecmp(o.p, key, sizeof(key) - 1)) {
			s->signed_by = o.p + sizeof(key) - 1;
			s->signed_len = o.len - (sizeof(key) - 1);
		}
}

static int do_line(struct word line, aptsources_fn fn, void *arg)
{
	struct aptsource s = {.signed_by = NULL};
	struct word type, uri, suite;

	if (!deb822_word(&line.p, &line.len, &type.p, &type.len) ||
	    (!is_word(type, "deb") && !is_word(type, "deb-src")))
		return 0;
	take_options(&line, &s);
	if (!deb822_word(&line.p, &line.len, &uri.p, &uri.len) ||
	    !deb822_word(&line.p, &line.len, &suite.p, &suite.len) || !index_name(uri, suite, &s))
		return 0;
	return fn(&s, arg);
}

int aptsources_lines(const void *text, size_t len, aptsources_fn fn, void *arg)
{
	const char *p = text, *end = p + len, *feed, *hash;
	struct word line;
	int r = 0;

	for (; !r && p < end; p = feed ? feed + 1 : end) {
		feed = memchr(p, '\n', (size_t)(end - p));
		line = (struct word){p, (size_t)((feed ? feed : end) - p)};
		hash = memchr(line.p, '#', line.len);
		line.len = hash ? (size_t)(hash - line.p) : line.len;
		r = do_line(line, fn, arg);
	}
	return r;
}
