/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "take.h"

const uint8_t *take(struct take_in *in, size_t n)
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

uint32_t take_be(struct take_in *in, size_t n)
{
	const uint8_t *p = take(in, n);
	uint32_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

const uint8_t *take_2b(struct take_in *in, size_t *len)
{
	*len = take_be(in, 2);
	return take(in, *len);
}
