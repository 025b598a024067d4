/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLV lists: the layout of digest cache v6 with our additions, see abi/listfile.h and
 * diglim-list(5). Order: ALGO, then NAME, TIME, TYPE, BOOT and COUNTER if they are there, COUNT,
 * then as many entries. An entry is a digest (DIGEST or VERITY, then PATH and USE in any order) or
 * a rule (core/rule.h).
 */
#ifndef DIGLIM_CORE_TLV_H
#define DIGLIM_CORE_TLV_H

#include "digest.h"
#include "interpreter.h"
#include "loop.h"
#include "rule.h"
#include "tlvfield.h"
#include "verity.h"
#include "view.h"
#include "../abi/listfile.h"

/* Header of the entry, header of its digest, digest. */
#define CORE_TLV_ENTRY_MIN (CORE_TLV_HEAD + CORE_TLV_HEAD + DIGLIM_DIGEST_SIZE)
/* Header of the entry, header of a field without data. */
#define CORE_TLV_RULE_MIN (CORE_TLV_HEAD + CORE_TLV_HEAD)

struct core_tlv {
	__u32 entries;
	__u32 next; /* number of the entry that the next step looks at */
	__u32 pos;
	__u32 name_off;
	__u32 name_len;	       /* 0: no name */
	__u32 seen;	       /* of the fields before COUNT */
	__u32 type;	       /* enum diglim_list_type */
	__u32 boot_off;	       /* of a control list */
	__u64 counter;	       /* of a control list */
	__u64 time;	       /* seconds since 1970, if CORE_TLV_SEEN(TIME) */
	struct core_text path; /* of the entry read last */
	struct core_stem stem; /* of that path */
	struct core_rule rule; /* if it was one */
};

#define CORE_TLV_SEEN(field) (1U << ((field)-DIGLIM_TLV_NAME))
#define CORE_TLV_HEADERS     6

struct core_tlv_walk {
	const struct core_view *v;
	struct core_tlv *t;
	struct core_err *e;
	int ret; /* 1: after COUNT */
};

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

CORE_INLINE int core_tlv_count(const struct core_view *v, struct core_tlv *t,
			       const struct core_tlv_field *f, struct core_err *e)
{
	const __u8 *p = core_at(v, f->off, 4);

	if (!p || f->len != 4)
		return core_fail(e, v, DIGLIM_E_VALUE, f->off - 4);
	t->entries = core_get_be32(p);
	return 0;
}

/* NAME, TIME, TYPE, BOOT or COUNTER. */
CORE_INLINE int core_tlv_about(const struct core_view *v, struct core_tlv *t,
			       const struct core_tlv_field *f, struct core_err *e)
{
	__u32 len = f->field == DIGLIM_TLV_BOOT	  ? DIGLIM_BOOT_SIZE
		    : f->field == DIGLIM_TLV_TYPE ? 4
						  : 8;
	const __u8 *p = core_at(v, f->off, 4);
	__u64 value;

	if (f->field == DIGLIM_TLV_NAME) {
		if (!f->len)
			return core_fail(e, v, DIGLIM_E_VALUE, f->off - 4);
		t->name_off = f->off;
		t->name_len = f->len;
		return 0;
	}
	if (!p || f->len != len)
		return core_fail(e, v, DIGLIM_E_VALUE, f->off - 4);
	value = core_get_be32(p);
	if (f->field == DIGLIM_TLV_TYPE) {
		t->type = (__u32)value;
		if (value >= DIGLIM_LIST_TYPE_MAX)
			return core_fail(e, v, DIGLIM_E_VALUE, f->off);
		return 0;
	}
	if (f->field == DIGLIM_TLV_BOOT) {
		t->boot_off = f->off;
		return 0;
	}
	p = core_at(v, f->off + 4, 4);
	value = value << 32 | (p ? core_get_be32(p) : 0);
	if (f->field == DIGLIM_TLV_TIME)
		t->time = value;
	else
		t->counter = value;
	return 0;
}

/* A field between ALGO and the entries. */
CORE_BODY core_tlv_head(__u32 i, void *arg)
{
	struct core_tlv_walk *w = arg;
	struct core_tlv *t = w->t;
	struct core_tlv_field f;
	__u32 pos = t->pos, bit;

	(void)i;
	w->ret = -1;
	if (core_tlv_read(w->v, pos, w->v->len, &f, w->e))
		return 1;
	t->pos = f.off + f.len;
	if (f.field == DIGLIM_TLV_COUNT) {
		if (!core_tlv_count(w->v, t, &f, w->e))
			w->ret = 1;
		return 1;
	}
	if (f.field < DIGLIM_TLV_NAME || f.field > DIGLIM_TLV_COUNTER)
		return core_fail(w->e, w->v, f.field ? DIGLIM_E_TLV_FIELD : DIGLIM_E_DUPLICATE,
				 pos),
		       1;
	bit = 1U << (f.field & 7);
	if (t->seen & bit)
		return core_fail(w->e, w->v, DIGLIM_E_DUPLICATE, pos), 1;
	t->seen |= bit;
	if (core_tlv_about(w->v, t, &f, w->e))
		return 1;
	w->ret = 0;
	return 0;
}

