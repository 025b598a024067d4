/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The identity of a list: 128 bits of a fast hash over all bytes of the payload and their number.
 *
 * It is used only for content whose signature was verified, and the signers are trusted, so it
 * tells different lists apart and need not withstand somebody who constructs collisions. Two lists
 * that collided by chance (2^-64 with 2^32 lists) would be taken for one: the second is refused.
 *
 * Two lanes of multiply and xor-shift, as in splitmix64's finaliser, over little-endian words.
 */
#ifndef DIGLIM_CORE_LISTID_H
#define DIGLIM_CORE_LISTID_H

#include "loop.h"
#include "view.h"
#include "../abi/limits.h"

struct core_listid {
	const struct core_view *v;
	__u64 a;
	__u64 b;
};

CORE_INLINE __u64 core_mix(__u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

CORE_INLINE void core_listid_add(struct core_listid *s, __u64 word)
{
	s->a = core_mix(s->a ^ word) + 0x9e3779b97f4a7c15ULL;
	s->b = (s->b + word) * 0xff51afd7ed558ccdULL;
	s->b ^= s->b >> 32;
}

CORE_BODY core_listid_step(__u32 i, void *arg)
{
	struct core_listid *s = arg;
	const __u8 *p = core_at(s->v, i * 8, 8);

	if (!p)
		return 1;
	core_listid_add(s, core_get_le32(p) | (__u64)core_get_le32(p + 4) << 32);
	return 0;
}

CORE_INLINE void core_listid_put(__u8 *to, __u64 x)
{
	for (__u32 i = 0; i < 8; i++)
		to[i] = (__u8)(x >> (8 * i));
}

CORE_INLINE void core_listid(const struct core_view *v, __u8 id[DIGLIM_LIST_ID_SIZE])
{
	struct core_listid s = {.v = v, .a = 0x6469676c696d2d61ULL, .b = 0x6469676c696d2d62ULL};
	__u64 tail = 0;

	core_loop(v->len / 8, core_listid_step, &s);
	for (__u32 i = 0; i < 7; i++) {
		const __u8 *p = core_at(v, (v->len & ~7U) + i, 1);

		if (p)
			tail |= (__u64)*p << (8 * i);
	}
	core_listid_add(&s, tail);
	core_listid_add(&s, v->len);
	core_listid_put(id, core_mix(s.a ^ s.b));
	core_listid_put(id + 8, core_mix(s.b));
}

#endif
