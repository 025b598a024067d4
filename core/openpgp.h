/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * OpenPGP packets (RFC 4880, RFC 9580), read with bounds and without copying. Whether a signature
 * is good is not decided here.
 *
 * All offsets count from the start of the view that was passed in.
 */
#ifndef DIGLIM_CORE_OPENPGP_H
#define DIGLIM_CORE_OPENPGP_H

#include "view.h"

enum core_pgp_tag {
	CORE_PGP_SIGNATURE = 2,
	CORE_PGP_PUBLIC_KEY = 6,
	CORE_PGP_USER_ID = 13,
	CORE_PGP_PUBLIC_SUBKEY = 14,
	CORE_PGP_USER_ATTRIBUTE = 17,
};

enum core_pgp_algo {
	CORE_PGP_RSA = 1,
	CORE_PGP_RSA_ENCRYPT = 2,
	CORE_PGP_RSA_SIGN = 3,
	CORE_PGP_ELGAMAL = 16,
	CORE_PGP_DSA = 17,
	CORE_PGP_ECDH = 18,
	CORE_PGP_ECDSA = 19,
	CORE_PGP_EDDSA = 22,
	CORE_PGP_X25519 = 25,
	CORE_PGP_X448 = 26,
	CORE_PGP_ED25519 = 27,
	CORE_PGP_ED448 = 28,
};

enum core_pgp_hash_id {
	CORE_PGP_MD5 = 1,
	CORE_PGP_SHA1 = 2,
	CORE_PGP_SHA256 = 8,
	CORE_PGP_SHA384 = 9,
	CORE_PGP_SHA512 = 10,
};

/* One packet: body at @body, next packet at @next. */
struct core_pgp_packet {
	__u32 tag;
	__u32 body;
	__u32 len;
	__u32 next;
};

CORE_INLINE int core_pgp_be32(const struct core_view *v, __u32 off, __u32 *ret, struct core_err *e)
{
	const __u8 *p = core_at(v, off, 4);

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, off);
	*ret = core_get_be32(p);
	return 0;
}

/* Length as packets of the new format and subpackets have it. @partial: what 224…254 mean. */
CORE_INLINE int core_pgp_length(const struct core_view *v, __u32 *off, bool partial, __u32 *ret,
				struct core_err *e)
{
	const __u8 *p = core_at(v, *off, 1);

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	if (*p < 192) {
		*ret = *p;
		*off += 1;
		return 0;
	}
	if (*p == 255) {
		if (core_pgp_be32(v, *off + 1, ret, e) < 0)
			return -1;
		*off += 5;
		return 0;
	}
	/* A body in pieces; nothing that we read is ever written so. */
	if (partial && *p >= 224)
		return core_fail(e, v, DIGLIM_E_VALUE, *off);
	p = core_at(v, *off, 2);
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	*ret = (__u32)(p[0] - 192) * 256 + p[1] + 192;
	*off += 2;
	return 0;
}

/* Old format: two bits of the tag byte say how long the length is; 3 is "up to the end". */
CORE_INLINE int core_pgp_old_length(const struct core_view *v, __u32 *off, __u32 kind, __u32 *ret,
				    struct core_err *e)
{
	const __u8 *p;

	if (kind == 3)
		return core_fail(e, v, DIGLIM_E_VALUE, *off - 1);
	if (kind == 2) {
		if (core_pgp_be32(v, *off, ret, e) < 0)
			return -1;
		*off += 4;
		return 0;
	}
	p = core_at(v, *off, kind + 1);
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	*ret = kind ? core_get_be16(p) : *p;
	*off += kind + 1;
	return 0;
}

/* Packet at @off. Returns 1, 0 at the end of the view, -1 with @e set. */
CORE_INLINE int core_pgp_packet(const struct core_view *v, __u32 off, struct core_pgp_packet *ret,
				struct core_err *e)
{
	const __u8 *p;
	__u32 at = off;