/* BOOT and COUNTER make sense in a control list, and must be there. */
CORE_INLINE int core_tlv_check(const struct core_view *v, const struct core_tlv *t,
			       struct core_err *e)
{
	__u32 both = CORE_TLV_SEEN(DIGLIM_TLV_BOOT) | CORE_TLV_SEEN(DIGLIM_TLV_COUNTER);
	__u32 min = t->type == DIGLIM_LIST_ALLOW ? CORE_TLV_ENTRY_MIN : CORE_TLV_RULE_MIN;

	if ((t->seen & both) != (t->type == DIGLIM_LIST_CONTROL ? both : 0))
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, t->pos);
	if (t->type == DIGLIM_LIST_CONTROL && !t->counter)
		return core_fail(e, v, DIGLIM_E_VALUE, t->pos);
	if (t->entries > DIGLIM_LIST_ENTRIES_MAX ||
	    (t->type == DIGLIM_LIST_CONTROL && t->entries > DIGLIM_ORDERS_MAX))
		return core_fail(e, v, DIGLIM_E_TOO_MANY, t->pos - 4);
	if (t->entries > (v->len - t->pos) / min)
		return core_fail(e, v, DIGLIM_E_COUNT, t->pos - 4);
	return 0;
}

/* Goes to the first entry. */
CORE_INLINE int core_tlv_open(const struct core_view *v, struct core_tlv *t, struct core_err *e)
{
	struct core_tlv_walk w = {.v = v, .t = t, .e = e, .ret = 0};

	__builtin_memset(t, 0, sizeof(*t));
	if (core_tlv_algo(v, t, e))
		return -1;
	core_loop(CORE_TLV_HEADERS, core_tlv_head, &w);
	if (w.ret < 0)
		return -1;
	if (!w.ret)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, t->pos);
	return core_tlv_check(v, t, e);
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
	if (f.field != DIGLIM_TLV_ENTRY_DIGEST && f.field != DIGLIM_TLV_ENTRY_VERITY)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, pos);
	p = core_at(v, f.off, DIGLIM_DIGEST_SIZE);
	if (!p || f.len != DIGLIM_DIGEST_SIZE)
		return core_fail(e, v, DIGLIM_E_DIGEST_LEN, pos + 2);
	__builtin_memcpy(d->value, p, DIGLIM_DIGEST_SIZE);
	d->verity = f.field == DIGLIM_TLV_ENTRY_VERITY;
	if (d->verity)
		core_verity_key(d->value, d->value);
	d->off = v->start + f.off;
	d->kinds = 0;
	core_stem_begin(&t->stem);
	t->path.len = 0;
	pos = f.off + f.len;
	for (int i = 0; i < 2 && pos < end; i++) {
		if (core_tlv_read(v, pos, end, &f, e) || core_tlv_option(v, &f, &seen, &use, e))
			return -1;
		if (f.field == DIGLIM_TLV_ENTRY_PATH) {
			t->path.off = f.off;
			t->path.len = f.len - 1;
			core_stem_read(v, f.off, f.off + f.len, &t->stem);
		}
		pos = f.off + f.len;
	}
	if (pos < end)
		return core_fail(e, v, DIGLIM_E_TRAILING, pos);
	/* What is denied is denied for every use. */
	if (t->type == DIGLIM_LIST_DENY && seen & 2)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, d->off - v->start);
	d->use = use;
	if (use & DIGLIM_USE_EXEC)
		core_digest_mark(d, &t->stem);
	d->under = 0;
	return 0;
}

/* Is the entry at @pos a rule? Deny lists have both. */
CORE_INLINE bool core_tlv_is_rule(const struct core_view *v, const struct core_tlv *t, __u32 pos)
{
	const __u8 *p = core_at(v, pos, 2);

	if (t->type == DIGLIM_LIST_DENY)
		return p && core_get_be16(p) == DIGLIM_TLV_ENTRY_KEY;
	return t->type != DIGLIM_LIST_ALLOW;
}

/*
 * The next entry: 1 with @d set, 3 with t->rule set, 0 at the end of both entries and payload, -1
 * with @e set.
 */
CORE_INLINE int core_tlv_next(const struct core_view *v, struct core_tlv *t, struct core_digest *d,
			      struct core_err *e)
{
	__u32 pos = t->pos;
	struct core_tlv_field f;
	bool rule;

	if (pos == v->len)
		return t->next == t->entries ? 0 : core_fail(e, v, DIGLIM_E_COUNT, pos);
	if (t->next >= t->entries)
		return core_fail(e, v, DIGLIM_E_TRAILING, pos);
	if (core_tlv_read(v, pos, v->len, &f, e))
		return -1;
	if (f.field != DIGLIM_TLV_ENTRY)
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, pos);
	rule = core_tlv_is_rule(v, t, f.off);
	if (rule ? core_rule_read(v, t->type, f.off, f.off + f.len, &t->rule, e)
		 : core_tlv_entry(v, t, f.off, f.off + f.len, d, e))
		return -1;
	t->pos = f.off + f.len;
	if (!rule)
		d->index = t->next;
	t->next++;
	return rule ? 3 : 1;
}

#endif
