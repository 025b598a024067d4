/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading numbers in network order and counted fields out of bytes that nobody vouches for, as TPMs
 * and their keys come (TPM 2.0 Library, part 2). A failed read is remembered in ->bad and makes all
 * later ones fail, so that a reader checks once, at its end.
 */
#ifndef DIGLIM_BASE_TAKE_H
#define DIGLIM_BASE_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left to read. */
struct take_in {
	const uint8_t *p;
	size_t len;
	bool bad;
};

/* The next @n bytes; NULL: there are not so many. */
const uint8_t *take(struct take_in *in, size_t n);

/* A number of @n bytes, 4 at most; 0 if it is not there. */
uint32_t take_be(struct take_in *in, size_t n);

/* A TPM2B, two bytes of length and the content; NULL if it is cut. */
const uint8_t *take_2b(struct take_in *in, size_t *len);

#endif
