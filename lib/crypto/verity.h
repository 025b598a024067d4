/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fs-verity digests with SHA-256: of files that have fs-verity on by the kernel's word, of others
 * as they would be with it on as `fsverity enable` does it: blocks of 4096 bytes, no salt. Other
 * algorithms (SHA-512) are not supported.
 */
#ifndef DIGLIM_CRYPTO_VERITY_H
#define DIGLIM_CRYPTO_VERITY_H

#include <stdbool.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"

/* True with @ret filled if the open file has fs-verity on, with SHA-256. */
bool verity_measured(int fd, uint8_t ret[DIGLIM_DIGEST_SIZE]);

/*
 * Measured, else computed from what the regular file holds. -EBUSY if it changes meanwhile,
 * -EOPNOTSUPP if it has another algorithm on, or for lack of libfsverity. @path is for messages.
 */
int verity_fd(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e);

/* Was it built with what verity_computed() takes? */
bool verity_computes(void);

/* Computed only, whatever the file has on. */
int verity_computed(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e);

#endif
