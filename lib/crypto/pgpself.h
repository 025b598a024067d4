/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signatures that a key makes over itself, its user ids and its subkeys. Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_PGPSELF_H
#define DIGLIM_CRYPTO_PGPSELF_H

#include "pgppub.h"

/* What is signed besides the primary key; at most one of the two is set. */
struct pgpself_over {
	const struct core_view *subkey; /* body of the packet */
	const struct core_view *uid;
	uint8_t uid_tag; /* 0xb4 user id, 0xd1 user attribute */
};

/*
 * Is @sig (body @v) a signature by @by over @primary and @over that may be relied on at @now?
 * SHA-1 is taken, as old keys have nothing else (*sha1 is set), MD5 is not.
 */
bool pgpself_verify(const struct pgppub *by, const struct core_view *primary,
		    const struct pgpself_over *over, const struct core_view *v,
		    const struct core_pgp_sig *sig, uint64_t now, bool *sha1);

/* Does @sig claim to be made by @p? True too if it does not say. */
bool pgpself_claims(const struct pgppub *p, const struct core_view *v,
		    const struct core_pgp_sig *sig);

#endif
