/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLV lists: the layout of digest cache v6 with our additions, see abi/listfile.h and
 * diglim-list(5). Order: ALGO, then NAME and TIME if they are there, COUNT, then as many entries.
 * In an entry: DIGEST, then PATH and USE in any order.
 */
#ifndef DIGLIM_CORE_TLV_H
#define DIGLIM_CORE_TLV_H

#include "digest.h"
#include "interpreter.h"
#include "view.h"
#include "../abi/listfile.h"

#define CORE_TLV_HEAD 6
/* Header of the entry, header of its digest, digest. */
#define CORE_TLV_ENTRY_MIN (CORE_TLV_HEAD + CORE_TLV_HEAD + DIGLIM_DIGEST_SIZE)

struct core_tlv {
	__u32 entries;
	__u32 next; /* number of the entry that the next step looks at */
	__u32 pos;
	__u32 name_off;
	__u32 name_len; /* 0: no name */
	__u32 has_time;
	__u64 time;	       /* seconds since 1970 */
	struct core_stem stem; /* of the path of an entry */
};

struct core_tlv_field {
	__u32 field;
	__u32 off; /* of the data */
	__u32 len;
};

/* Reads the field at @pos, which must end at or before @end. */
CORE_INLINE int core_tlv_read(const struct core_view *v, __u32 pos, __u32 end,
			      struct core_tlv_field *f, struct core_err *e)
{
	const __u8 *p = core_at(v, pos, CORE_TLV_HEAD);

	if (!p || end < CORE_TLV_HEAD || pos > end - CORE_TLV_HEAD)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos);
	f->field = core_get_be16(p);
	f->len = core_get_be32(p + 2);
	f->off = pos + CORE_TLV_HEAD;
	if (f->len > end - f->off)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos + 2);
	return 0;
}

CORE_INLINE int core_tlv_algo(const struct core_view *v, struct core_tlv *t, struct core_err *e)
{
	struct core_tlv_field f;
	const __u8 *p;

	if (core_tlv_read(v, 0, v->len, &f, e))
		return -1;
	if (f.field != DIGLIM_TLV_ALGO)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, 0);
	p = core_at(v, f.off, 2);
	if (!p || f.len != 2)
		return core_fail(e, v, DIGLIM_E_VALUE, 2);
	if (core_get_be16(p) != DIGLIM_HASH_ALGO_SHA256)
		return core_fail(e, v, DIGLIM_E_ALGO, f.off);
	t->pos = f.off + 2;
	return 0;
}

/* A field between ALGO and the entries: 1 after COUNT, else 0. */
CORE_INLINE int core_tlv_head(const struct core_view *v, struct core_tlv *t, struct core_err *e)
{
	struct core_tlv_field f;
	__u32 pos = t->pos;
	const __u8 *p;

	if (core_tlv_read(v, pos, v->len, &f, e))
		return -1;
	t->pos = f.off + f.len;
	if (f.field == DIGLIM_TLV_NAME) {
		if (t->name_len)
			return core_fail(e, v, DIGLIM_E_DUPLICATE, pos);
		if (!f.len)
			return core_fail(e, v, DIGLIM_E_VALUE, pos + 2);
		t->name_off = f.off;
		t->name_len = f.len;
		return 0;
	}
	if (f.field == DIGLIM_TLV_TIME) {
		p = core_at(v, f.off, 8);
		if (t->has_time)
			return core_fail(e, v, DIGLIM_E_DUPLICATE, pos);
		if (!p || f.len != 8)
			return core_fail(e, v, DIGLIM_E_VALUE, pos + 2);
		t->has_time = 1;
		t->time = (__u64)core_get_be32(p) << 32 | core_get_be32(p + 4);
		return 0;
	}
	p = core_at(v, f.off, 4);
	if (f.field != DIGLIM_TLV_COUNT)
		return core_fail(e, v, f.field ? DIGLIM_E_TLV_FIELD : DIGLIM_E_DUPLICATE, pos);
	if (!p || f.len != 4)
		return core_fail(e, v, DIGLIM_E_VALUE, pos + 2);
	t->entries = core_get_be32(p);
	return 1;
}

