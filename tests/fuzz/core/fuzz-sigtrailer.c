// SPDX-License-Identifier: GPL-2.0-only
/*
 * OpenPGP trailers. Of what is accepted, every byte is accounted for by a second reading, which
 * walks the subpackets from the RFC's text in another way.
 */
#include "../../../core/sigtrailer.h"
#include "oracle.h"

/* Creation time in @n octets of subpackets, 0 if there is none; they must fill them exactly. */
static uint32_t time_of(const uint8_t *p, size_t n)
{
	uint32_t time = 0;

	while (n) {
		size_t head = p[0] < 192 ? 1 : p[0] < 255 ? 2 : 5, len = p[0];

		ORACLE(n > head);
		if (head == 2)
			len = ((size_t)(p[0] - 192) << 8) + p[1] + 192;
		if (head == 5)
			len = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
		ORACLE(len && len <= n - head);
		if ((p[head] & 127) == 2) {
			ORACLE(len == 5 && !time);
			time = (uint32_t)p[head + 1] << 24 | (uint32_t)p[head + 2] << 16 |
			       (uint32_t)p[head + 3] << 8 | p[head + 4];
		}
		p += head + len;
		n -= head + len;
	}
	return time;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct core_view v = {data, 0, (__u32)size};
	struct core_sigtrailer t = {.pos = 1};
	struct core_err e = {0, 0};
	size_t hashed;

	if (core_sigtrailer_open(&v, 0, &t, &e)) {
		ORACLE(e.code >= DIGLIM_E_SIG_HASH && e.code <= DIGLIM_E_DUPLICATE);
		ORACLE(e.off <= size);
		return 0;
	}
	if (t.version == 3) {
		ORACLE(size == 5 && !data[0] && t.hash == CORE_HASH_UNKNOWN);
		return 0;
	}
	ORACLE(t.version == 4 && size >= 12 && data[0] == 4 && !data[1] && t.pk == data[2]);
	ORACLE(data[3] >= 8 && data[3] <= 10 && t.hash == (__u32)data[3] - 4);
	hashed = (size_t)data[4] << 8 | data[5];
	ORACLE(size == hashed + 12);
	ORACLE(data[size - 6] == 4 && data[size - 5] == 255 && !data[size - 4]);
	ORACLE(((size_t)data[size - 3] << 16 | (size_t)data[size - 2] << 8 | data[size - 1]) ==
	       hashed + 6);
	ORACLE(t.time == time_of(data + 6, hashed));
	return 0;
}
