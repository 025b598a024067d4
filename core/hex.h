/* SPDX-License-Identifier: GPL-2.0-only */
/* Hexadecimal digits. */
#ifndef DIGLIM_CORE_HEX_H
#define DIGLIM_CORE_HEX_H

#include "view.h"
#include "../abi/limits.h"

#define CORE_HEX_SHA256 (2 * DIGLIM_DIGEST_SIZE)

/*
 * Value of one digit; sets bits in @bad unless it is 0-9 or a-f. Without branches: with them the
 * verifier would walk every combination of 64 digits.
 */
CORE_INLINE __u32 core_hex_digit(__u32 c, __u32 *bad)
{
	__u32 num = c - '0', low = c - 'a';
	__u32 not_num = (num | (9 - num)) >> 31;
	__u32 not_low = (low | (5 - low)) >> 31;

	core_keep(not_num);
	core_keep(not_low);
	*bad |= not_num & not_low;
	return (num & (not_num - 1)) | ((low + 10) & (not_low - 1));
}

/* Returns 0, or -1 if one of the 64 characters is not a lower-case hexadecimal digit. */
CORE_INLINE int core_hex_sha256(const __u8 *p, __u8 *value)
{
	__u32 bad = 0;

	for (__u32 i = 0; i < DIGLIM_DIGEST_SIZE; i++) {
		__u32 high = core_hex_digit(p[2 * i], &bad);

		value[i] = (__u8)(high << 4 | core_hex_digit(p[2 * i + 1], &bad));
	}
	return bad ? -1 : 0;
}

#endif
