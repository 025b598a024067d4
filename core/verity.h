/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs-verity digests in the name space of the store. The only place where the two are told apart:
 * lists, store and look-ups know nothing but keys.
 *
 * The fs-verity digest of a file is the SHA-256 of its struct fsverity_descriptor. So a file whose
 * content is that descriptor has the same number as its ordinary digest, and would be vouched for
 * by whoever vouches for the other one. Hence the key of an fs-verity digest is the digest with
 * DIGLIM_VERITY_MASK added bit by bit: for content to have it, somebody must find content for a
 * number that is given.
 */
#ifndef DIGLIM_CORE_VERITY_H
#define DIGLIM_CORE_VERITY_H

#include "view.h"
#include "../abi/limits.h"

/* From a digest to its key; the same again leads back. @to and @from may be one. */
CORE_INLINE void core_verity_key(__u8 *to, const __u8 *from)
{
	__u64 mask, word;

	_Static_assert(sizeof(DIGLIM_VERITY_MASK) == DIGLIM_DIGEST_SIZE + 1, "as long as a digest");
	/* Words that the compiler knows: bpftool cannot link constants of two objects. */
#ifdef __clang__
#pragma unroll
#endif
	for (int i = 0; i < DIGLIM_DIGEST_SIZE; i += 8) {
		__builtin_memcpy(&mask, &DIGLIM_VERITY_MASK[i], sizeof(mask));
		__builtin_memcpy(&word, from + i, sizeof(word));
		word ^= mask;
		__builtin_memcpy(to + i, &word, sizeof(word));
	}
}

#endif
