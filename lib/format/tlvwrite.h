/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds TLV payloads (abi/listfile.h) from digests, paths and uses. */
#ifndef DIGLIM_FORMAT_TLVWRITE_H
#define DIGLIM_FORMAT_TLVWRITE_H

#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"
#include "digestname.h"

struct tlvwrite;

/* @name: shown as the list's name, at most DIGLIM_NAME_MAX - 1 bytes; @time: seconds since 1970. */
struct tlvwrite *tlvwrite_new(const char *name, uint64_t time);
struct tlvwrite *tlvwrite_free(struct tlvwrite *w);

/* From now on files are added with DIGLIM_USE_IMMUTABLE besides their use. */
void tlvwrite_immutable(struct tlvwrite *w);

/* @path may be NULL. @use: mask of enum diglim_use, not 0. */
int tlvwrite_add(struct tlvwrite *w, const uint8_t digest[DIGLIM_DIGEST_SIZE], const char *path,
		 uint32_t use, struct err *e);

/* The same for the SHA-256 fs-verity digest of a file. */
int tlvwrite_add_verity(struct tlvwrite *w, const uint8_t digest[DIGLIM_DIGEST_SIZE],
			const char *path, uint32_t use, struct err *e);
int tlvwrite_add_name(struct tlvwrite *w, const struct digestname *d, const char *path,
		      uint32_t use, struct err *e);
size_t tlvwrite_count(const struct tlvwrite *w);

/*
 * Appends the payload: sorted by path, then digest; the same digest and path twice become one entry
 * with both uses. -DIGLIM_E_EMPTY without entries, -DIGLIM_E_TOO_MANY above the limit.
 */
int tlvwrite_finish(struct tlvwrite *w, struct buf *ret, struct err *e);

#endif
