// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "execlines.h"

struct scanner {
	const char *p, *end;
	size_t line;
	execlines_fn fn;
	void *arg;
	char word[DIGLIM_PATH_LONG];
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A line ends at a line feed that no backslash precedes. */
static bool at_end(const struct scanner *s)
{
	return s->p == s->end || *s->p == '\n';
}

static bool continues(const struct scanner *s)
{
	return s->end - s->p > 1 && s->p[0] == '\\' && s->p[1] == '\n';
}

static void skip_blanks(struct scanner *s)
{
	while (s->p < s->end) {
		if (continues(s)) {
			s->p += 2;
			s->line++;
		} else if (is_blank(*s->p)) {
			s->p++;
		} else {
			break;
		}
	}
}

static void skip_line(struct scanner *s)
{
	while (!at_end(s)) {
		if (continues(s)) {
			s->p++;
			s->line++;
		}
		s->p++;
	}
	if (s->p < s->end)
		s->p++;
	s->line++;
}

/*
 * The next word, quotes taken away. Characters of @ends separate, too. False at the end of the
 * line; a word that is too long becomes "".
 */
static bool next_word(struct scanner *s, const char *ends)
{
	size_t len = 0;
	char quote = 0;

	skip_blanks(s);
	if (at_end(s))
		return false;
	for (; s->p < s->end && (quote || *s->p != '\n') && !continues(s); s->p++) {
		char c = *s->p;

		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			continue;
		}
		if (!quote && (is_blank(c) || (c && strchr(ends, c)))) {
			s->p += !is_blank(c);
			break;
		}
		s->line += c == '\n';
		if (c == '\\' && s->end - s->p > 1 && s->p[1] != '\n')
			c = *++s->p;
		if (len < sizeof(s->word))
			s->word[len++] = c;
	}
	s->word[len < sizeof(s->word) ? len : 0] = '\0';
	return true;
}

/* "-@/usr/bin/x": how, not what. */
static const char *without_prefix(const char *word)
{
	return word + strspn(word, "@-:+!|");
}

static int do_command(struct scanner *s, const char *key)
{
	struct execlines_word w = {.key = key, .first = true};
	int r = 0;

	while (!r && next_word(s, "")) {
		if (!strcmp(s->word, ";")) {
			w.first = true;
			continue;
		}
		w.word = w.first ? without_prefix(s->word) : s->word;
		w.specifier = strchr(w.word, '%');
		w.line = s->line;
		if (*w.word)
			r = s->fn(&w, s->arg);
		w.first = false;
	}
	return r;
}

/* The key of an Exec line, behind which @s then stands; NULL for any other line. */
static const char *exec_key(struct scanner *s)
{
	static const char *const keys[] = {
		"ExecStart",  "ExecStartPre", "ExecStartPost", "ExecCondition",
		"ExecReload", "ExecStop",     "ExecStopPre",   "ExecStopPost",
	};

	skip_blanks(s);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		size_t n = strlen(keys[i]);
		const char *p = s->p + n;

		if ((size_t)(s->end - s->p) <= n || memcmp(s->p, keys[i], n))
			continue;
		while (p < s->end && is_blank(*p))
			p++;
		if (p < s->end && *p == '=') {
			s->p = p + 1;
			return keys[i];
		}
	}
	return NULL;
}

int execlines_unit(const char *data, size_t len, execlines_fn fn, void *arg)
{
	struct scanner s = {.p = data, .end = data + len, .line = 1, .fn = fn, .arg = arg};
	int r = 0;

	while (!r && s.p < s.end) {
		const char *key = *s.p == '#' || *s.p == ';' ? NULL : exec_key(&s);

		if (key)
			r = do_command(&s, key);
		skip_line(&s);
	}
	return r;
}

/* NAME=VALUE, which cron puts into the environment. */
static bool is_assignment(const struct scanner *s)
{
	const char *p = s->p;

	while (p < s->end && (*p == '_' || (*p >= '0' && *p <= '9') ||
			      ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
		p++;
	while (p < s->end && is_blank(*p))
		p++;
	return p < s->end && *p == '=';
}

int execlines_cron(const char *data, size_t len, execlines_fn fn, void *arg)
{
	struct scanner s = {.p = data, .end = data + len, .line = 1, .fn = fn, .arg = arg};
	struct execlines_word w = {0};
	int r = 0;

	while (!r && s.p < s.end) {
		skip_blanks(&s);
		if (s.p < s.end && *s.p != '#' && !is_assignment(&s)) {
			while (!r && next_word(&s, ";|&()<>`$=")) {
				w.word = s.word;
				w.line = s.line;
				r = *w.word ? fn(&w, arg) : 0;
			}
		}
		skip_line(&s);
	}
	return r;
}
