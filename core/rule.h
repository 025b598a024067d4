/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of TLV lists that hold no digest: keys taken back, orders, limits of keys and lowest
 * versions. Each field at most once, in any order; which there must be depends on the type.
 */
#ifndef DIGLIM_CORE_RULE_H
#define DIGLIM_CORE_RULE_H

#include "loop.h"
#include "tlvfield.h"
#include "view.h"
#include "../abi/limits.h"
#include "../abi/listfile.h"
#include "../abi/state.h"
#include "../abi/use.h"

/* Fields as bits: 1 << (field - KEY), and two that entries with a digest have as well. */
#define CORE_RULE_BIT(field) (1U << ((field)-DIGLIM_TLV_ENTRY_KEY))
#define CORE_RULE_KEY	     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_KEY)
#define CORE_RULE_MODE	     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_MODE)
#define CORE_RULE_UNSEAL     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_UNSEAL)
#define CORE_RULE_REMOVE     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_REMOVE)
#define CORE_RULE_NAME	     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_NAME)
#define CORE_RULE_ARCH	     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_ARCH)
#define CORE_RULE_EPOCH	     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_EPOCH)
#define CORE_RULE_VERSION    CORE_RULE_BIT(DIGLIM_TLV_ENTRY_VERSION)
#define CORE_RULE_RELEASE    CORE_RULE_BIT(DIGLIM_TLV_ENTRY_RELEASE)
#define CORE_RULE_LOWER	     CORE_RULE_BIT(DIGLIM_TLV_ENTRY_LOWER)
#define CORE_RULE_USE	     (1U << 30)
#define CORE_RULE_PATH	     (1U << 31)

#define CORE_RULE_ORDERS (CORE_RULE_MODE | CORE_RULE_UNSEAL | CORE_RULE_REMOVE)
#define CORE_RULE_LIMITS (CORE_RULE_USE | CORE_RULE_NAME | CORE_RULE_PATH)
#define CORE_RULE_FLOOR                                                                            \
	(CORE_RULE_NAME | CORE_RULE_ARCH | CORE_RULE_EPOCH | CORE_RULE_VERSION |                   \
	 CORE_RULE_RELEASE | CORE_RULE_LOWER)

/* No rule has more. */
#define CORE_RULE_FIELDS 6

struct core_signer {
	__u8 byte[DIGLIM_SIGNER_MAX]; /* filled up with zeros */
	__u32 len;
};

/* A text in the payload, without its NUL. */
struct core_text {
	__u32 off;
	__u32 len; /* 0: not there */
};

enum core_rule_words {
	CORE_WORD_NAME,
	CORE_WORD_ARCH,
	CORE_WORD_VERSION,
	CORE_WORD_RELEASE,
	CORE_WORD_PATH,
	CORE_WORDS,
};

struct core_rule {
	__u32 has; /* CORE_RULE_... */
	__u32 off; /* of the entry */
	struct core_signer key;
	__u32 mode; /* enum diglim_mode */
	__u32 window_s;
	__u8 list[DIGLIM_LIST_ID_SIZE];
	__u32 use;
	__u32 epoch;
	struct core_text word[CORE_WORDS];
	/* While it is read. Here and not beside the walk: the verifier does not follow it. */
	__u32 pos;
	__u32 end;
	__u32 may; /* the fields that this type of list knows */
	__u32 failed;
	__u32 at; /* data of the field */
	__u32 len;
	__u32 bad;
};

struct core_rule_walk {
	const struct core_view *v;
	struct core_rule *r;
	struct core_err *e;
};

CORE_BODY core_rule_char(__u32 i, void *arg)
{
	struct core_rule_walk *w = arg;
	const __u8 *p = core_at(w->v, w->r->at + i, 1);

	if (!p || i >= w->r->len)
		return 1;
	w->r->bad |= *p <= ' ' || *p > '~';
	return w->r->bad ? 1 : 0;
}

/* Texts are compared byte by byte, so they hold no blanks and nothing that cannot be seen. */
CORE_INLINE int core_rule_word(struct core_rule_walk *w, __u32 word, __u32 max)
{
	struct core_text *to = &w->r->word[core_below(word, CORE_WORDS)];

	to->off = w->r->at;
	to->len = w->r->len;
	w->r->bad = !w->r->len || w->r->len >= max;
	core_loop(DIGLIM_LIMIT_PATH_MAX, core_rule_char, w);
	return w->r->bad ? core_fail(w->e, w->v, DIGLIM_E_VALUE, w->r->at) : 0;
}