	if (off >= v->len)
		return 0;
	p = core_at(v, at, 1);
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, at);
	if (!(*p & 0x80))
		return core_fail(e, v, DIGLIM_E_FORMAT, at);
	at++;
	if (*p & 0x40) {
		ret->tag = *p & 0x3f;
		if (core_pgp_length(v, &at, true, &ret->len, e) < 0)
			return -1;
	} else {
		ret->tag = (*p >> 2) & 0x0f;
		if (core_pgp_old_length(v, &at, *p & 3, &ret->len, e) < 0)
			return -1;
	}
	if (!ret->tag)
		return core_fail(e, v, DIGLIM_E_FORMAT, off);
	if (at > v->len || ret->len > v->len - at)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, off);
	ret->body = at;
	ret->next = at + ret->len;
	return 1;
}

/* View of a part of @v that was found to lie inside. */
CORE_INLINE struct core_view core_pgp_sub(const struct core_view *v, __u32 off, __u32 len)
{
	struct core_view ret = {v->data, v->start + off, len};

	return ret;
}

/* Multiprecision integer: @len bytes at @off without leading zeros, highest bit of @bits set. */
struct core_pgp_mpi {
	__u32 bits;
	__u32 off;
	__u32 len;
};

/* @off moves behind the integer. Leading zeros (bit count too high) are skipped, not refused. */
CORE_INLINE int core_pgp_mpi(const struct core_view *v, __u32 *off, struct core_pgp_mpi *ret,
			     struct core_err *e)
{
	const __u8 *p = core_at(v, *off, 2);
	__u32 len;

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	len = ((__u32)core_get_be16(p) + 7) / 8;
	if (*off + 2 > v->len || len > v->len - *off - 2)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	ret->off = *off + 2;
	ret->len = len;
	*off += 2 + len;
	while (ret->len && (p = core_at(v, ret->off, 1)) && !*p) {
		ret->off++;
		ret->len--;
	}
	ret->bits = ret->len * 8;
	p = core_at(v, ret->off, 1);
	if (ret->len && p)
		for (__u8 top = *p; !(top & 0x80); top <<= 1)
			ret->bits--;
	return 0;
}

/* A signature packet. Lengths of 0 mean: not there. */
struct core_pgp_sig {
	__u32 version; /* 3, 4; others: nothing below is set */
	__u32 type;
	__u32 pk_algo;
	__u32 hash_algo;
	__u32 created;
	__u32 expires_after;	 /* seconds, 0: never */
	__u32 key_expires_after; /* seconds, 0: never */
	__u32 key_flags;	 /* first byte of the subpacket */
	bool has_created;
	bool has_key_flags;
	bool has_revocation_reason;
	bool primary_uid;
	bool unknown_critical; /* must not be relied on */
	__u32 revocation_reason;
	__u32 key_id; /* offset of the 8 bytes */
	__u32 key_id_len;
	__u32 fpr; /* offset of the issuer's fingerprint */
	__u32 fpr_len;
	__u32 embedded; /* signature packet body of the subkey (0x19) */
	__u32 embedded_len;
	__u32 head; /* what is hashed: v3 type and time; v4 version up to hashed subpackets */
	__u32 head_len;
	__u32 left16; /* offset of the first two bytes of the digest */
	__u32 mpis;   /* offset of the algorithm's numbers, up to the end */
};

enum core_pgp_subpacket {
	CORE_PGP_SP_CREATED = 2,
	CORE_PGP_SP_EXPIRES = 3,
	CORE_PGP_SP_EXPORTABLE = 4,
	CORE_PGP_SP_REVOCABLE = 7,
	CORE_PGP_SP_KEY_EXPIRES = 9,
	CORE_PGP_SP_ISSUER = 16,
	CORE_PGP_SP_PRIMARY_UID = 25,
	CORE_PGP_SP_KEY_FLAGS = 27,
	CORE_PGP_SP_REASON = 29,
	CORE_PGP_SP_EMBEDDED = 32,
	CORE_PGP_SP_FINGERPRINT = 33,
};

