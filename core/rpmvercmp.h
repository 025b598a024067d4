/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of two versions is newer, by rpm's rules (rpm-version(7)): runs of digits compare as
 * numbers, runs of letters as texts, a number is newer than letters, '~' sorts before the end and
 * '^' behind it, everything else only separates. One character of each a step, so that the number
 * of steps is bounded by the lengths.
 */
#ifndef DIGLIM_CORE_RPMVERCMP_H
#define DIGLIM_CORE_RPMVERCMP_H

#include "loop.h"
#include "view.h"
#include "../abi/limits.h"

/* Inside of what both texts are. */
enum core_ver_state {
	CORE_VER_BETWEEN,
	CORE_VER_ZEROS, /* leading, of a number */
	CORE_VER_DIGITS,
	CORE_VER_LETTERS,
};

/* Where a comparison stands; not on the stack, where the verifier would follow it. */
struct core_ver {
	__u32 i;
	__u32 j;
	__u32 state;
	int order; /* of the digits so far, should both numbers be of one length */
	int ret;
};

struct core_ver_walk {
	const char *a; /* DIGLIM_EVR_PART_MAX bytes, the last of them NUL */
	const char *b;
	struct core_ver *w;
};

CORE_INLINE bool core_ver_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

CORE_INLINE bool core_ver_letter(__u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

CORE_INLINE bool core_ver_separates(__u8 c)
{
	return c && c != '~' && c != '^' && !core_ver_digit(c) && !core_ver_letter(c);
}

/* Ends the comparison. */
CORE_INLINE long core_ver_end(struct core_ver *w, int ret)
{
	w->ret = ret;
	return 1;
}

CORE_INLINE long core_ver_skip(struct core_ver *w, bool a, bool b)
{
	w->i += a;
	w->j += b;
	return 0;
}

/* '~' and '^': 1 if one of them decides or both are stepped over. */
CORE_INLINE long core_ver_marks(struct core_ver *w, __u8 a, __u8 b)
{
	if (a == b)
		return core_ver_skip(w, true, true);
	if (a == '~' || b == '~')
		return core_ver_end(w, a == '~' ? -1 : 1);
	/* The base version is older than the one with a caret, anything longer is newer. */
	if (a == '^')
		return core_ver_end(w, b ? -1 : 1);
	return core_ver_end(w, a ? 1 : -1);
}

CORE_INLINE long core_ver_between(struct core_ver *w, __u8 a, __u8 b)
{
	if (core_ver_separates(a) || core_ver_separates(b))
		return core_ver_skip(w, core_ver_separates(a), core_ver_separates(b));
	if (a == '~' || b == '~' || a == '^' || b == '^')
		return core_ver_marks(w, a, b);
	if (!a || !b)
		return core_ver_end(w, a ? 1 : b ? -1 : 0);
	if (core_ver_digit(a) != core_ver_digit(b))
		return core_ver_end(w, core_ver_digit(a) ? 1 : -1);
	w->state = core_ver_digit(a) ? CORE_VER_ZEROS : CORE_VER_LETTERS;
	w->order = 0;
	return 0;
}

CORE_INLINE long core_ver_digits(struct core_ver *w, __u8 a, __u8 b)
{
	if (core_ver_digit(a) && core_ver_digit(b)) {
		if (!w->order && a != b)
			w->order = a < b ? -1 : 1;
		return core_ver_skip(w, true, true);
	}
	if (core_ver_digit(a) || core_ver_digit(b))
		return core_ver_end(w, core_ver_digit(a) ? 1 : -1);
	if (w->order)
		return core_ver_end(w, w->order);
	w->state = CORE_VER_BETWEEN;
	return 0;
}

CORE_INLINE long core_ver_letters(struct core_ver *w, __u8 a, __u8 b)
{
	bool la = core_ver_letter(a), lb = core_ver_letter(b);

	if (la && lb && a == b)
		return core_ver_skip(w, true, true);
	if (la && lb)
		return core_ver_end(w, a < b ? -1 : 1);
	if (la || lb)
		return core_ver_end(w, la ? 1 : -1);
	w->state = CORE_VER_BETWEEN;
	return 0;
}

CORE_BODY core_ver_step(__u32 n, void *arg)
{
	struct core_ver_walk *x = arg;
	struct core_ver *w = x->w;
	__u8 a = (__u8)x->a[core_below(w->i, DIGLIM_EVR_PART_MAX)];
	__u8 b = (__u8)x->b[core_below(w->j, DIGLIM_EVR_PART_MAX)];

	(void)n;
	switch (w->state) {
	case CORE_VER_BETWEEN:
		return core_ver_between(w, a, b);
	case CORE_VER_ZEROS:
		if (a == '0' || b == '0')
			return core_ver_skip(w, a == '0', b == '0');
		w->state = CORE_VER_DIGITS;
		return 0;
	case CORE_VER_DIGITS:
		return core_ver_digits(w, a, b);
	}
	return core_ver_letters(w, a, b);
}

/* -1, 0 or 1 as @a is older, as old or newer. Both: DIGLIM_EVR_PART_MAX bytes with a NUL. */
CORE_INLINE int core_rpmvercmp(const char *a, const char *b, struct core_ver *w)
{
	struct core_ver_walk x = {.a = a, .b = b, .w = w};

	__builtin_memset(w, 0, sizeof(*w));
	/* A step without a character only changes the state: at most two for each run. */
	core_loop(6 * DIGLIM_EVR_PART_MAX, core_ver_step, &x);
	return w->ret;
}

#endif
