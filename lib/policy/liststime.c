/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When a list was made, as its signed content says: the creation time in the OpenPGP trailer of an
 * RPM payload, the TIME field of a TLV one. For display only, so whatever is odd gives 0.
 */
#include "lists.h"

#define RPM_LEAD 16U	/* magic, reserved, number of index entries, bytes of data */
#define RPM_INDEX 16U	/* one index entry */
#define PGP_V3_TRAILER 5U
#define PGP_V4_HEAD 6U	/* version, type, two algorithms, length of the hashed subpackets */
#define PGP_SUB_CREATED 2U

struct bytes {
	const uint8_t *p;
	size_t len;
};

static uint32_t be(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* Takes @n bytes off the front; NULL if there are fewer. */
static const uint8_t *take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->p;

	if (n > b->len)
		return NULL;
	b->p += n;
	b->len -= n;
	return p;
}

/* Length of a subpacket, one, two or five bytes (RFC 4880 5.2.3.1). */
static const uint8_t *take_length(struct bytes *b, size_t *ret)
{
	const uint8_t *p = take(b, 1);

	if (!p)
		return NULL;
	if (*p < 192) {
		*ret = *p;
		return p;
	}
	if (*p < 255) {
		*ret = (size_t)(*p - 192) << 8;
		p = take(b, 1);
		*ret += p ? *p + 192U : 0;
		return p;
	}
	p = take(b, 4);
	*ret = p ? be(p, 4) : 0;
	return p;
}

static uint64_t trailer_time(struct bytes b)
{
	const uint8_t *p;
	size_t len;

	if (b.len == PGP_V3_TRAILER)
		return be(b.p + 1, 4);
	p = take(&b, PGP_V4_HEAD);
	if (!p || p[0] != 4 || be(p + 4, 2) > b.len)
		return 0;
	b.len = be(p + 4, 2);
	while (take_length(&b, &len)) {
		p = take(&b, len);
		if (!p || !len)
			return 0;
		if ((p[0] & 0x7f) == PGP_SUB_CREATED && len == 5)
			return be(p + 1, 4);
	}
	return 0;
}

static uint64_t rpm_time(struct bytes b)
{
	const uint8_t *p = take(&b, RPM_LEAD);

	if (!p || !take(&b, (size_t)be(p + 8, 4) * RPM_INDEX + be(p + 12, 4)))
		return 0;
	return trailer_time(b);
}

static uint64_t tlv_time(struct bytes b)
{
	const uint8_t *p, *data;

	while ((p = take(&b, 6))) {
		data = take(&b, be(p + 2, 4));
		if (!data || be(p, 2) == DIGLIM_TLV_ENTRY)
			return 0;
		if (be(p, 2) == DIGLIM_TLV_TIME && be(p + 2, 4) == 8)
			return (uint64_t)be(data, 4) << 32 | be(data + 4, 4);
	}
	return 0;
}

uint64_t lists_payload_time(const void *payload, size_t len, enum diglim_format format)
{
	struct bytes b = {payload, len};

	if (format == DIGLIM_FORMAT_RPM)
		return rpm_time(b);
	return format == DIGLIM_FORMAT_TLV ? tlv_time(b) : 0;
}
