/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OpenPGP certificates (RFC 4880, RFC 9580): primary keys with their user ids and signing subkeys.
 * Self-signatures, subkey bindings (0x18) with the subkey's own consent (0x19), revocations
 * (0x20, 0x28) and expiry are checked. What remains usable becomes a struct cert.
 */
#ifndef DIGLIM_CRYPTO_PGPKEY_H
#define DIGLIM_CRYPTO_PGPKEY_H

#include "cert.h"

/* Does @data look like OpenPGP, armoured or binary? */
bool pgpkey_recognise(const void *data, size_t len);

/*
 * Adds every primary key and every subkey in @data to @set, unusable ones with their reason
 * (encryption-only subkeys are left out). Returns how many, or a negative code if there is no key.
 */
int pgpkey_read(struct cert_set *set, const void *data, size_t len, const char *name, uint64_t now,
		struct err *e);

#endif
