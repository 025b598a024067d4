// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "armor.h"

#define BEGIN "-----BEGIN PGP "
#define END   "-----END PGP "

/* One line of text, without its end. */
struct line {
	const char *p;
	size_t len;
};

static bool next_line(const char **p, const char *end, struct line *ret)
{
	const char *nl;

	if (*p >= end)
		return false;
	nl = memchr(*p, '\n', (size_t)(end - *p));
	ret->p = *p;
	ret->len = (size_t)((nl ? nl : end) - *p);
	*p = nl ? nl + 1 : end;
	while (ret->len && strchr(" \t\r", ret->p[ret->len - 1]))
		ret->len--;
	return true;
}

static bool starts(const struct line *l, const char *with)
{
	return l->len >= strlen(with) && !memcmp(l->p, with, strlen(with));
}

bool armor_recognise(const void *data, size_t len)
{
	const char *p = data, *end = p + len;
	struct line l;

	while (next_line(&p, end, &l))
		if (starts(&l, BEGIN))
			return true;
	return false;
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Base64 that may come in several pieces. */
struct decoder {
	uint32_t bits;
	unsigned int n;	  /* characters in ->bits */
	unsigned int pad; /* padding characters seen */
};

static int decode(struct decoder *d, const char *p, size_t len, struct buf *ret)
{
	for (size_t i = 0; i < len; i++) {
		int v = sextet(p[i]);

		if (p[i] && strchr(" \t\r\n", p[i]))
			continue;
		if (p[i] == '=' && d->n + d->pad < 4 && d->n >= 2) {
			d->pad++;
			continue;
		}
		if (v < 0 || d->pad)
			return -EINVAL;
		d->bits = d->bits << 6 | (uint32_t)v;
		if (++d->n < 4)
			continue;
		buf_add_u8(ret, (uint8_t)(d->bits >> 16));
		buf_add_u8(ret, (uint8_t)(d->bits >> 8));
		buf_add_u8(ret, (uint8_t)d->bits);
		*d = (struct decoder){0};
	}
	return 0;
}

static int decode_end(struct decoder *d, struct buf *ret)
{
	if (!d->n)
		return d->pad ? -EINVAL : 0;
	if (d->n + d->pad != 4)
		return -EINVAL;
	d->bits <<= 6 * d->pad;
	buf_add_u8(ret, (uint8_t)(d->bits >> 16));
	if (d->pad == 1)
		buf_add_u8(ret, (uint8_t)(d->bits >> 8));
	return 0;
}

int armor_base64(const char *text, size_t len, struct buf *ret, struct err *e)
{
	struct decoder d = {0};

	if (decode(&d, text, len, ret) < 0 || decode_end(&d, ret) < 0)
		return err_set(e, -EINVAL, "damaged base64");
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* CRC-24 of RFC 4880 §6.1. */
static uint32_t crc24(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xb704ce;

	while (len--) {
		crc ^= (uint32_t)*p++ << 16;
		for (int i = 0; i < 8; i++)
			crc = crc << 1 ^ (crc & 0x800000 ? 0x1864cfb : 0);
	}
	return crc & 0xffffff;
}

/*
 * "=XXXX" below the data: optional, but if it is there it must be right. No memory to look at it is
 * remembered in @data.
 */
static int check_crc(const struct line *l, struct buf *data, size_t start)
{
	struct buf b = BUF_INIT;
	struct decoder d = {0};
	int r = -EINVAL;

	if (l->len == 5 && data->len > start && !decode(&d, l->p + 1, 4, &b) && b.len == 3 &&
	    crc24(data->data + start, data->len - start) ==
		    ((uint32_t)b.data[0] << 16 | (uint32_t)b.data[1] << 8 | b.data[2]))
		r = 0;
	if (b.failed) {
		data->failed = true;
		r = 0;
	}
	buf_free(&b);
	return r;
}

/* The block whose BEGIN line was just read. Returns what is wrong, or NULL. */
static const char *decode_block(const char **p, const char *end, struct buf *ret)
{
	struct decoder d = {0};
	size_t start = ret->len;
	bool body = false;
	struct line l;

	while (next_line(p, end, &l)) {
		if (starts(&l, END))
			return decode_end(&d, ret) < 0 ? "damaged base64" : NULL;
		if (!body && (!l.len || memchr(l.p, ':', l.len))) {
			body = !l.len;
			continue;
		}
		body = true;
		if (l.len == 5 && l.p[0] == '=') {
			if (decode_end(&d, ret) < 0)
				return "damaged base64";
			d = (struct decoder){0};
			if (!ret->failed && check_crc(&l, ret, start) < 0)
				return "checksum does not match";
			continue;
		}
		if (decode(&d, l.p, l.len, ret) < 0)
			return "damaged base64";
	}
	return "no END line";
}

int armor_decode(const void *data, size_t len, const char *name, struct buf *ret, struct err *e)
{
	const char *p = data, *end = p + len, *wrong;
	bool found = false;
	struct line l;

	while (next_line(&p, end, &l)) {
		size_t off = (size_t)(l.p - (const char *)data);

		if (!starts(&l, BEGIN "PUBLIC KEY BLOCK") && !starts(&l, BEGIN "SIGNATURE"))
			continue;
		wrong = decode_block(&p, end, ret);
		if (wrong)
			return err_set(e, -EINVAL, "%s: offset %zu: armoured block: %s", name, off,
				       wrong);
		found = true;
	}
	if (!found)
		return err_set(e, -EINVAL, "%s: no armoured public key or signature", name);
	return ret->failed ? err_set(e, -ENOMEM, "%s: out of memory", name) : 0;
}

void armor_put_base64(struct buf *b, const void *data, size_t len, size_t line)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (n > 2 ? (uint32_t)p[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			buf_add_u8(b, k > n ? '=' : (uint8_t)digit[v >> (18 - 6 * k) & 63]);
		if (line && ((i / 3 + 1) * 4 % line == 0 || i + 3 >= len))
			buf_add_u8(b, '\n');
	}
}
