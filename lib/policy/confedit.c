/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <string.h>

#include "confedit.h"

static void put(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

static void put_line(struct buf *b, const char *key, const char *value)
{
	put(b, key);
	put(b, " = ");
	put(b, value);
	put(b, "\n");
}

static const char *next_line(const char *l)
{
	l = strchrnul(l, '\n');
	return l + (*l == '\n');
}

/* As inih reads it: blanks before it do not count. */
static const char *content(const char *l)
{
	return l + strspn(l, " \t");
}

static bool is_section(const char *l, const char *name)
{
	size_t len = strlen(name);

	l = content(l);
	return *l == '[' && !strncmp(l + 1, name, len) && l[len + 1] == ']';
}

static bool has_key(const char *l, const char *key)
{
	size_t len = strlen(key);

	l = content(l);
	return !strncmp(l, key, len) && strchr("=:", *content(l + len)) && *content(l + len);
}

/* The line with the key, or where it would stand: behind the section's head. NULL: no section. */
static const char *place(const char *conf, const char *section, const char *key, bool *found)
{
	const char *head = NULL;
	bool inside = false;

	*found = false;
	for (const char *l = conf; *l; l = next_line(l)) {
		if (*content(l) == '[') {
			inside = is_section(l, section);
			head = inside && !head ? next_line(l) : head;
		} else if (inside && has_key(l, key)) {
			*found = true;
			return l;
		}
	}
	return head;
}

void confedit_set(struct buf *ret, const char *conf, const char *section, const char *key,
		  const char *value)
{
	bool found;
	const char *at = place(conf, section, key, &found);
	size_t before = at ? (size_t)(at - conf) : strlen(conf);

	buf_add(ret, conf, before);
	if (before && conf[before - 1] != '\n')
		put(ret, "\n");
	if (!at) {
		put(ret, "[");
		put(ret, section);
		put(ret, "]\n");
	}
	put_line(ret, key, value);
	if (at)
		put(ret, found ? next_line(at) : at);
}
