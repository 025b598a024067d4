/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounded access to hostile bytes, for the host and for BPF.
 *
 * A view is a window [start, start + len) of a buffer. Everything is read through core_at(), which
 * returns NULL outside the window. In BPF the buffer is a map value whose size the verifier knows
 * as core_buffer_size (constant .rodata); core_at() repeats the check against it, on the very
 * register that is added to the pointer.
 */
#ifndef DIGLIM_CORE_VIEW_H
#define DIGLIM_CORE_VIEW_H

#include "../abi/error.h"
#include "../abi/types.h"

#ifdef __bpf__
extern const volatile __u32 core_buffer_size;
#define CORE_INLINE static __always_inline
/* Keep clang from seeing where a value comes from, and from making branches of it. */
#define core_keep(x) asm volatile("" : "+r"(x))
#else
#define CORE_INLINE  static inline
#define core_keep(x) ((void)(x))
#endif

struct core_view {
	const __u8 *data;
	__u32 start;
	__u32 len;
};

/* What is wrong (enum diglim_error) and where, counted from the start of the buffer. */
struct core_err {
	__u32 code;
	__u32 off;
};

/* @off counts from the start of the view. Returns -1, for `return core_fail(…)`. */
CORE_INLINE int core_fail(struct core_err *e, const struct core_view *v, __u32 code, __u32 off)
{
	e->code = code;
	e->off = v->start + off;
	return -1;
}

/* Pointer to the @n bytes at @off, or NULL if they are not all inside. @n is a small constant. */
CORE_INLINE const __u8 *core_at(const struct core_view *v, __u32 off, __u32 n)
{
	const __u8 *p;
	__u64 pos;

	if (n > v->len || off > v->len - n)
		return NULL;
	pos = (__u64)v->start + off;
#ifdef __bpf__
	/*
	 * Check and addition in one piece: clang would check one register and add another, or spill
	 * the position before the check and load it after; Linux 6.1 forgets the bounds of both.
	 */
	asm("%[p] = 0\n\t"
	    "if %[pos] > %[last] goto +2\n\t"
	    "%[p] = %[data]\n\t"
	    "%[p] += %[pos]"
	    : [p] "=&r"(p)
	    : [pos] "r"(pos), [last] "r"((__u64)core_buffer_size - n), [data] "r"(v->data));
#else
	p = v->data + pos;
#endif
	return p;
}

/* The index @i, which the caller knows to be below @n: now the verifier knows, too. */
CORE_INLINE __u64 core_below(__u64 i, __u32 n)
{
#ifdef __bpf__
	asm("if %[i] < %[n] goto +1\n\t"
	    "%[i] = 0"
	    : [i] "+r"(i)
	    : [n] "i"(n));
	return i;
#else
	return i < n ? i : 0;
#endif
}

CORE_INLINE __u16 core_get_be16(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

CORE_INLINE __u32 core_get_be32(const __u8 *p)
{
	return (__u32)p[0] << 24 | (__u32)p[1] << 16 | (__u32)p[2] << 8 | p[3];
}

CORE_INLINE __u16 core_get_le16(const __u8 *p)
{
	return (__u16)(p[1] << 8 | p[0]);
}

CORE_INLINE __u32 core_get_le32(const __u8 *p)
{
	return (__u32)p[3] << 24 | (__u32)p[2] << 16 | (__u32)p[1] << 8 | p[0];
}

/* Whether the @n bytes at @off are @text. Without branches: cheap for the verifier. */
CORE_INLINE bool core_is_text(const struct core_view *v, __u32 off, const char *text, __u32 n)
{
	const __u8 *p = core_at(v, off, n);
	__u32 diff = 0;

	if (!p)
		return false;
	for (__u32 i = 0; i < n; i++)
		diff |= p[i] ^ (__u8)text[i];
	return !diff;
}

#define core_is_literal(v, off, text) core_is_text(v, off, text, sizeof(text) - 1)

#endif
