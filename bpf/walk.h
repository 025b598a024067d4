/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From bytes to digests in the store: what ingest does with a payload once it trusts it. A header,
 * so that tests and measurements run this very text.
 */
#ifndef DIGLIM_BPF_WALK_H
#define DIGLIM_BPF_WALK_H

#include "ingest.h"
#include "refs.h"
#include "store.h"
#include "../core/listid.h"

/*
 * The parts of a request are functions of their own where that keeps the stack below the verifier's
 * 512 bytes.
 */
static __noinline int open_list(struct ingest *g)
{
	if (core_list_open(&g->payload, &g->slot->list, &g->err))
		return -(int)g->err.code;
	core_listid(&g->payload, g->slot->id.byte);
	return 0;
}

static long walk_step(__u32 i, void *ctx)
{
	struct ingest *g = ctx;
	struct internal *in = internal_get();
	struct core_digest *d = &g->slot->digest;
	struct store_key *k = &g->slot->key;
	int slot, r;

	if (!in)
		return 1;
	r = core_list_next(&g->payload, &g->slot->list, d, &g->err);
	if (r == 2)
		return 0;
	if (r != 1) {
		g->status = r ? -(int)g->err.code : 0;
		return 1;
	}
	__builtin_memcpy(k->digest, d->value, DIGLIM_DIGEST_SIZE);
	k->use = d->use;
	k->kinds = d->kinds;
	k->source = g->slot->list.format;
	slot = store_get(k);
	if (slot < 0) {
		g->err.off = d->off;
		g->status = slot;
		return 1;
	}
	r = refs_append(in, &g->chunk, slot);
	if (r) {
		store_put(slot);
		g->status = r;
		return 1;
	}
	g->digests++;
	g->grants |= d->use & DIGLIM_USE_GRANTS;
	return 0;
}

/* Puts all digests in, or none. Caller holds the lock. */
static __noinline int walk_list(struct ingest *g)
{
	g->status = -DIGLIM_E_COUNT; /* more steps than the list declared */
	bpf_loop(g->slot->list.steps + 1, walk_step, g, 0);
	if (!g->status && !g->digests)
		g->status = -DIGLIM_E_EMPTY;
	return g->status;
}

#endif
