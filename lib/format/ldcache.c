// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "ldcache.h"

#define MAGIC	  "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0"

/* Offsets and sizes of both forms; all numbers have the byte order of the machine. */
enum {
	HEAD = 48,
	COUNT_AT = 20,
	FLAGS_AT = 28,
	ENTRY = 24,
	KEY_AT = 4,
	VALUE_AT = 8,
	HWCAP_AT = 16,
	OLD_HEAD = 16,
	OLD_COUNT_AT = 12,
	OLD_ENTRY = 12,
};

enum { ENDIAN_MASK = 3, ENDIAN_BIG = 3 };

struct cache {
	const uint8_t *p; /* what offsets count from */
	size_t len;
	bool big;
	uint32_t entries;
};

static uint32_t number(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
		   : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool begins(const uint8_t *p, size_t len, const char *magic)
{
	return len >= strlen(magic) && !memcmp(p, magic, strlen(magic));
}

/* Behind the older form, at the next multiple of 8. Its numbers say nothing of their order. */
static int skip_old(struct cache *c)
{
	for (int big = 0; big < 2; big++) {
		uint64_t n;

		if (c->len < OLD_HEAD)
			break;
		n = number(c->p + OLD_COUNT_AT, big);
		n = (OLD_HEAD + n * OLD_ENTRY + 7) & ~7ULL;
		if (n > c->len || !begins(c->p + n, c->len - n, MAGIC))
			continue;
		c->p += n;
		c->len -= n;
		return 0;
	}
	return -ENOTSUP;
}

static int open_cache(struct cache *c)
{
	if (begins(c->p, c->len, OLD_MAGIC) && skip_old(c))
		return -ENOTSUP;
	if (!begins(c->p, c->len, MAGIC) || c->len < HEAD)
		return -EBADMSG;
	c->big = (c->p[FLAGS_AT] & ENDIAN_MASK) == ENDIAN_BIG;
	c->entries = number(c->p + COUNT_AT, c->big);
	return c->entries > (c->len - HEAD) / ENTRY ? -EBADMSG : 0;
}

/* NULL if it does not end inside. */
static const char *text(const struct cache *c, uint32_t off)
{
	return off < c->len && memchr(c->p + off, 0, c->len - off) ? (const char *)c->p + off
								   : NULL;
}

int ldcache_find(const void *data, size_t len, const char *soname, ldcache_fn fn, void *arg,
		 struct err *e)
{
	struct cache c = {.p = data, .len = len};
	int r = open_cache(&c);

	for (uint32_t i = 0; !r && i < c.entries; i++) {
		const uint8_t *entry = c.p + HEAD + (size_t)i * ENTRY;
		const char *key = text(&c, number(entry + KEY_AT, c.big));
		const char *path = text(&c, number(entry + VALUE_AT, c.big));

		if (!key || !path)
			r = -EBADMSG;
		else if (!strcmp(key, soname) &&
			 (r = fn(path,
				 number(entry + HWCAP_AT, c.big) ||
					 number(entry + HWCAP_AT + 4, c.big),
				 arg)))
			return r;
	}
	return r ? err_set(e, r, "%s",
			   r == -ENOTSUP ? "no cache of libraries in glibc's format"
					 : "damaged cache of libraries")
		 : 0;
}
