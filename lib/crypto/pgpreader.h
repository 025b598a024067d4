/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An OpenPGP certificate while it is read: pgpkey.c collects what its packets say, pgpjudge.c
 * decides which of its keys may sign. Private to lib/crypto.
 */
#ifndef DIGLIM_CRYPTO_PGPREADER_H
#define DIGLIM_CRYPTO_PGPREADER_H

#include "pgpself.h"

/* The newest valid signature that says what a key may do. */
struct pgp_binding {
	bool found;
	bool sha1;
	bool has_flags;
	uint32_t flags;
	uint32_t created;
	uint32_t key_expires_after;
	bool consent; /* subkey: 0x19 verified */
};

struct pgp_subkey {
	struct pgppub pub;
	struct pgp_binding binding;
	bool revoked;
};

/* One certificate while it is read: a primary key and all up to the next one. */
struct pgp_reader {
	struct core_view all;
	const char *name;
	uint64_t now;
	unsigned int checks; /* signatures verified so far */

	struct pgppub primary;
	struct pgp_binding self;
	bool revoked;
	struct pgp_subkey *subs;
	size_t n_subs;

	/* What the signatures that come next are about. */
	uint32_t context; /* tag of the packet; 0: skip */
	struct core_view body;
	struct pgp_binding uid; /* newest certification of the user id at hand */
	bool uid_revoked;
	bool uid_primary;

	char owner[CERT_OWNER_MAX];
	uint32_t owner_time;
	bool owner_primary;
};

/* Hands @s (NULL: the primary key) to @set, judged and wrapped. 1, or negative. */
int pgpreader_emit(const struct pgp_reader *r, const struct pgp_subkey *s, struct cert_set *set,
		   struct err *e);

/* Subkeys that are for encryption are of no interest. */
bool pgpreader_worth_showing(const struct pgp_subkey *s);

#endif