/* Types whose meaning does not touch the question whether the signature counts. */
CORE_INLINE bool core_pgp_sub_harmless(__u32 type)
{
	switch (type) {
	case CORE_PGP_SP_EXPORTABLE:
	case CORE_PGP_SP_REVOCABLE:
	case 11: /* preferred ciphers */
	case 21: /* preferred hashes */
	case 22: /* preferred compressions */
	case 23: /* key server preferences */
	case 24: /* preferred key server */
	case 26: /* policy URI */
	case 28: /* signer's user id */
	case 30: /* features */
	case 34: /* preferred AEAD */
	case 35: /* intended recipient */
	case 39: /* preferred AEAD cipher suites */
		return true;
	}
	return false;
}

CORE_INLINE int core_pgp_sub_u32(const struct core_view *v, __u32 off, __u32 len, __u32 *ret,
				 struct core_err *e)
{
	if (len != 4)
		return core_fail(e, v, DIGLIM_E_VALUE, off);
	return core_pgp_be32(v, off, ret, e);
}

/* Subpackets that may stand in the unhashed area: hints, or checked by themselves. */
CORE_INLINE int core_pgp_sub_hint(const struct core_view *v, __u32 type, __u32 off, __u32 len,
				  struct core_pgp_sig *s, struct core_err *e)
{
	const __u8 *p;

	if (type == CORE_PGP_SP_ISSUER) {
		if (len != 8)
			return core_fail(e, v, DIGLIM_E_VALUE, off);
		s->key_id = off;
		s->key_id_len = 8;
	} else if (type == CORE_PGP_SP_FINGERPRINT) {
		p = core_at(v, off, 1);
		if (!p || (*p == 4 ? len != 21 : len != 33))
			return core_fail(e, v, DIGLIM_E_VALUE, off);
		s->fpr = off + 1;
		s->fpr_len = len - 1;
	} else if (type == CORE_PGP_SP_EMBEDDED) {
		s->embedded = off;
		s->embedded_len = len;
	} else {
		return 0;
	}
	return 1;
}

/* Subpackets that count only when they are signed. @flags: first byte, 0 if empty. */
CORE_INLINE int core_pgp_sub_signed(const struct core_view *v, __u32 type, __u32 off, __u32 len,
				    struct core_pgp_sig *s, struct core_err *e)
{
	const __u8 *p = len ? core_at(v, off, 1) : NULL;

	switch (type) {
	case CORE_PGP_SP_CREATED:
		s->has_created = true;
		return core_pgp_sub_u32(v, off, len, &s->created, e);
	case CORE_PGP_SP_EXPIRES:
		return core_pgp_sub_u32(v, off, len, &s->expires_after, e);
	case CORE_PGP_SP_KEY_EXPIRES:
		return core_pgp_sub_u32(v, off, len, &s->key_expires_after, e);
	case CORE_PGP_SP_KEY_FLAGS:
		s->has_key_flags = true;
		s->key_flags = p ? *p : 0;
		return 0;
	case CORE_PGP_SP_PRIMARY_UID:
		s->primary_uid = p && *p;
		return 0;
	case CORE_PGP_SP_REASON:
		if (!p)
			return core_fail(e, v, DIGLIM_E_VALUE, off);
		s->has_revocation_reason = true;
		s->revocation_reason = *p;
		return 0;
	}
	return 1;
}

CORE_INLINE int core_pgp_subpacket(const struct core_view *v, __u32 *off, __u32 end, bool hashed,
				   struct core_pgp_sig *s, struct core_err *e)
{
	__u32 start = *off, type, len;
	const __u8 *p;
	int r;

	if (core_pgp_length(v, off, false, &len, e) < 0)
		return -1;
	if (!len || *off > end || len > end - *off)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, start);
	p = core_at(v, *off, 1);
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, start);
	type = *p & 0x7f;
	start = *off + 1;
	*off += len;
	r = core_pgp_sub_hint(v, type, start, len - 1, s, e);
	if (r || !hashed)
		return r < 0 ? -1 : 0;
	r = core_pgp_sub_signed(v, type, start, len - 1, s, e);
	if (r > 0 && (*p & 0x80) && !core_pgp_sub_harmless(type))
		s->unknown_critical = true;
	return r < 0 ? -1 : 0;
}

