// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hex.h"
#include "sums.h"

#define HEX (2 * DIGLIM_DIGEST_SIZE)

/* One line, without its end. */
struct line {
	const char *at;
	size_t len;
	const char *why; /* what is wrong with it */
};

static int bad(struct line *l, const char *why)
{
	l->why = why;
	return -EINVAL;
}

/* "\n", "\r" and "\\" inside an escaped path. */
static int unescape(struct line *l, const char *p, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] != '\\') {
			*to++ = p[i];
			continue;
		}
		if (++i == len || !strchr("nr\\", p[i]))
			return bad(l, "a backslash that escapes nothing");
		*to++ = p[i] == 'n' ? '\n' : p[i] == 'r' ? '\r' : '\\';
	}
	*to = '\0';
	return 0;
}

static int take_path(struct line *l, const char *p, size_t len, bool escaped,
		     struct sums_entry *ret)
{
	if (!len)
		return bad(l, "a digest without a path");
	/* sha256sum escapes one that is in the name. */
	if (p[len - 1] == '\r')
		return bad(l, "a carriage return at its end, lines must end in a line feed alone");
	if (len >= sizeof(ret->path))
		return bad(l, "a path that is too long");
	if (escaped)
		return unescape(l, p, len, ret->path);
	memcpy(ret->path, p, len);
	ret->path[len] = '\0';
	return 0;
}

/* "SHA256 (PATH) = HEX" */
static int read_tagged(struct line *l, const char *p, size_t len, bool escaped,
		       struct sums_entry *ret)
{
	static const char head[] = "SHA256 (", middle[] = ") = ";
	size_t fixed = sizeof(head) - 1 + sizeof(middle) - 1 + HEX, path;

	if (len < fixed || memcmp(p, head, sizeof(head) - 1))
		return bad(l, "neither a SHA-256 digest with a path nor a comment");
	path = len - fixed;
	p += sizeof(head) - 1;
	if (memcmp(p + path, middle, sizeof(middle) - 1) ||
	    hex_decode(p + path + sizeof(middle) - 1, HEX, ret->digest.value,
		       sizeof(ret->digest.value)))
		return bad(l, "no SHA-256 digest at its end");
	return take_path(l, p, path, escaped, ret);
}

/* "verity:sha256:HEX PATH", never escaped */
static int read_verity(struct line *l, struct sums_entry *ret)
{
	size_t len = sizeof(DIGESTNAME_VERITY) - 1 + HEX;

	if (l->len < len || digestname_parse(l->at, len, &ret->digest))
		return bad(l, "'verity:sha256:' not followed by a SHA-256 digest");
	if (l->len == len || l->at[len] != ' ')
		return bad(l, "no blank behind the digest");
	return take_path(l, l->at + len + 1, l->len - len - 1, false, ret);
}

static int read_entry(struct line *l, struct sums_entry *ret)
{
	bool escaped = l->at[0] == '\\';
	const char *p = l->at + escaped;
	size_t len = l->len - escaped;

	if (len > 7 && !memcmp(l->at, "verity:", 7))
		return read_verity(l, ret);
	ret->digest.verity = false;
	if (len < HEX + 2 || hex_decode(p, HEX, ret->digest.value, sizeof(ret->digest.value)))
		return read_tagged(l, p, len, escaped, ret);
	if (p[HEX] != ' ' || (p[HEX + 1] != ' ' && p[HEX + 1] != '*'))
		return bad(l, "no two blanks, or blank and star, behind the digest");
	return take_path(l, p + HEX + 2, len - HEX - 2, escaped, ret);
}

/* Other comments that begin like this are kept for later versions. */
static int read_comment(struct line *l, struct sums_entry *ret)
{
	static const char use[] = "#: use ";
	size_t len = l->len - (sizeof(use) - 1);

	if (l->len < 2 || l->at[1] != ':')
		return 0;
	if (l->len < sizeof(use) || memcmp(l->at, use, sizeof(use) - 1))
		return bad(l, "'#:' not followed by 'use' and uses");
	if (len >= sizeof(ret->use))
		return bad(l, "more uses than there are");
	memcpy(ret->use, l->at + sizeof(use) - 1, len);
	ret->use[len] = '\0';
	return 0;
}

