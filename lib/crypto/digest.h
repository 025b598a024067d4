/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Message digests. */
#ifndef DIGLIM_CRYPTO_DIGEST_H
#define DIGLIM_CRYPTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"

/* Hash algorithms a signature may use. */
enum digest_algo {
	DIGEST_NONE = 0,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
};

#define DIGEST_SIZE_MAX 64

const char *digest_name(enum digest_algo algo);	   /* "SHA-256" */
enum digest_algo digest_by_name(const char *name); /* "sha256", "SHA-256"; or NONE */
size_t digest_size(enum digest_algo algo);

int digest_buffer(enum digest_algo algo, const void *data, size_t len, uint8_t *ret, struct err *e);

/*
 * SHA-256 of a regular file (relative to @dir_fd as in openat(2)). -EBUSY if it changes meanwhile.
 * @head receives its first bytes, zero-filled (to recognise ELF and scripts); may be NULL.
 */
int digest_file(int dir_fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t head[16],
		struct err *e);

/* The same for an open file, which must be a regular one. @path is for messages. */
int digest_fd(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t head[16],
	      struct err *e);

#endif