/* A directory: "/…/" and the final NUL. */
CORE_INLINE int core_rule_path(struct core_rule_walk *w)
{
	const __u8 *first = core_at(w->v, w->r->at, 1);
	const __u8 *last = w->r->len > 1 ? core_at(w->v, w->r->at + w->r->len - 2, 2) : NULL;

	if (!first || *first != '/' || !last || last[0] != '/' || last[1])
		return core_fail(w->e, w->v, DIGLIM_E_VALUE, w->r->at);
	w->r->len--;
	return 0;
}

CORE_BODY core_rule_key_byte(__u32 i, void *arg)
{
	struct core_rule_walk *w = arg;
	const __u8 *p = core_at(w->v, w->r->at + i, 1);

	if (!p || i >= w->r->len)
		return 1;
	w->r->key.byte[core_below(i, DIGLIM_SIGNER_MAX)] = *p;
	return 0;
}

CORE_INLINE int core_rule_key(struct core_rule_walk *w)
{
	const __u8 *p = core_at(w->v, w->r->at, 1);

	w->r->key.len = w->r->len;
	if (!p || !w->r->len || w->r->len > DIGLIM_SIGNER_MAX || !*p)
		return core_fail(w->e, w->v, DIGLIM_E_VALUE, w->r->at);
	core_loop(DIGLIM_SIGNER_MAX, core_rule_key_byte, w);
	return 0;
}

/* What a field of a fixed length must have. */
CORE_INLINE __u32 core_rule_len(__u32 bit)
{
	if (bit == CORE_RULE_MODE)
		return 8;
	if (bit == CORE_RULE_REMOVE)
		return DIGLIM_LIST_ID_SIZE;
	return bit & (CORE_RULE_UNSEAL | CORE_RULE_LOWER) ? 0 : 4;
}

/* Mode, window and use must be known ones. */
CORE_INLINE int core_rule_number(struct core_rule_walk *w, __u32 bit, __u32 value, __u32 second)
{
	struct core_rule *r = w->r;
	__u32 max = 0xffffffff;

	if (bit == CORE_RULE_EPOCH)
		r->epoch = value;
	if (bit == CORE_RULE_USE) {
		r->use = value;
		max = value ? DIGLIM_USE_ALL : 0;
	}
	if (bit == CORE_RULE_MODE) {
		r->mode = value;
		r->window_s = second;
		max = DIGLIM_MODE_ENFORCE;
	}
	return value > max || !max ? core_fail(w->e, w->v, DIGLIM_E_VALUE, w->r->at) : 0;
}

/* MODE, UNSEAL, REMOVE, EPOCH, LOWER, USE. */
CORE_INLINE int core_rule_fixed(struct core_rule_walk *w, __u32 bit)
{
	__u32 want = core_rule_len(bit);
	const __u8 *p = core_at(w->v, w->r->at, 4);
	__u32 value = p ? core_get_be32(p) : 0;

	if (w->r->len != want)
		return core_fail(w->e, w->v, DIGLIM_E_VALUE, w->r->at);
	if (!want)
		return 0;
	if (bit == CORE_RULE_REMOVE) {
		p = core_at(w->v, w->r->at, DIGLIM_LIST_ID_SIZE);
		if (p)
			__builtin_memcpy(w->r->list, p, DIGLIM_LIST_ID_SIZE);
		return 0;
	}
	p = core_at(w->v, w->r->at + 4, 4);
	return core_rule_number(w, bit, value, p ? core_get_be32(p) : 0);
}

/* Number of the text that a bit stands for; CORE_WORDS for what is none. */
CORE_INLINE __u32 core_rule_which(__u32 bit, __u32 *max)
{
	*max = DIGLIM_EVR_PART_MAX;
	switch (bit) {
	case CORE_RULE_VERSION:
		return CORE_WORD_VERSION;
	case CORE_RULE_RELEASE:
		return CORE_WORD_RELEASE;
	case CORE_RULE_NAME:
		*max = DIGLIM_LIMIT_NAME_MAX;
		return CORE_WORD_NAME;
	case CORE_RULE_ARCH:
		*max = DIGLIM_ARCH_MAX;
		return CORE_WORD_ARCH;
	case CORE_RULE_PATH:
		*max = DIGLIM_LIMIT_PATH_MAX;
		return CORE_WORD_PATH;
	}
	return CORE_WORDS;
}

