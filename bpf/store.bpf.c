/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The digest store: 40-byte slots in an array map, chained by a table of heads and successors of 4
 * bytes each (a BPF hash map takes more than twice as much, see docs/BENCH.md).
 *
 * A slot never moves, so that lists can refer to it by number. A freed one goes to the front of the
 * free list and is filled again first. With open addressing, tombstones made a store that was full
 * to its limit refuse digests once a quarter of its content had been replaced.
 *
 * Readers run beside a writer. It links a slot when all of it is set, and unlinks a freed one
 * without touching its digest and its successor, so that a reader standing there finds the way on.
 * If that slot is filled again meanwhile, its digest is written before its successor; the reader,
 * which takes them the other way round, sees that it was led into another chain, and starts again.
 */
#include "store.h"
#include "../abi/listfile.h"

/* Chains are short, digests being uniform: with as many slots as heads 12 is rare. */
#define CHAIN_MAX 1024

struct walk {
	__u64 want[4];
	__u32 head;  /* number of the chain */
	__u32 pos;   /* slot to look at, index + 1; 0: end of the chain */
	__u32 found; /* store_lookup: uses */
	__u32 attr;  /* store_get: what a slot must carry to be the same */
	__u32 match; /* store_get: slot that is the same, index + 1 */
	__u32 steps;
};

/* use, source, state and kinds as the one word that writers set atomically. */
static __always_inline __u32 *slot_attr(struct diglim_store_slot *s)
{
	return (__u32 *)&s->use;
}

static __always_inline __u32 attr_make(const struct store_key *k)
{
	__u32 source = k->source & 0xff;

	if (k->use & DIGLIM_USE_IMMUTABLE)
		source |= DIGLIM_SLOT_IMMUTABLE;
	return (k->use & 0xff) | source << 8 | DIGLIM_SLOT_USED << 16 | k->kinds << 24;
}

static __always_inline bool attr_is_immutable(__u32 attr)
{
	return attr >> 8 & DIGLIM_SLOT_IMMUTABLE;
}

static __always_inline __u32 attr_state(__u32 attr)
{
	return attr >> 16 & 0xff;
}

/* What a slot says of its digest: uses, and DIGLIM_FOUND_... */
static __always_inline __u32 attr_found(__u32 attr)
{
	__u32 source = attr >> 8 & 0xff;

	if (source & DIGLIM_SLOT_KEY)
		return DIGLIM_FOUND_KEY;
	if (source & DIGLIM_SLOT_DENY)
		return DIGLIM_FOUND_DENIED;
	return (attr & 0xff) | attr >> 24 << DIGLIM_FOUND_KINDS_SHIFT |
	       (attr_is_immutable(attr) ? DIGLIM_USE_IMMUTABLE : 0) |
	       ((source & ~DIGLIM_SLOT_IMMUTABLE) == DIGLIM_FORMAT_RPM ? DIGLIM_FOUND_VENDOR
								       : DIGLIM_FOUND_OWNER);
}

static __always_inline bool attr_is_key(__u32 attr)
{
	return attr >> 8 & DIGLIM_SLOT_KEY;
}

static __always_inline bool digest_equal(const __u8 *a, const __u64 *want)
{
	const __u64 *w = (const __u64 *)a;

	return w[0] == want[0] && w[1] == want[1] && w[2] == want[2] && w[3] == want[3];
}

/* SHA-256 is uniform: its first half scaled to the number of chains is as good as any hash. */
static __always_inline __u32 head_of(const __u8 *digest)
{
	return (*(volatile __u64 *)digest & 0xffffffff) * store_slots >> 32;
}

static __always_inline __u32 *head_ptr(__u32 i)
{
	__u32 row = i / DIGLIM_LINKS_ROW;
	struct diglim_store_links *l = bpf_map_lookup_elem(&links, &row);

	return l ? &l->head[i % DIGLIM_LINKS_ROW] : NULL;
}

static __always_inline __u32 *next_ptr(__u32 i)
{
	__u32 row = i / DIGLIM_LINKS_ROW;
	struct diglim_store_links *l = bpf_map_lookup_elem(&links, &row);

	return l ? &l->next[i % DIGLIM_LINKS_ROW] : NULL;
}

/* To the first slot of the chain. */
static __always_inline void walk_restart(struct walk *w)
{
	__u32 *head = head_ptr(w->head);

	w->pos = head ? *(volatile __u32 *)head : 0;
}

static __always_inline void walk_start(struct walk *w, const struct store_key *k)
{
	const __u64 *from = (const __u64 *)k->digest;

	for (int i = 0; i < 4; i++)
		w->want[i] = from[i];
	w->head = head_of(k->digest);
	walk_restart(w);
}

static long lookup_step(__u32 i, void *ctx)
{
	struct walk *w = ctx;
	__u32 pos = w->pos - 1, *next = next_ptr(pos), after, attr;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);

	if (!w->pos || !s || !next)
		return 1;
	after = *(volatile __u32 *)next;
	if (head_of(s->digest) != w->head) {
		walk_restart(w);
		return 0;
	}
	if (digest_equal(s->digest, w->want)) {
		attr = *(volatile __u32 *)slot_attr(s);
		if (attr_state(attr) == DIGLIM_SLOT_USED)
			w->found |= attr_found(attr);
	}
	w->pos = after;
	return !after;
}