/* Goes to the first entry. */
CORE_INLINE int core_tlv_open(const struct core_view *v, struct core_tlv *t, struct core_err *e)
{
	int ret = 0;

	t->name_off = 0;
	t->name_len = 0;
	t->has_time = 0;
	t->time = 0;
	t->next = 0;
	if (core_tlv_algo(v, t, e))
		return -1;
	/* NAME, TIME, COUNT. */
	for (int i = 0; i < 3 && !ret; i++)
		ret = core_tlv_head(v, t, e);
	if (ret < 0)
		return -1;
	if (!ret)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, t->pos);
	if (t->entries > DIGLIM_LIST_ENTRIES_MAX)
		return core_fail(e, v, DIGLIM_E_TOO_MANY, t->pos - 4);
	if (t->entries > (v->len - t->pos) / CORE_TLV_ENTRY_MIN)
		return core_fail(e, v, DIGLIM_E_COUNT, t->pos - 4);
	return 0;
}

/* A field behind the digest. @seen: 1 after PATH, 2 after USE. */
CORE_INLINE int core_tlv_option(const struct core_view *v, const struct core_tlv_field *f,
				__u32 *seen, __u32 *use, struct core_err *e)
{
	__u32 bit = f->field == DIGLIM_TLV_ENTRY_PATH ? 1 : 2;
	__u32 at = f->off - CORE_TLV_HEAD;
	const __u8 *p;

	if (f->field != DIGLIM_TLV_ENTRY_PATH && f->field != DIGLIM_TLV_ENTRY_USE)
		return core_fail(e, v, f->field ? DIGLIM_E_TLV_FIELD : DIGLIM_E_DUPLICATE, at);
	if (*seen & bit)
		return core_fail(e, v, DIGLIM_E_DUPLICATE, at);
	*seen |= bit;
	if (bit == 1) {
		/* Who reads paths relies on the final NUL. */
		p = f->len ? core_at(v, f->off + f->len - 1, 1) : NULL;
		if (!p || f->len < 2 || f->len > DIGLIM_PATH_LONG || *p)
			return core_fail(e, v, DIGLIM_E_VALUE, at);
		return 0;
	}
	p = core_at(v, f->off, 4);
	if (!p || f->len != 4)
		return core_fail(e, v, DIGLIM_E_VALUE, at + 2);
	*use = core_get_be32(p);
	if (!*use || *use & ~(__u32)(DIGLIM_USE_ALL | DIGLIM_USE_PROPERTIES))
		return core_fail(e, v, DIGLIM_E_VALUE, f->off);
	return 0;
}

CORE_INLINE int core_tlv_entry(const struct core_view *v, struct core_tlv *t, __u32 pos, __u32 end,
			       struct core_digest *d, struct core_err *e)
{
	struct core_tlv_field f;
	__u32 seen = 0, use = DIGLIM_USE_EXEC;
	const __u8 *p;

	if (core_tlv_read(v, pos, end, &f, e))
		return -1;
	if (f.field != DIGLIM_TLV_ENTRY_DIGEST)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, pos);
	p = core_at(v, f.off, DIGLIM_DIGEST_SIZE);
	if (!p || f.len != DIGLIM_DIGEST_SIZE)
		return core_fail(e, v, DIGLIM_E_DIGEST_LEN, pos + 2);
	__builtin_memcpy(d->value, p, DIGLIM_DIGEST_SIZE);
	d->off = v->start + f.off;
	d->kinds = 0;
	core_stem_begin(&t->stem);
	pos = f.off + f.len;
	for (int i = 0; i < 2 && pos < end; i++) {
		if (core_tlv_read(v, pos, end, &f, e) || core_tlv_option(v, &f, &seen, &use, e))
			return -1;
		if (f.field == DIGLIM_TLV_ENTRY_PATH)
			core_stem_read(v, f.off, f.off + f.len, &t->stem);
		pos = f.off + f.len;
	}
	if (pos < end)
		return core_fail(e, v, DIGLIM_E_TRAILING, pos);
	d->use = use;
	if (use & DIGLIM_USE_EXEC)
		core_digest_mark(d, &t->stem);
	return 0;
}

/* The next entry: 1 with @d set, 0 at the end of both entries and payload, -1 with @e set. */
CORE_INLINE int core_tlv_next(const struct core_view *v, struct core_tlv *t, struct core_digest *d,
			      struct core_err *e)
{
	__u32 pos = t->pos;
	struct core_tlv_field f;

	if (pos == v->len)
		return t->next == t->entries ? 0 : core_fail(e, v, DIGLIM_E_COUNT, pos);
	if (t->next >= t->entries)
		return core_fail(e, v, DIGLIM_E_TRAILING, pos);
	if (core_tlv_read(v, pos, v->len, &f, e))
		return -1;
	if (f.field != DIGLIM_TLV_ENTRY)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, pos);
	if (core_tlv_entry(v, t, f.off, f.off + f.len, d, e))
		return -1;
	t->pos = f.off + f.len;
	d->index = t->next++;
	return 1;
}

#endif
