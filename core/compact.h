/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compact digest lists, version 1 (DIGLIM and IMA digest lists, 2017-2022): blocks of a header and
 * digests, see abi/listfile.h. They have no magic: accepted under an owner's key only.
 *
 * Two numberings of the types are in the field, one beginning with "key", one with "parser". Types
 * 0 to 2 can mean a file in one of them and are read as such; 3 and above never do.
 */
#ifndef DIGLIM_CORE_COMPACT_H
#define DIGLIM_CORE_COMPACT_H

#include "digest.h"
#include "loop.h"
#include "view.h"
#include "../abi/listfile.h"

#define CORE_COMPACT_HEAD  16
#define CORE_COMPACT_TYPES 3

struct core_compact {
	__u32 digests; /* of all blocks */
	__u32 blocks;
	__u32 next; /* number of the digest that the next step looks at */
	__u32 pos;
	__u32 left; /* digests left in this block */
	__u32 use;  /* of this block */
};

struct core_compact_walk {
	const struct core_view *v;
	struct core_compact *c;
	struct core_err *e;
	int ret;
};

/* Checks the block header at @pos; the number of its digests goes to @count. */
CORE_INLINE int core_compact_head(const struct core_view *v, __u32 pos, __u32 *count,
				  struct core_err *e)
{
	const __u8 *p = core_at(v, pos, CORE_COMPACT_HEAD);
	__u32 len;

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos);
	if (p[0] != 1 || p[1])
		return core_fail(e, v, pos ? DIGLIM_E_TRAILING : DIGLIM_E_FORMAT, pos);
	if (core_get_le16(p + 2) >= CORE_COMPACT_TYPES)
		return core_fail(e, v, DIGLIM_E_COMPACT_TYPE, pos + 2);
	if (core_get_le16(p + 4) & ~DIGLIM_COMPACT_MOD_IMMUTABLE)
		return core_fail(e, v, DIGLIM_E_VALUE, pos + 4);
	if (core_get_le16(p + 6) != DIGLIM_HASH_ALGO_SHA256)
		return core_fail(e, v, DIGLIM_E_ALGO, pos + 6);
	*count = core_get_le32(p + 8);
	len = core_get_le32(p + 12);
	if (*count != len / DIGLIM_DIGEST_SIZE || len % DIGLIM_DIGEST_SIZE)
		return core_fail(e, v, DIGLIM_E_COUNT, pos + 8);
	if (len > v->len - CORE_COMPACT_HEAD - pos)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos + 12);
	return 0;
}

CORE_BODY core_compact_block(__u32 i, void *arg)
{
	struct core_compact_walk *w = arg;
	struct core_compact *c = w->c;
	__u32 count = 0;

	(void)i;
	if (c->pos >= w->v->len)
		return 1;
	w->ret = core_compact_head(w->v, c->pos, &count, w->e);
	if (w->ret)
		return 1;
	c->pos += CORE_COMPACT_HEAD + count * DIGLIM_DIGEST_SIZE;
	c->digests += count;
	c->blocks++;
	return 0;
}

/* Checks every block header. */
CORE_INLINE int core_compact_open(const struct core_view *v, struct core_compact *c,
				  struct core_err *e)
{
	struct core_compact_walk w = {.v = v, .c = c, .e = e, .ret = 0};

	c->digests = 0;
	c->blocks = 0;
	c->next = 0;
	c->left = 0;
	c->use = 0;
	c->pos = 0;
	core_loop(v->len / CORE_COMPACT_HEAD + 1, core_compact_block, &w);
	if (w.ret)
		return -1;
	if (c->digests > DIGLIM_LIST_ENTRIES_MAX)
		return core_fail(e, v, DIGLIM_E_TOO_MANY, 8);
	c->pos = 0;
	return 0;
}

/* 1 with @d set, 2 for a block header, 0 at the end, -1 with @e set. */
CORE_INLINE int core_compact_next(const struct core_view *v, struct core_compact *c,
				  struct core_digest *d, struct core_err *e)
{
	__u32 pos = c->pos, count = 0;
	const __u8 *p;

	if (!c->left) {
		if (pos >= v->len)
			return 0;
		if (core_compact_head(v, pos, &count, e))
			return -1;
		p = core_at(v, pos, CORE_COMPACT_HEAD);
		c->use = DIGLIM_USE_EXEC;
		if (p && core_get_le16(p + 4) & DIGLIM_COMPACT_MOD_IMMUTABLE)
			c->use |= DIGLIM_USE_IMMUTABLE;
		c->left = count;
		c->pos = pos + CORE_COMPACT_HEAD;
		return 2;
	}
	p = core_at(v, pos, DIGLIM_DIGEST_SIZE);
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos);
	__builtin_memcpy(d->value, p, DIGLIM_DIGEST_SIZE);
	d->use = c->use;
	d->kinds = 0; /* no names, no interpreters */
	d->verity = 0;
	d->under = 0;
	d->index = c->next++;
	d->off = v->start + pos;
	c->left--;
	c->pos = pos + DIGLIM_DIGEST_SIZE;
	return 1;
}

#endif
