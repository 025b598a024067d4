/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "wire.h"

const uint8_t *wire_take(struct wire_in *in, size_t n)
{
	const uint8_t *p = in->p;

	if (in->bad || n > in->len) {
		in->bad = true;
		return NULL;
	}
	in->p += n;
	in->len -= n;
	return p;
}

uint32_t wire_take_be(struct wire_in *in, size_t n)
{
	const uint8_t *p = wire_take(in, n);
	uint32_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

struct wire_in wire_take_2b(struct wire_in *in)
{
	struct wire_in ret = {.len = wire_take_be(in, 2)};

	ret.p = wire_take(in, ret.len);
	ret.bad = !ret.p;
	ret.len = ret.bad ? 0 : ret.len;
	return ret;
}

void wire_begin(struct buf *b, uint16_t tag, uint32_t code)
{
	b->len = 0;
	buf_add_be16(b, tag);
	buf_add_be32(b, 0);
	buf_add_be32(b, code);
}

void wire_end(struct buf *b)
{
	if (b->failed || b->len < 10)
		return;
	for (int i = 0; i < 4; i++)
		b->data[2 + i] = (uint8_t)(b->len >> (24 - 8 * i));
}

void wire_put_2b(struct buf *b, const void *data, size_t len)
{
	buf_add_be16(b, (uint16_t)len);
	buf_add(b, data, len);
}

uint32_t wire_response(const struct buf *b, struct wire_in *ret)
{
	uint32_t size, rc;

	*ret = (struct wire_in){b->data, b->len, b->failed};
	(void)wire_take_be(ret, 2);
	size = wire_take_be(ret, 4);
	rc = wire_take_be(ret, 4);
	return ret->bad || size != b->len ? WIRE_RC_FAILURE : rc;
}

void wire_error(struct buf *b, uint32_t rc)
{
	wire_begin(b, WIRE_NO_SESSIONS, rc);
	wire_end(b);
}

bool wire_uses_key(const uint8_t *command, size_t len, uint32_t *key, struct wire_in *rest)
{
	struct wire_in in = {command, len, false}, auth = {0};
	uint32_t tag = wire_take_be(&in, 2), size = wire_take_be(&in, 4),
		 code = wire_take_be(&in, 4);

	if (in.bad || tag != WIRE_SESSIONS || size != len ||
	    (code != WIRE_SIGN && code != WIRE_UNSEAL && code != WIRE_RSA_DECRYPT))
		return false;
	*key = wire_take_be(&in, 4);
	auth.len = wire_take_be(&in, 4);
	auth.p = wire_take(&in, auth.len);
	if (in.bad || wire_take_be(&auth, 4) != WIRE_HANDLE_PASSWORD || wire_take_2b(&auth).len)
		return false;
	(void)wire_take_be(&auth, 1);
	/* With a password the program means that; further sessions are its own affair, too. */
	if (wire_take_2b(&auth).len || auth.bad || auth.len)
		return false;
	*rest = in;
	return true;
}
