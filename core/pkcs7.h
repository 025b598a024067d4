/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one form of PKCS#7 SignedData (RFC 2315) that may accompany a payload: detached, one signer
 * named by issuer and serial number, no attributes, no certificates. DER with minimal lengths,
 * each consumed exactly, so that the kernel's own parser (crypto/asymmetric_keys/pkcs7_parser.c,
 * pkcs7.asn1), which is laxer, cannot read it as something else. That one would also take SHA-1.
 */
#ifndef DIGLIM_CORE_PKCS7_H
#define DIGLIM_CORE_PKCS7_H

#include "rule.h"
#include "sigtrailer.h"
#include "view.h"

#define CORE_DER_INTEGER  0x02
#define CORE_DER_OCTETS	  0x04
#define CORE_DER_OID	  0x06
#define CORE_DER_SEQUENCE 0x30
#define CORE_DER_SET	  0x31
#define CORE_DER_CONTENT  0xa0

/* X.509 allows 20 octets and a sign octet; the kernel allows anything. */
#define CORE_PKCS7_SERIAL_MAX 21
#define CORE_PKCS7_RDNS_MAX   32

enum core_pk {
	CORE_PK_RSA = 1,
	CORE_PK_ECDSA = 2,
};

/* Offsets count from the start of the view and are those of contents, without tag and length. */
struct core_pkcs7 {
	__u32 hash; /* enum core_hash */
	__u32 pk;   /* enum core_pk */
	__u32 serial_off;
	__u32 serial_len;
	__u32 issuer_off;
	__u32 issuer_len;
	__u32 sig_off;
	__u32 sig_len;
};

/* A place in the DER. */
struct core_der {
	const struct core_view *v;
	struct core_err *e;
	__u32 pos;
	__u32 end; /* of the element entered last */
};

CORE_INLINE int core_der_fail(const struct core_der *d)
{
	return core_fail(d->e, d->v, DIGLIM_E_SIG_FORMAT, d->pos);
}

/*
 * Enters the element with this tag: `pos` is at its content then, `end` behind it. Always reads
 * four bytes: no element of the accepted form begins that near to the end. Lengths take one, two or
 * three bytes, as few as possible. Without branches for each form, which would multiply the
 * verifier's paths over all the elements.
 */
CORE_INLINE int core_der_enter(struct core_der *d, __u8 tag)
{
	const __u8 *p = core_at(d->v, d->pos, 4);
	__u32 len, is0, is1, is2;

	if (!p || p[0] != tag)
		return core_der_fail(d);
	len = p[1];
	is0 = len >> 7 ^ 1;
	is1 = ((len ^ 0x81) - 1) >> 31;
	is2 = ((len ^ 0x82) - 1) >> 31;
	core_keep(is0);
	core_keep(is1);
	core_keep(is2);
	len = (len & (0 - is0)) | (p[2] & (0 - is1)) | (core_get_be16(p + 2) & (0 - is2));
	if (!(is0 | is1 | is2) || len < is1 * 0x80 + is2 * 0x100)
		return core_der_fail(d);
	d->pos += 2 + is1 + 2 * is2;
	if (d->pos > d->v->len || len > d->v->len - d->pos)
		return core_der_fail(d);
	d->end = d->pos + len;
	return 0;
}

/* Enters the element, which must end at @end. */
CORE_INLINE int core_der_enter_last(struct core_der *d, __u8 tag, __u32 end)
{
	if (core_der_enter(d, tag))
		return -1;
	return d->end == end ? 0 : core_der_fail(d);
}

/* Steps over these exact bytes. */
CORE_INLINE int core_der_bytes(struct core_der *d, const char *text, __u32 n)
{
	if (!core_is_text(d->v, d->pos, text, n))
		return core_der_fail(d);
	d->pos += n;
	return 0;
}

#define core_der_literal(d, text) core_der_bytes(d, text, sizeof(text) - 1)

