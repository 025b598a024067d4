/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel keyrings that signatures are checked against. */
#ifndef DIGLIM_ENGINE_KEYRING_H
#define DIGLIM_ENGINE_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

#define KEYRING_VENDOR	   "diglim_vendor"
#define KEYRING_OWNER	   "diglim_owner"
#define KEYRING_RESTRICTED "diglim_restricted"

/*
 * Creates an empty keyring in place of the one that was there before. *ret is its serial. It hangs
 * on the user keyring of a uid that nobody uses: what hangs on root's is possessed by all of root's
 * processes.
 */
int keyring_open(const char *name, int32_t *ret, struct err *e);

/* The keyring that the others hang on. */
int keyring_anchor(int32_t *ret, struct err *e);

/* Adds the X.509 certificate @der. *ret is the key's serial. */
int keyring_add_cert(int32_t keyring, const char *description, const void *der, size_t len,
		     int32_t *ret, struct err *e);

/* How many keys it holds, or -ENOKEY, -EKEYREVOKED if it is gone. */
int keyring_count(int32_t keyring, struct err *e);

/* Removes all keys. */
int keyring_clear(int32_t keyring, struct err *e);

#endif
