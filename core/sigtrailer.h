/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The OpenPGP trailer: what a signature of type 0x00 covers behind the signed document, hence what
 * stands behind the RPM header in our payload.
 *
 * v4 (RFC 4880, section 5.2.4): 04, type, public-key algorithm, hash algorithm, be16 length and
 * the hashed subpackets, 04 FF, be32 length of all that before the last 04. v3: type, be32 time.
 */
#ifndef DIGLIM_CORE_SIGTRAILER_H
#define DIGLIM_CORE_SIGTRAILER_H

#include "loop.h"
#include "view.h"

#define CORE_PGP_V3_LEN	     5
#define CORE_PGP_V4_FIXED    6
#define CORE_PGP_SUB_CREATED 2

/* Kernel hash ids (include/uapi/linux/hash_info.h), where 0 is MD4: never accepted. */
enum core_hash {
	CORE_HASH_UNKNOWN = 0,
	CORE_HASH_SHA256 = 4,
	CORE_HASH_SHA384 = 5,
	CORE_HASH_SHA512 = 6,
};

struct core_sigtrailer {
	__u32 version; /* 3 or 4 */
	__u32 hash;    /* enum core_hash; v3 does not say: CORE_HASH_UNKNOWN */
	__u32 pk;      /* OpenPGP public-key algorithm; v3 does not say: 0 */
	__u32 time;    /* of creation; 0: not said */
	__u32 pos;     /* while walking the subpackets */
	__u32 end;
};

/* Accepted OpenPGP hash algorithms (RFC 9580, section 9.5): no MD5, SHA-1, RIPEMD, SHA-224. */
CORE_INLINE __u32 core_pgp_hash(__u32 id)
{
	if (id >= 8 && id <= 10)
		return id - 8 + CORE_HASH_SHA256;
	return CORE_HASH_UNKNOWN;
}

struct core_sub_walk {
	const struct core_view *v;
	struct core_sigtrailer *t;
	struct core_err *e;
	int ret;
};

/* Length and first octet behind it of the subpacket at @off (RFC 4880, 5.2.3.1); 0 if cut. */
CORE_INLINE __u32 core_sub_len(const struct core_view *v, __u32 off, __u32 *body)
{
	const __u8 *p = core_at(v, off, 1);

	if (!p)
		return 0;
	if (*p < 192) {
		*body = off + 1;
		return *p;
	}
	if (*p < 255) {
		p = core_at(v, off, 2);
		*body = off + 2;
		return p ? (p[0] - 192U) * 256 + p[1] + 192 : 0;
	}
	p = core_at(v, off, 5);
	*body = off + 5;
	return p ? core_get_be32(p + 1) : 0;
}

/* One subpacket. The number of rounds is bounded by their length. */
CORE_BODY core_sub_step(__u32 i, void *arg)
{
	struct core_sub_walk *w = arg;
	struct core_sigtrailer *t = w->t;
	__u32 body = 0, len, pos = t->pos;
	const __u8 *p;

	(void)i;
	if (pos >= t->end)
		return 1;
	w->ret = -1;
	len = core_sub_len(w->v, pos, &body);
	p = core_at(w->v, body, 1);
	if (!p || !len || body > t->end || len > t->end - body)
		return core_fail(w->e, w->v, DIGLIM_E_SIG_TRAILER, pos), 1;
	if ((*p & 0x7f) == CORE_PGP_SUB_CREATED) {
		p = core_at(w->v, body + 1, 4);
		if (!p || len != 5)
			return core_fail(w->e, w->v, DIGLIM_E_SIG_TRAILER, pos), 1;
		if (t->time)
			return core_fail(w->e, w->v, DIGLIM_E_DUPLICATE, pos), 1;
		t->time = core_get_be32(p);
	}
	t->pos = body + len;
	w->ret = 0;
	return 0;
}

CORE_INLINE int core_sigtrailer_v4(const struct core_view *v, __u32 off, struct core_sigtrailer *t,
				   struct core_err *e)
{
	struct core_sub_walk w = {.v = v, .t = t, .e = e, .ret = 0};
	const __u8 *p = core_at(v, off, CORE_PGP_V4_FIXED);
	__u32 hashed;

	if (!p || p[0] != 4)
		return core_fail(e, v, p ? DIGLIM_E_SIG_VERSION : DIGLIM_E_SIG_TRAILER, off);
	if (p[1])
		return core_fail(e, v, DIGLIM_E_SIG_TYPE, off + 1);
	t->version = 4;
	t->pk = p[2];
	t->hash = core_pgp_hash(p[3]);
	if (t->hash == CORE_HASH_UNKNOWN)
		return core_fail(e, v, DIGLIM_E_SIG_HASH, off + 3);
	hashed = core_get_be16(p + 4);
	t->pos = off + CORE_PGP_V4_FIXED;
	t->end = t->pos + hashed;
	p = core_at(v, t->end, 6);
	if (!p || v->len - t->end != 6 || p[0] != 4 || p[1] != 0xff ||
	    core_get_be32(p + 2) != CORE_PGP_V4_FIXED + hashed)
		return core_fail(e, v, DIGLIM_E_SIG_TRAILER, off + 4);
	core_loop(hashed, core_sub_step, &w);
	return w.ret;
}

/* Checks that [@off, end of @v) is one trailer, neither more nor less. */
CORE_INLINE int core_sigtrailer_open(const struct core_view *v, __u32 off,
				     struct core_sigtrailer *t, struct core_err *e)
{
	const __u8 *p = core_at(v, off, CORE_PGP_V3_LEN);

	t->time = 0;
	if (!p)
		return core_fail(e, v, DIGLIM_E_SIG_TRAILER, off);
	if (v->len - off != CORE_PGP_V3_LEN)
		return core_sigtrailer_v4(v, off, t, e);
	if (p[0])
		return core_fail(e, v, DIGLIM_E_SIG_TYPE, off);
	t->version = 3;
	t->hash = CORE_HASH_UNKNOWN;
	t->pk = 0;
	t->time = core_get_be32(p + 1);
	return 0;
}

#endif
