/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A digest as people and other tools write it: 64 hexadecimal digits are the SHA-256 of a file's
 * content; with "verity:sha256:" before them they are its fs-verity digest, as in logs of IMA.
 */
#ifndef DIGLIM_FORMAT_DIGESTNAME_H
#define DIGLIM_FORMAT_DIGESTNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"

#define DIGESTNAME_VERITY "verity:sha256:"
#define DIGESTNAME_MAX	  (sizeof(DIGESTNAME_VERITY) + 2 * DIGLIM_DIGEST_SIZE)

struct digestname {
	uint8_t value[DIGLIM_DIGEST_SIZE]; /* as written, for fs-verity as well */
	bool verity;
};

/* All of @text must be one: 0, else -EINVAL. */
int digestname_parse(const char *text, size_t len, struct digestname *ret);

/* The other way round, with a final NUL. Returns @ret. */
const char *digestname_text(const struct digestname *d, char ret[DIGESTNAME_MAX]);

/* What stands for it in lists that were read, in the store and in look-ups (core/verity.h). */
void digestname_key(const struct digestname *d, uint8_t key[DIGLIM_DIGEST_SIZE]);
void digestname_of_key(const uint8_t key[DIGLIM_DIGEST_SIZE], bool verity, struct digestname *ret);

#endif
