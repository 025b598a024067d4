/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "wire.h"

struct take_in wire_take_2b(struct take_in *in)
{
	struct take_in ret = {0};

	ret.p = take_2b(in, &ret.len);
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

uint32_t wire_response(const struct buf *b, struct take_in *ret)
{
	uint32_t size, rc;

	*ret = (struct take_in){b->data, b->len, b->failed};
	(void)take_be(ret, 2);
	size = take_be(ret, 4);
	rc = take_be(ret, 4);
	return ret->bad || size != b->len ? WIRE_RC_FAILURE : rc;
}

void wire_error(struct buf *b, uint32_t rc)
{
	wire_begin(b, WIRE_NO_SESSIONS, rc);
	wire_end(b);
}

bool wire_uses_key(const uint8_t *command, size_t len, uint32_t *key, struct take_in *rest)
{
	struct take_in in = {command, len, false}, auth = {0};
	uint32_t tag = take_be(&in, 2), size = take_be(&in, 4), code = take_be(&in, 4);

	if (in.bad || tag != WIRE_SESSIONS || size != len ||
	    (code != WIRE_SIGN && code != WIRE_UNSEAL && code != WIRE_RSA_DECRYPT))
		return false;
	*key = take_be(&in, 4);
	auth.len = take_be(&in, 4);
	auth.p = take(&in, auth.len);
	if (in.bad || take_be(&auth, 4) != WIRE_HANDLE_PASSWORD || wire_take_2b(&auth).len)
		return false;
	(void)take_be(&auth, 1);
	/* With a password the program means that; further sessions are its own affair, too. */
	if (wire_take_2b(&auth).len || auth.bad || auth.len)
		return false;
	*rest = in;
	return true;
}
