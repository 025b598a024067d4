/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys that were taken back. They lie in the store, as slots of their own kind, so that they come
 * and go with the deny lists that name them.
 */
#ifndef DIGLIM_BPF_DENY_H
#define DIGLIM_BPF_DENY_H

#include "store.h"
#include "../core/rule.h"

/* What stands for a signer in the store. The length keeps apart what ends with zeros. */
static __always_inline void deny_key(struct store_key *k, const __u8 *id, __u32 len)
{
	__builtin_memset(k, 0, sizeof(*k));
	__builtin_memcpy(k->digest, id, DIGLIM_SIGNER_MAX);
	k->digest[DIGLIM_DIGEST_SIZE - 1] = (__u8)len;
	k->source = DIGLIM_SLOT_KEY | DIGLIM_SLOT_DENY;
}

/* Does a loaded deny list name this signer? */
static __noinline int signer_denied(const struct diglim_list_record *rec)
{
	struct store_key k;

	if (!rec)
		return 0;
	deny_key(&k, rec->key_id, rec->key_id_len);
	return store_lookup(&k) & DIGLIM_FOUND_KEY;
}

#endif
