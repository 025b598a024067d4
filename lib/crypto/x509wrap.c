// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../base/buf.h"
#include "../base/hex.h"
#include "certder.h"
#include "der.h"
#include "x509wrap.h"

/* Last second that X.509 can name: "no expiry" (RFC 5280, 4.1.2.5). */
#define NEVER "99991231235959Z"

static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_serial_number[] = {0x55, 0x04, 0x05};
static const uint8_t oid_dn_qualifier[] = {0x55, 0x04, 0x2e};
static const uint8_t oid_subject_key_id[] = {0x55, 0x1d, 0x0e};

static void put_rdn(struct buf *b, const uint8_t oid[3], uint8_t tag, const char *text)
{
	size_t set = der_begin(b, DER_SET), seq = der_begin(b, DER_SEQUENCE);

	der_put(b, DER_OID, oid, 3);
	der_put(b, tag, text, strlen(text));
	der_end(b, seq);
	der_end(b, set);
}

void x509wrap_issuer(struct buf *b)
{
	size_t mark = der_begin(b, DER_SEQUENCE);

	put_rdn(b, oid_common_name, DER_UTF8_STRING, X509WRAP_ISSUER);
	der_end(b, mark);
}

/* The kernel keeps the length of a name in one byte; cut at a character. */
static void put_common_name(struct buf *b, const char *owner)
{
	char cut[201];
	size_t n = strnlen(owner, sizeof(cut) - 1);

	while (n && owner[n] && ((uint8_t)owner[n] & 0xc0) == 0x80)
		n--;
	memcpy(cut, owner, n);
	cut[n] = '\0';
	put_rdn(b, oid_common_name, DER_UTF8_STRING, n ? cut : "(no user id)");
}

static void put_subject(struct buf *b, const struct cert *c)
{
	char hex[2 * sizeof(c->fingerprint) + 1];
	size_t mark = der_begin(b, DER_SEQUENCE);

	put_common_name(b, c->owner);
	put_rdn(b, oid_serial_number, DER_PRINTABLE_STRING,
		hex_encode(c->fingerprint, c->fingerprint_len, hex));
	if (c->subkey)
		put_rdn(b, oid_dn_qualifier, DER_PRINTABLE_STRING,
			hex_encode(c->primary, c->primary_len, hex));
	der_end(b, mark);
}

static void put_time(struct buf *b, uint64_t when, bool never)
{
	time_t t = (time_t)when;
	char text[32];
	struct tm tm;

	if (never || !gmtime_r(&t, &tm) || tm.tm_year >= 9999 - 1900) {
		der_put(b, DER_GENERALIZED_TIME, NEVER, strlen(NEVER));
		return;
	}
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	/* Two-digit years up to 2049, four digits from then on: the kernel insists on it. */
	if (tm.tm_year < 150)
		der_put(b, DER_UTC_TIME, text + 2, strlen(text) - 2);
	else
		der_put(b, DER_GENERALIZED_TIME, text, strlen(text));
}

static void put_validity(struct buf *b, const struct cert *c)
{
	size_t mark = der_begin(b, DER_SEQUENCE);

	put_time(b, c->created, false);
	put_time(b, c->expires, !c->expires);
	der_end(b, mark);
}

static void put_signature_algorithm(struct buf *b, enum cert_algo algo)
{
	static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
	static const uint8_t ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

	if (algo == CERT_ALGO_RSA)
		der_put_algorithm(b, rsa, sizeof(rsa), true);
	else
		der_put_algorithm(b, ecdsa, sizeof(ecdsa), false);
}

/* [3] { SEQUENCE { subjectKeyIdentifier = fingerprint } } */
static void put_extensions(struct buf *b, const struct cert *c)
{
	size_t tag = der_begin(b, 0xa3), list = der_begin(b, DER_SEQUENCE);
	size_t ext = der_begin(b, DER_SEQUENCE), value;

	der_put(b, DER_OID, oid_subject_key_id, sizeof(oid_subject_key_id));
	value = der_begin(b, DER_OCTET_STRING);
	der_put(b, DER_OCTET_STRING, c->fingerprint, c->fingerprint_len);
	der_end(b, value);
	der_end(b, ext);
	der_end(b, list);
	der_end(b, tag);
}

static void put_tbs(struct buf *b, const struct cert *c, const uint8_t *spki, size_t spki_len)
{
	static const uint8_t v3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
	size_t tbs = der_begin(b, DER_SEQUENCE);

	buf_add(b, v3, sizeof(v3));
	der_put_uint(b, c->key_id, sizeof(c->key_id));
	put_signature_algorithm(b, c->algo);
	x509wrap_issuer(b);
	put_validity(b, c);
	put_subject(b, c);
	buf_add(b, spki, spki_len);
	put_extensions(b, c);
	der_end(b, tbs);
}

int x509wrap_make(struct cert *c, const uint8_t *spki, size_t spki_len, struct err *e)
{
	static const uint8_t no_signature[33]; /* no unused bits, then zeros */
	struct buf b = BUF_INIT;
	size_t cert = der_begin(&b, DER_SEQUENCE);

	put_tbs(&b, c, spki, spki_len);
	put_signature_algorithm(&b, c->algo);
	der_put(&b, DER_BIT_STRING, no_signature, sizeof(no_signature));
	der_end(&b, cert);
	if (b.failed) {
		buf_free(&b);
		return err_set(e, -ENOMEM, "out of memory");
	}
	c->der = b.data;
	c->der_len = b.len;
	return certder_locate(c) < 0 ? err_set(e, -EINVAL, "wrapper certificate is broken") : 0;
}