CORE_INLINE int core_rule_value(struct core_rule_walk *w, __u32 bit)
{
	__u32 max, word = core_rule_which(bit, &max);

	core_keep(word);
	core_keep(max);
	if (bit == CORE_RULE_KEY)
		return core_rule_key(w);
	if (word >= CORE_WORDS)
		return core_rule_fixed(w, bit);
	if (bit == CORE_RULE_PATH && core_rule_path(w))
		return -1;
	return core_rule_word(w, word, max);
}

CORE_INLINE __u32 core_rule_bit(__u32 field)
{
	if (field == DIGLIM_TLV_ENTRY_USE)
		return CORE_RULE_USE;
	if (field == DIGLIM_TLV_ENTRY_PATH)
		return CORE_RULE_PATH;
	if (field < DIGLIM_TLV_ENTRY_KEY || field > DIGLIM_TLV_ENTRY_LOWER)
		return 0;
	return CORE_RULE_BIT(field);
}

CORE_BODY core_rule_field(__u32 i, void *arg)
{
	struct core_rule_walk *w = arg;
	struct core_tlv_field f;
	__u32 bit, at = w->r->pos;

	(void)i;
	if (at >= w->r->end)
		return 1;
	w->r->failed = 1;
	if (core_tlv_read(w->v, at, w->r->end, &f, w->e))
		return 1;
	bit = core_rule_bit(f.field);
	if (!(bit & w->r->may))
		return core_fail(w->e, w->v, DIGLIM_E_TLV_FIELD, at), 1;
	if (w->r->has & bit)
		return core_fail(w->e, w->v, DIGLIM_E_DUPLICATE, at), 1;
	w->r->has |= bit;
	w->r->pos = f.off + f.len;
	w->r->at = f.off;
	w->r->len = f.len;
	if (core_rule_value(w, bit))
		return 1;
	w->r->failed = 0;
	return 0;
}

/* What a rule of this type of list may have. */
CORE_INLINE __u32 core_rule_may(__u32 type)
{
	switch (type) {
	case DIGLIM_LIST_DENY:
		return CORE_RULE_KEY;
	case DIGLIM_LIST_CONTROL:
		return CORE_RULE_ORDERS;
	case DIGLIM_LIST_LIMITS:
		return CORE_RULE_KEY | CORE_RULE_LIMITS;
	case DIGLIM_LIST_FLOOR:
		return CORE_RULE_FLOOR;
	}
	return 0;
}

/* Is what there must be there? */
CORE_INLINE bool core_rule_complete(__u32 type, __u32 has)
{
	switch (type) {
	case DIGLIM_LIST_DENY:
		return has & CORE_RULE_KEY;
	case DIGLIM_LIST_CONTROL:
		/* One order an entry. */
		return has && !(has & (has - 1));
	case DIGLIM_LIST_LIMITS:
		return has & CORE_RULE_KEY && has & CORE_RULE_LIMITS;
	case DIGLIM_LIST_FLOOR:
		return has & CORE_RULE_NAME && has & CORE_RULE_VERSION;
	}
	return false;
}

/* Reads the entry whose fields are in [@pos, @end) of a list of @type. */
CORE_INLINE int core_rule_read(const struct core_view *v, __u32 type, __u32 pos, __u32 end,
			       struct core_rule *r, struct core_err *e)
{
	struct core_rule_walk w = {.v = v, .r = r, .e = e};

	__builtin_memset(r, 0, sizeof(*r));
	r->off = v->start + pos;
	r->pos = pos;
	r->end = end;
	r->may = core_rule_may(type);
	core_loop(CORE_RULE_FIELDS, core_rule_field, &w);
	if (r->failed)
		return -1;
	if (r->pos < end)
		return core_fail(e, v, DIGLIM_E_TRAILING, r->pos);
	if (!core_rule_complete(type, r->has))
		return core_fail(e, v, DIGLIM_E_TLV_FIELD, pos);
	return 0;
}

#endif
