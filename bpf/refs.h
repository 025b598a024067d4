/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which slots of the store a list refers to: a chain of chunks from a pool. With it a list is
 * removed exactly, without its file, its signature or its key, and a list that fails half-way is
 * taken back by the same code. Caller holds internal.lock.
 */
#ifndef DIGLIM_BPF_REFS_H
#define DIGLIM_BPF_REFS_H

#include "store.h"

/* Returns the number of a cleared chunk + 1, or 0 if there is none. */
static __always_inline __u32 chunk_alloc(struct internal *in)
{
	struct diglim_chunk *c;
	__u32 index;

	if (in->chunk_free) {
		index = in->chunk_free - 1;
		c = bpf_map_lookup_elem(&chunks, &index);
		if (!c)
			return 0;
		in->chunk_free = c->next;
	} else {
		index = in->chunk_unused;
		c = bpf_map_lookup_elem(&chunks, &index);
		if (!c)
			return 0;
		in->chunk_unused++;
	}
	c->next = 0;
	c->used = 0;
	return index + 1;
}

static __always_inline void chunk_free(struct internal *in, struct diglim_chunk *c, __u32 index)
{
	c->next = in->chunk_free;
	c->used = 0;
	in->chunk_free = index + 1;
}

/*
 * Notes @slot in the chain that starts at *head (index + 1; 0: empty). New chunks go to the front.
 */
static __always_inline int refs_append(struct internal *in, __u32 *head, __u32 slot)
{
	struct diglim_chunk *c;
	__u32 index, used;

	if (*head) {
		index = *head - 1;
		c = bpf_map_lookup_elem(&chunks, &index);
		if (!c)
			return -DIGLIM_E_INTERNAL;
		used = c->used;
		if (used < DIGLIM_CHUNK_REFS) {
			c->slot[used] = slot;
			c->used = used + 1;
			return 0;
		}
	}
	index = chunk_alloc(in);
	if (!index)
		return -DIGLIM_E_FULL;
	index--;
	c = bpf_map_lookup_elem(&chunks, &index);
	if (!c)
		return -DIGLIM_E_INTERNAL;
	c->slot[0] = slot;
	c->used = 1;
	c->next = *head;
	*head = index + 1;
	return 0;
}

static long refs_drop_chunk(__u32 i, void *ctx)
{
	struct internal *in = internal_get();
	__u32 *head = ctx, index = *head - 1;
	struct diglim_chunk *c;

	if (!*head || !in)
		return 1;
	c = bpf_map_lookup_elem(&chunks, &index);
	if (!c)
		return 1;
	for (__u32 n = 0; n < DIGLIM_CHUNK_REFS; n++)
		if (n < c->used)
			store_put(c->slot[n]);
	*head = c->next;
	chunk_free(in, c, index);
	return 0;
}

/* Drops all references of the chain at @head and frees it. */
static __always_inline void refs_drop(__u32 head)
{
	bpf_loop(DIGLIM_LIST_ENTRIES_MAX / DIGLIM_CHUNK_REFS + 1, refs_drop_chunk, &head, 0);
}

#endif