/* 1: an entry, 0: nothing. */
static int read_line(struct line *l, struct sums_entry *ret)
{
	int r;

	if (memchr(l->at, '\0', l->len))
		return bad(l, "a NUL byte");
	if (!l->len)
		return 0;
	if (l->at[0] == '#')
		return read_comment(l, ret);
	r = read_entry(l, ret);
	return r ? r : 1;
}

static int walk(const void *data, size_t len, const char *name, sums_fn fn, void *arg,
		struct err *e)
{
	const char *p = len ? data : "", *end = p + len;
	struct sums_entry entry = {0};
	struct line l = {0};
	int r = 0;

	while (p < end && !r) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));

		l.at = p;
		l.len = (size_t)((feed ? feed : end) - p);
		p = feed ? feed + 1 : end;
		entry.line++;
		r = read_line(&l, &entry);
		if (r < 0)
			return err_set(e, r, "%s: line %zu: %s", name, entry.line, l.why);
		r = r ? fn(&entry, arg) : 0;
	}
	return r;
}

/* What was said of a path. */
struct said {
	char *path;
	struct digestname digest;
	size_t line;
};

struct all {
	struct said *said;
	size_t n, room;
};

static int note(const struct sums_entry *entry, void *arg)
{
	struct all *all = arg;

	if (all->n == all->room) {
		size_t room = all->room ? 2 * all->room : 256;
		struct said *more = reallocarray(all->said, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		all->said = more;
		all->room = room;
	}
	all->said[all->n] = (struct said){strdup(entry->path), entry->digest, entry->line};
	return all->said[all->n].path ? (void)all->n++, 0 : -ENOMEM;
}

static int by_path(const void *a, const void *b)
{
	const struct said *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	r = r ? r : x->digest.verity - y->digest.verity;
	return r ? r : (x->line > y->line) - (x->line < y->line);
}

/* A path may have a digest of its content and one of fs-verity, but not two of a kind. */
static int check(struct all *all, const char *name, struct err *e)
{
	if (all->n)
		qsort(all->said, all->n, sizeof(*all->said), by_path);
	for (size_t i = 1; i < all->n; i++) {
		const struct said *x = &all->said[i - 1], *y = x + 1;

		if (!strcmp(x->path, y->path) && x->digest.verity == y->digest.verity &&
		    memcmp(x->digest.value, y->digest.value, sizeof(x->digest.value)) != 0)
			return err_set(e, -EINVAL,
				       "%s: line %zu: %.200s has another digest than in line %zu",
				       name, y->line, y->path, x->line);
	}
	return 0;
}

int sums_walk(const void *data, size_t len, const char *name, sums_fn fn, void *arg, struct err *e)
{
	struct all all = {0};
	int r = walk(data, len, name, note, &all, e);

	if (r == -ENOMEM)
		err_set(e, r, "%s: out of memory", name);
	if (!r)
		r = check(&all, name, e);
	for (size_t i = 0; i < all.n; i++)
		free(all.said[i].path);
	free(all.said);
	return r ? r : walk(data, len, name, fn, arg, e);
}

void sums_put(struct buf *b, const uint8_t digest[DIGLIM_DIGEST_SIZE], const char *path)
{
	char hex[HEX + 1];

	if (strpbrk(path, "\n\r\\"))
		buf_add_u8(b, '\\');
	buf_add(b, hex_encode(digest, DIGLIM_DIGEST_SIZE, hex), HEX);
	buf_add(b, "  ", 2);
	for (; *path; path++) {
		const char *escape = *path == '\n' ? "\\n" : *path == '\r' ? "\\r" : "\\\\";

		if (strchr("\n\r\\", *path))
			buf_add(b, escape, 2);
		else
			buf_add_u8(b, (uint8_t)*path);
	}
	buf_add_u8(b, '\n');
}