/* Goes to @end, over NULL parameters if they are there. */
CORE_INLINE int core_der_parameters(struct core_der *d, __u32 end)
{
	if (d->pos != end && core_der_literal(d, "\x05\x00"))
		return -1;
	return d->pos == end ? 0 : core_der_fail(d);
}

/* AlgorithmIdentifier of a hash: the object identifiers of SHA-2 differ in the last byte. */
CORE_INLINE int core_der_hash(struct core_der *d, __u32 *hash)
{
	const __u8 *p;

	if (core_der_enter(d, CORE_DER_SEQUENCE))
		return -1;
	p = core_at(d->v, d->pos, 11);
	if (!p || !core_is_literal(d->v, d->pos, "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02") ||
	    p[10] < 1 || p[10] > 3)
		return core_fail(d->e, d->v, DIGLIM_E_SIG_HASH, d->pos);
	*hash = p[10] - 1U + CORE_HASH_SHA256;
	d->pos += 11;
	return core_der_parameters(d, d->end);
}

/*
 * AlgorithmIdentifier of the signature. The kernel takes rsaEncryption, and ECDSA only with the
 * hash in its name, which must be the one that is really used.
 */
CORE_INLINE int core_der_pk(struct core_der *d, __u32 hash, __u32 *pk)
{
	const __u8 *p;

	if (core_der_enter(d, CORE_DER_SEQUENCE))
		return -1;
	if (core_is_literal(d->v, d->pos, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")) {
		d->pos += 11;
		*pk = CORE_PK_RSA;
		return core_der_parameters(d, d->end);
	}
	p = core_at(d->v, d->pos, 10);
	if (!p || !core_is_literal(d->v, d->pos, "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03") ||
	    p[9] != hash - CORE_HASH_SHA256 + 2)
		return core_fail(d->e, d->v, DIGLIM_E_SIG_ALGO, d->pos);
	d->pos += 10;
	*pk = CORE_PK_ECDSA;
	return core_der_parameters(d, d->end);
}

struct core_rdns {
	struct core_der *d;
	__u32 end;
};

CORE_BODY core_der_rdn(__u32 i, void *arg)
{
	struct core_rdns *w = arg;
	struct core_der *d = w->d;

	(void)i;
	if (d->pos >= w->end || core_der_enter(d, CORE_DER_SET) || d->end > w->end)
		return 1;
	d->pos = d->end;
	return d->pos == w->end;
}

/*
 * The kernel looks for its key by serial number and issuer, put together, or by what else has the
 * same bytes: key identifier or subject. Deny lists and limits name the signer by the serial
 * number, so there must be no other way to divide or read those bytes: the issuer is a sequence of
 * names, none of which the serial number begins with, and the number is above zero and as short
 * as can be.
 */
CORE_INLINE int core_der_unambiguous(struct core_der *d, const struct core_pkcs7 *out)
{
	struct core_rdns w = {.d = d, .end = out->issuer_off + out->issuer_len};
	__u32 after = d->pos;
	const __u8 *p = core_at(d->v, out->serial_off, 3);

	if (!p || (p[0] == CORE_DER_SET && p[2] == CORE_DER_SEQUENCE) ||
	    (!p[0] && (out->serial_len == 1 || p[1] < 0x80)))
		return core_fail(d->e, d->v, DIGLIM_E_SIG_FORMAT, out->serial_off);
	d->pos = out->issuer_off;
	core_loop(CORE_PKCS7_RDNS_MAX, core_der_rdn, &w);
	if (!out->issuer_len || d->pos != w.end)
		return core_fail(d->e, d->v, DIGLIM_E_SIG_FORMAT, out->issuer_off);
	d->pos = after;
	return 0;
}

/* issuerAndSerialNumber. */
CORE_INLINE int core_der_signer(struct core_der *d, struct core_pkcs7 *out)
{
	__u32 end;

	if (core_der_enter(d, CORE_DER_SEQUENCE))
		return -1;
	end = d->end;
	if (core_der_enter(d, CORE_DER_SEQUENCE) || d->end > end)
		return core_der_fail(d);
	out->issuer_off = d->pos;
	out->issuer_len = d->end - d->pos;
	d->pos = d->end;
	if (core_der_enter_last(d, CORE_DER_INTEGER, end))
		return -1;
	out->serial_off = d->pos;
	out->serial_len = d->end - d->pos;
	if (!out->serial_len || out->serial_len > CORE_PKCS7_SERIAL_MAX)
		return core_der_fail(d);
	d->pos = d->end;
	return core_der_unambiguous(d, out);
}

/* ContentInfo and SignedData down to the signer: the same in each signature, but for lengths. */
CORE_INLINE int core_der_content(struct core_der *d, __u32 *hash)
{
	__u32 end = d->v->len, set;

	if (core_der_enter_last(d, CORE_DER_SEQUENCE, end) ||
	    core_der_literal(d, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") ||
	    core_der_enter_last(d, CORE_DER_CONTENT, end) ||
	    core_der_enter_last(d, CORE_DER_SEQUENCE, end) || core_der_literal(d, "\x02\x01\x01") ||
	    core_der_enter(d, CORE_DER_SET))
		return -1;
	set = d->end;
	if (core_der_hash(d, hash))
		return -1;
	if (d->pos != set)
		return core_der_fail(d);
	return core_der_literal(d, "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
}

/* Checks that @v is one signature of the accepted form, neither more nor less. */
CORE_INLINE int core_pkcs7_open(const struct core_view *v, struct core_pkcs7 *out,
				struct core_err *e)
{
	struct core_der d = {.v = v, .e = e, .pos = 0, .end = 0};
	__u32 hash = 0;

	if (core_der_content(&d, &out->hash) || core_der_enter_last(&d, CORE_DER_SET, v->len) ||
	    core_der_enter_last(&d, CORE_DER_SEQUENCE, v->len) ||
	    core_der_literal(&d, "\x02\x01\x01") || core_der_signer(&d, out) ||
	    core_der_hash(&d, &hash))
		return -1;
	if (hash != out->hash)
		return core_der_fail(&d);
	if (core_der_pk(&d, hash, &out->pk) || core_der_enter_last(&d, CORE_DER_OCTETS, v->len))
		return -1;
	out->sig_off = d.pos;
	out->sig_len = d.end - d.pos;
	return out->sig_len ? 0 : core_der_fail(&d);
}

struct core_signer_copy {
	const struct core_view *v;
	struct core_signer *s;
	__u32 off;
};

CORE_BODY core_pkcs7_signer_byte(__u32 i, void *arg)
{
	struct core_signer_copy *w = arg;
	const __u8 *p = core_at(w->v, w->off + i, 1);

	if (!p || i >= w->s->len)
		return 1;
	w->s->byte[core_below(i, DIGLIM_SIGNER_MAX)] = *p;
	return 0;
}

/* The serial number without leading zeros, of a longer one the end. */
CORE_INLINE void core_pkcs7_signer(const struct core_view *v, const struct core_pkcs7 *p,
				   struct core_signer *s)
{
	__u32 off = p->serial_off, n = p->serial_len;
	const __u8 *b = core_at(v, off, 1);
	struct core_signer_copy w = {.v = v, .s = s, .off = 0};

	if (b && !*b && n > 1) {
		off++;
		n--;
	}
	if (n > DIGLIM_SIGNER_MAX) {
		off += n - DIGLIM_SIGNER_MAX;
		n = DIGLIM_SIGNER_MAX;
	}
	__builtin_memset(s, 0, sizeof(*s));
	s->len = n;
	w.off = off;
	core_loop(DIGLIM_SIGNER_MAX, core_pkcs7_signer_byte, &w);
}

#endif
