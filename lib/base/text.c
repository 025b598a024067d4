// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Length of the well-formed UTF-8 character at @p, 0 if there is none; @ret is its code point. */
static size_t utf8_char(const uint8_t *p, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80	     ? 1
		   : p[0] >> 5 == 6  ? 2
		   : p[0] >> 4 == 14 ? 3
		   : p[0] >> 3 == 30 ? 4
				     : 0;
	uint32_t c;

	if (!n || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

static bool hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

char *text_escape(char *to, size_t size, const void *from, size_t len)
{
	const uint8_t *p = from;
	size_t n = 0, step;
	uint32_t c;

	for (size_t i = 0; i < len; i += step) {
		step = utf8_char(p + i, len - i, &c);
		if (step && !hidden(c)) {
			if (n + step >= size)
				break;
			memcpy(to + n, p + i, step);
			n += step;
			continue;
		}
		step = step ? step : 1;
		if (n + 4 * step >= size)
			break;
		for (size_t k = 0; k < step; k++, n += 4)
			snprintf(to + n, 5, "\\x%02x", p[i + k]);
	}
	if (size)
		to[n] = '\0';
	return to;
}
