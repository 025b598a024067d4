/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of our own making for measurements. Digest number i is the same everywhere and evenly
 * distributed, as SHA-256 is.
 */
#ifndef DIGLIM_BENCH_PAYLOAD_H
#define DIGLIM_BENCH_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "../abi/limits.h"

/* Files in an average package: 99,100 digests in 1,447 headers of a Fedora 33 system. */
#define PAYLOAD_FILES 66

/* Bytes of an average header of the same system (36 MB). */
#define PAYLOAD_HEADER 25000

/* Largest payload made here. */
#define PAYLOAD_MAX 60000

void payload_digest(uint64_t i, uint8_t to[DIGLIM_DIGEST_SIZE]);

/* Lists with digests [first, first + n), which are also in their names. Return the length. */
size_t payload_tlv(uint8_t to[PAYLOAD_MAX], uint64_t first, uint32_t n);

/* A header as rpmbuild writes it, with the tags that we do not read, and a version 4 trailer. */
size_t payload_rpm(uint8_t to[PAYLOAD_MAX], uint64_t first, uint32_t n);

#endif
