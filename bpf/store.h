/* SPDX-License-Identifier: GPL-2.0-only */
/* The digest store. Readers need no lock; writers hold internal.lock. */
#ifndef DIGLIM_BPF_STORE_H
#define DIGLIM_BPF_STORE_H

#include "maps.h"

struct store_key {
	__u8 digest[DIGLIM_DIGEST_SIZE];
	__u32 use;    /* mask of enum diglim_use */
	__u32 source; /* enum diglim_format, and DIGLIM_SLOT_... */
	__u32 kinds;  /* mask of enum diglim_kind */
};

/* Returns the union of what loaded lists give @k->digest, uses and DIGLIM_FOUND_...; 0: unknown. */
int store_lookup(const struct store_key *k);

/* Adds one reference. Returns the slot, or -DIGLIM_E_FULL. */
int store_get(const struct store_key *k);

/* Takes one reference of slot @index away. Returns 0, or -DIGLIM_E_INTERNAL. */
int store_put(__u32 index);

#endif
