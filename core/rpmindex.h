/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The index of an RPM header: which tags are there, and where their data lies.
 *
 * Layout (rpm's docs/manual/format_header.md, format v4): magic 8e ad e8 01 00000000, be32 number
 * of entries, be32 length of the data, the entries (be32 tag, type, offset, count), the data. The
 * first entry is the immutable region, whose trailer ends the data. A signature covers all of that.
 */
#ifndef DIGLIM_CORE_RPMINDEX_H
#define DIGLIM_CORE_RPMINDEX_H

#include "interpreter.h"
#include "loop.h"
#include "view.h"
#include "../abi/limits.h"

#define CORE_RPM_MAGIC_LEN 8
#define CORE_RPM_INTRO_LEN 16
#define CORE_RPM_ENTRY_LEN 16

/* rpm's own limit (lib/header.c, HEADER_TAGS_MAX). */
#define CORE_RPM_ENTRIES_MAX 0xffff

/* Directories whose class is remembered; the largest package known has fewer than 3,000. */
#define CORE_RPM_DIRS_MAX 16384
/* In core_rpm.dir_use, besides uses: below the path that a limit asks for. */
#define CORE_RPM_DIR_UNDER 0x80

/* Tags below are regions and the translation table; rpm refuses them as entries, too. */
#define CORE_RPM_TAG_MIN       100
#define CORE_RPM_TAG_IMMUTABLE 63

enum core_rpm_type {
	CORE_RPM_INT16 = 3,
	CORE_RPM_INT32 = 4,
	CORE_RPM_INT64 = 5,
	CORE_RPM_STRING = 6,
	CORE_RPM_BIN = 7,
	CORE_RPM_STRING_ARRAY = 8,
	CORE_RPM_TYPE_MAX = 9,
};

/* The tags we use. */
enum core_rpm_slot {
	CORE_RPM_NAME,
	CORE_RPM_VERSION,
	CORE_RPM_RELEASE,
	CORE_RPM_EPOCH,
	CORE_RPM_ARCH,
	CORE_RPM_ALGO,
	CORE_RPM_BASENAMES,
	CORE_RPM_DIGESTS,
	CORE_RPM_MODES,
	CORE_RPM_FLAGS,
	CORE_RPM_COLORS,
	CORE_RPM_DIRINDEXES,
	CORE_RPM_DIRNAMES,
	CORE_RPM_PROVIDES,
	CORE_RPM_SLOTS,
};

struct core_rpm_tag {
	__u32 off;   /* of the data, from the start of the header */
	__u32 end;   /* where the data of the next entry begins */
	__u32 count; /* 0: tag absent */
};

struct core_rpm {
	__u32 size; /* bytes of the whole header: what a signature covers */
	__u32 entries;
	__u32 data;	/* offset of the data */
	__u32 data_len; /* without the region trailer */
	__u32 prev_end; /* while walking the index */
	__u32 files;
	__u32 next;   /* number of the file that the next step looks at */
	__u32 cursor; /* offset of its digest */
	__u32 name;   /* and of its base name */
	struct core_stem stem;
	__u32 dir; /* while walking the directories */
	struct core_rpm_tag tag[CORE_RPM_SLOTS];
	__u8 dir_use[CORE_RPM_DIRS_MAX];
};

struct core_rpm_walk {
	const struct core_view *v;
	struct core_rpm *r;
	struct core_err *e;
	int ret;
};

/* Slot of @tag, with the type it must have in @type; CORE_RPM_SLOTS if we do not use it. */
CORE_INLINE __u32 core_rpm_slot(__u32 tag, __u32 *type)
{
	*type = CORE_RPM_STRING;
	switch (tag) {
	case 1000:
		return CORE_RPM_NAME;
	case 1001:
		return CORE_RPM_VERSION;
	case 1002:
		return CORE_RPM_RELEASE;
	case 1022:
		return CORE_RPM_ARCH;
	}
	*type = CORE_RPM_STRING_ARRAY;
	switch (tag) {
	case 1035:
		return CORE_RPM_DIGESTS;
	case 1047:
		return CORE_RPM_PROVIDES;
	case 1117:
		return CORE_RPM_BASENAMES;
	case 1118:
		return CORE_RPM_DIRNAMES;
	}
	*type = CORE_RPM_INT32;
	switch (tag) {
	case 1003:
		return CORE_RPM_EPOCH;
	case 1037:
		return CORE_RPM_FLAGS;
	case 1116:
		return CORE_RPM_DIRINDEXES;
	case 1140:
		return CORE_RPM_COLORS;
	case 5011:
		return CORE_RPM_ALGO;
	}
	*type = CORE_RPM_INT16;
	return tag == 1030 ? CORE_RPM_MODES : CORE_RPM_SLOTS;
}

/* log2 of the size of one item; a string takes at least its NUL. */
CORE_INLINE __u32 core_rpm_shift(__u32 type)
{
	if (type >= CORE_RPM_INT16 && type <= CORE_RPM_INT64)
		return type - CORE_RPM_INT16 + 1;
	return 0;
}

/* Keeps @tag if we use it. Returns 0, or the error. */
CORE_INLINE __u32 core_rpm_keep(struct core_rpm *r, __u32 tag, __u32 type, __u32 count, __u32 off,
				__u32 end)
{
	__u32 want;
	__u32 slot = core_rpm_slot(tag, &want);
	struct core_rpm_tag *t;

	if (slot >= CORE_RPM_SLOTS)
		return 0;
	t = &r->tag[core_below(slot, CORE_RPM_SLOTS)];
	if (t->count)
		return DIGLIM_E_DUPLICATE;
	if (type != want || (slot <= CORE_RPM_ALGO && count != 1))
		return DIGLIM_E_RPM_TYPE;
	t->count = count;
	t->off = r->data + off;
	t->end = r->data + end;
	return 0;
}

/*
 * Entry @i, not counting the region. As in rpm's check (lib/header.c, hdrblobVerifyInfo), data must
 * lie inside, aligned, and in the order of the entries. rpm measures strings exactly; here a string
 * ends at the latest where the next entry begins, and whoever reads it holds to that.
 */
CORE_BODY core_rpm_entry(__u32 i, void *arg)
{
	struct core_rpm_walk *w = arg;
	struct core_rpm *r = w->r;
	__u32 at = CORE_RPM_INTRO_LEN + (i + 1) * CORE_RPM_ENTRY_LEN;
	const __u8 *p = core_at(w->v, at, CORE_RPM_ENTRY_LEN);
	__u32 tag, type, off, count, shift, err, end = r->data_len;
	__u64 len;

	w->ret = -1;
	if (!p)
		return core_fail(w->e, w->v, DIGLIM_E_TRUNCATED, at), 1;
	tag = core_get_be32(p);
	type = core_get_be32(p + 4);
	off = core_get_be32(p + 8);
	count = core_get_be32(p + 12);
	shift = core_rpm_shift(type);
	len = (__u64)count << shift;
	if (tag < CORE_RPM_TAG_MIN || !type || type > CORE_RPM_TYPE_MAX ||
	    (type == CORE_RPM_STRING && count != 1))
		return core_fail(w->e, w->v, DIGLIM_E_RPM_TYPE, at), 1;
	if (off < r->prev_end || off > r->data_len || off & ((1U << shift) - 1) || !len ||
	    len > r->data_len - off)
		return core_fail(w->e, w->v, DIGLIM_E_RPM_INDEX, at), 1;
	r->prev_end = off + (__u32)len;
	/* The next round checks the offset that is read ahead here. */
	p = core_at(w->v, at + CORE_RPM_ENTRY_LEN, CORE_RPM_ENTRY_LEN);
	if (p && i + 2 < r->entries)
		end = core_get_be32(p + 8);
	err = core_rpm_keep(r, tag, type, count, off, end);
	if (err)
		return core_fail(w->e, w->v, err, at), 1;
	w->ret = 0;
	return 0;
}

/* Whether the 16 bytes at @p are the region's entry, or trailer, with this offset. */
CORE_INLINE bool core_rpm_is_region(const __u8 *p, __u32 off)
{
	return p && core_get_be32(p) == CORE_RPM_TAG_IMMUTABLE &&
	       core_get_be32(p + 4) == CORE_RPM_BIN && core_get_be32(p + 8) == off &&
	       core_get_be32(p + 12) == CORE_RPM_ENTRY_LEN;
}

/* The region must cover every entry and all the data, so that everything read is signed. */
CORE_INLINE int core_rpm_region(const struct core_view *v, struct core_rpm *r, __u32 data_len,
				struct core_err *e)
{
	__u32 trailer = r->data + data_len - CORE_RPM_ENTRY_LEN;

	r->data_len = data_len - CORE_RPM_ENTRY_LEN;
	if (data_len < CORE_RPM_ENTRY_LEN ||
	    !core_rpm_is_region(core_at(v, CORE_RPM_INTRO_LEN, CORE_RPM_ENTRY_LEN), r->data_len))
		return core_fail(e, v, DIGLIM_E_RPM_REGION, CORE_RPM_INTRO_LEN);
	if (!core_rpm_is_region(core_at(v, trailer, CORE_RPM_ENTRY_LEN),
				0 - r->entries * CORE_RPM_ENTRY_LEN))
		return core_fail(e, v, DIGLIM_E_RPM_REGION, trailer);
	return 0;
}

CORE_INLINE bool core_rpm_is_magic(const __u8 *p)
{
	return core_get_be32(p) == 0x8eade801U;
}

/* Fills in everything up to @prev_end, and the tags. */
CORE_INLINE int core_rpm_index(const struct core_view *v, struct core_rpm *r, struct core_err *e)
{
	struct core_rpm_walk w = {.v = v, .r = r, .e = e, .ret = 0};
	const __u8 *p = core_at(v, 0, CORE_RPM_INTRO_LEN);
	__u32 data_len;

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, 0);
	if (!core_rpm_is_magic(p) || core_get_be32(p + 4))
		return core_fail(e, v, DIGLIM_E_RPM_MAGIC, 0);
	r->entries = core_get_be32(p + 8);
	data_len = core_get_be32(p + 12);
	if (!r->entries)
		return core_fail(e, v, DIGLIM_E_RPM_REGION, 8);
	if (r->entries > CORE_RPM_ENTRIES_MAX)
		return core_fail(e, v, DIGLIM_E_TOO_MANY, 8);
	r->data = CORE_RPM_INTRO_LEN + r->entries * CORE_RPM_ENTRY_LEN;
	if (r->data > v->len || data_len > v->len - r->data)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, v->len);
	r->size = r->data + data_len;
	if (core_rpm_region(v, r, data_len, e))
		return -1;
	r->prev_end = 0;
	__builtin_memset(r->tag, 0, sizeof(r->tag));
	core_loop(r->entries - 1, core_rpm_entry, &w);
	return w.ret;
}

#endif