/* Walks the subpacket area at @off, whose length stands in front of it; @off moves behind it. */
CORE_INLINE int core_pgp_subpackets(const struct core_view *v, __u32 *off, bool hashed,
				    struct core_pgp_sig *s, struct core_err *e)
{
	const __u8 *p = core_at(v, *off, 2);
	__u32 end;

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	end = *off + 2 + core_get_be16(p);
	if (end > v->len)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, *off);
	*off += 2;
	while (*off < end)
		if (core_pgp_subpacket(v, off, end, hashed, s, e) < 0)
			return -1;
	return 0;
}

/* Version 3: 05, type, time, key id, algorithms, left 16 bits. */
CORE_INLINE int core_pgp_sig_v3(const struct core_view *v, struct core_pgp_sig *s,
				struct core_err *e)
{
	const __u8 *p = core_at(v, 0, 19);

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, 0);
	if (p[1] != 5)
		return core_fail(e, v, DIGLIM_E_VALUE, 1);
	s->type = p[2];
	s->created = core_get_be32(p + 3);
	s->has_created = true;
	s->key_id = 7;
	s->key_id_len = 8;
	s->pk_algo = p[15];
	s->hash_algo = p[16];
	s->head = 2;
	s->head_len = 5;
	s->left16 = 17;
	s->mpis = 19;
	return 0;
}

CORE_INLINE int core_pgp_sig_v4(const struct core_view *v, struct core_pgp_sig *s,
				struct core_err *e)
{
	const __u8 *p = core_at(v, 0, 4);
	__u32 off = 4;

	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, 0);
	s->type = p[1];
	s->pk_algo = p[2];
	s->hash_algo = p[3];
	if (core_pgp_subpackets(v, &off, true, s, e) < 0)
		return -1;
	s->head_len = off;
	if (core_pgp_subpackets(v, &off, false, s, e) < 0)
		return -1;
	if (!core_at(v, off, 2))
		return core_fail(e, v, DIGLIM_E_TRUNCATED, off);
	s->left16 = off;
	s->mpis = off + 2;
	return 0;
}

/* @v is the body of a signature packet. 0 also for versions that are only recognised. */
CORE_INLINE int core_pgp_sig(const struct core_view *v, struct core_pgp_sig *ret,
			     struct core_err *e)
{
	const __u8 *p = core_at(v, 0, 1);

	*ret = (struct core_pgp_sig){0};
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, 0);
	ret->version = *p;
	if (*p == 3)
		return core_pgp_sig_v3(v, ret, e);
	if (*p == 4)
		return core_pgp_sig_v4(v, ret, e);
	if ((*p == 5 || *p == 6) && (p = core_at(v, 0, 4))) {
		ret->type = p[1];
		ret->pk_algo = p[2];
		ret->hash_algo = p[3];
	}
	return 0;
}

/* A public key or subkey packet. */
struct core_pgp_key {
	__u32 version; /* 2…6; below only for 3, 4 and 6 */
	__u32 created;
	__u32 pk_algo;
	__u32 material; /* offset of the algorithm's numbers, up to the end */
};

CORE_INLINE int core_pgp_key(const struct core_view *v, struct core_pgp_key *ret,
			     struct core_err *e)
{
	const __u8 *p = core_at(v, 0, 6);
	__u32 off = 5;

	*ret = (struct core_pgp_key){0};
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, 0);
	ret->version = p[0];
	ret->created = core_get_be32(p + 1);
	if (p[0] == 3)
		off += 2; /* days of validity */
	else if (p[0] != 4 && p[0] != 6)
		return 0;
	p = core_at(v, off, 1);
	if (!p)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, v->len);
	ret->pk_algo = *p;
	ret->material = off + 1;
	if (ret->version == 6) /* length of what follows */
		ret->material += 4;
	if (ret->material > v->len)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, off);
	return 0;
}

#endif