int store_lookup(const struct store_key *k)
{
	struct walk w = {};

	if (!k)
		return 0;
	walk_start(&w, k);
	if (w.pos)
		bpf_loop(CHAIN_MAX, lookup_step, &w, 0);
	return w.found;
}

static long get_step(__u32 i, void *ctx)
{
	struct walk *w = ctx;
	__u32 pos = w->pos - 1, *next = next_ptr(pos);
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);

	if (!w->pos || !s || !next)
		return 1;
	w->steps = i + 1;
	if (*slot_attr(s) == w->attr && digest_equal(s->digest, w->want)) {
		w->match = w->pos;
		return 1;
	}
	w->pos = *next;
	return !w->pos;
}

/* Returns the number of a free slot + 1, taken from the free list, or 0 if there is none. */
static __always_inline __u32 slot_alloc(struct internal *in, struct diglim_status *st)
{
	__u32 pos = in->slot_free - 1;
	struct diglim_store_slot *s;

	if (st->digests >= store_limit)
		return 0;
	if (!in->slot_free)
		return in->slot_unused < store_slots ? ++in->slot_unused : 0;
	s = bpf_map_lookup_elem(&store, &pos);
	if (!s)
		return 0;
	in->slot_free = s->refs;
	st->tombstones--;
	return pos + 1;
}

static __always_inline int slot_fill(const struct walk *w, struct diglim_status *st)
{
	struct internal *in = internal_get();
	__u32 slot = in ? slot_alloc(in, st) : 0, pos = slot - 1;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);
	__u32 *head = head_ptr(w->head), *next = next_ptr(pos);

	if (!slot || !s || !head || !next)
		return -DIGLIM_E_FULL;
	for (int i = 0; i < 4; i++)
		((volatile __u64 *)s->digest)[i] = w->want[i];
	*(volatile __u32 *)next = *head;
	s->refs = 1;
	__sync_lock_test_and_set(slot_attr(s), w->attr);
	__sync_lock_test_and_set(head, slot);
	st->digests++;
	st->digest_refs++;
	st->denied_keys += attr_is_key(w->attr);
	st->immutable += attr_is_immutable(w->attr);
	if (w->steps > st->longest_probe)
		st->longest_probe = w->steps;
	return pos;
}

int store_get(const struct store_key *k)
{
	struct diglim_status *st = status_get();
	struct diglim_store_slot *s;
	struct walk w = {};
	__u32 pos;

	if (!k || !st)
		return -DIGLIM_E_INTERNAL;
	walk_start(&w, k);
	w.attr = attr_make(k);
	if (w.pos)
		bpf_loop(CHAIN_MAX, get_step, &w, 0);
	if (!w.match)
		/* No chain may become longer than a look-up goes. */
		return w.steps >= CHAIN_MAX ? -DIGLIM_E_FULL : slot_fill(&w, st);
	pos = w.match - 1;
	s = bpf_map_lookup_elem(&store, &pos);
	if (!s || s->refs == 0xffffffff)
		return -DIGLIM_E_INTERNAL;
	s->refs++;
	st->digest_refs++;
	return pos;
}

/* Looks for the link to slot w->match and makes it skip that slot. */
static long unlink_step(__u32 i, void *ctx)
{
	struct walk *w = ctx;
	__u32 *link = i ? next_ptr(w->pos - 1) : head_ptr(w->head);
	__u32 *next = next_ptr(w->match - 1);

	if (!link || !next)
		return 1;
	if (*link == w->match) {
		__sync_lock_test_and_set(link, *next);
		w->found = 1;
		return 1;
	}
	w->pos = *link;
	return !w->pos;
}

static __always_inline int slot_free(struct diglim_store_slot *s, __u32 index,
				     struct diglim_status *st)
{
	struct walk w = {.head = head_of(s->digest), .match = index + 1};
	struct internal *in = internal_get();

	if (!in)
		return -DIGLIM_E_INTERNAL;
	st->denied_keys -= attr_is_key(*slot_attr(s));
	st->immutable -= attr_is_immutable(*slot_attr(s));
	__sync_lock_test_and_set(slot_attr(s), DIGLIM_SLOT_TOMBSTONE << 16);
	bpf_loop(CHAIN_MAX + 1, unlink_step, &w, 0);
	st->digests--;
	if (!w.found)
		return -DIGLIM_E_INTERNAL;
	s->refs = in->slot_free;
	in->slot_free = index + 1;
	st->tombstones++;
	return 0;
}

int store_put(__u32 index)
{
	struct diglim_status *st = status_get();
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &index);

	if (!st || !s || attr_state(*slot_attr(s)) != DIGLIM_SLOT_USED)
		return -DIGLIM_E_INTERNAL;
	s->refs--;
	st->digest_refs--;
	return s->refs ? 0 : slot_free(s, index, st);
}
