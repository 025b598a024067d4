/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The digest store: open addressing with linear probing in an array map, 40 bytes a slot (a BPF hash
 * map takes about 109 for the same).
 *
 * A slot never moves, so that lists can refer to it by number. A freed one becomes a tombstone, and
 * tombstones in front of an empty slot become empty again. Readers run beside a writer: it sets the
 * state last when it fills a slot and first when it frees one. A reader that meets a slot half-way
 * may compare a mixture of two digests, which matches nothing that anybody can find a preimage of.
 */
#include "store.h"

/* A probe longer than this does not happen below the load that store_limit allows. */
#define PROBE_MAX 4096

struct probe {
	__u64 want[4];
	__u32 pos;
	__u32 found; /* store_lookup: uses */
	__u32 attr;  /* what a slot must carry to be the same */
	__u32 free;  /* store_get: first free slot, index + 1 */
	__u32 match; /* store_get: slot that is the same, index + 1 */
	__u32 empty; /* the probe ended at an empty slot */
	__u32 steps;
};

/* use, source and state as the one word that writers set atomically. */
static __always_inline __u32 *slot_attr(struct diglim_store_slot *s)
{
	return (__u32 *)&s->use;
}

static __always_inline __u32 attr_make(__u32 use, __u32 source, __u32 state)
{
	return (use & 0xff) | (source & 0xff) << 8 | state << 16;
}

static __always_inline __u32 attr_state(__u32 attr)
{
	return attr >> 16 & 0xff;
}

static __always_inline bool digest_equal(const __u8 *a, const __u64 *want)
{
	const __u64 *w = (const __u64 *)a;

	return w[0] == want[0] && w[1] == want[1] && w[2] == want[2] && w[3] == want[3];
}

/* SHA-256 is uniform: its first half scaled to the number of slots is as good as any hash. */
static __always_inline void probe_start(struct probe *p, const struct store_key *k)
{
	const __u64 *w = (const __u64 *)k->digest;

	for (int i = 0; i < 4; i++)
		p->want[i] = w[i];
	p->pos = (w[0] & 0xffffffff) * store_slots >> 32;
}

static __always_inline void probe_next(struct probe *p)
{
	p->pos++;
	if (p->pos >= store_slots)
		p->pos = 0;
}

static long lookup_step(__u32 i, void *ctx)
{
	struct probe *p = ctx;
	__u32 pos = p->pos, attr;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);

	if (!s)
		return 1;
	attr = *(volatile __u32 *)slot_attr(s);
	if (attr_state(attr) == DIGLIM_SLOT_EMPTY)
		return 1;
	if (attr_state(attr) == DIGLIM_SLOT_USED && digest_equal(s->digest, p->want))
		p->found |= attr & 0xff;
	probe_next(p);
	return 0;
}

int store_lookup(const struct store_key *k)
{
	struct probe p = {};

	if (!k)
		return 0;
	probe_start(&p, k);
	bpf_loop(PROBE_MAX, lookup_step, &p, 0);
	return p.found;
}

static long get_step(__u32 i, void *ctx)
{
	struct probe *p = ctx;
	__u32 pos = p->pos, state;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);

	if (!s)
		return 1;
	p->steps = i;
	state = attr_state(*slot_attr(s));
	if (state == DIGLIM_SLOT_USED) {
		if (*slot_attr(s) == p->attr && digest_equal(s->digest, p->want)) {
			p->match = pos + 1;
			return 1;
		}
	} else if (!p->free) {
		p->free = pos + 1;
	}
	if (state == DIGLIM_SLOT_EMPTY) {
		p->empty = 1;
		return 1;
	}
	probe_next(p);
	return 0;
}

static __always_inline int slot_fill(struct probe *p, struct diglim_status *st)
{
	__u32 pos = p->free - 1;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);
	__u64 *w;

	if (!s || st->digests >= store_limit)
		return -DIGLIM_E_FULL;
	if (attr_state(*slot_attr(s)) == DIGLIM_SLOT_TOMBSTONE)
		st->tombstones--;
	else if (st->digests + st->tombstones >= (__u64)store_slots * 15 / 16)
		return -DIGLIM_E_FULL; /* keep empty slots, where probes end */
	w = (__u64 *)s->digest;
	for (int i = 0; i < 4; i++)
		w[i] = p->want[i];
	s->refs = 1;
	__sync_lock_test_and_set(slot_attr(s), p->attr);
	st->digests++;
	st->digest_refs++;
	if (p->steps > st->longest_probe)
		st->longest_probe = p->steps;
	return pos;
}

int store_get(const struct store_key *k)
{
	struct diglim_status *st = status_get();
	struct diglim_store_slot *s;
	struct probe p = {};
	__u32 pos;

	if (!k || !st)
		return -DIGLIM_E_INTERNAL;
	probe_start(&p, k);
	p.attr = attr_make(k->use, k->source, DIGLIM_SLOT_USED);
	bpf_loop(PROBE_MAX, get_step, &p, 0);
	if (!p.match) {
		/* Without an end in sight the digest might stand further on. */
		if (!p.empty || !p.free)
			return -DIGLIM_E_FULL;
		return slot_fill(&p, st);
	}
	pos = p.match - 1;
	s = bpf_map_lookup_elem(&store, &pos);
	if (!s || s->refs == 0xffffffff)
		return -DIGLIM_E_INTERNAL;
	s->refs++;
	st->digest_refs++;
	return pos;
}

/* Going backwards from a slot whose successor is empty: tombstones are of no use there. */
static long sweep_step(__u32 i, void *ctx)
{
	struct probe *p = ctx;
	__u32 pos = p->pos;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &pos);

	if (!s || attr_state(*slot_attr(s)) != DIGLIM_SLOT_TOMBSTONE)
		return 1;
	__sync_lock_test_and_set(slot_attr(s), attr_make(0, 0, DIGLIM_SLOT_EMPTY));
	p->steps++;
	p->pos = pos ? pos - 1 : store_slots - 1;
	return 0;
}

static __always_inline void sweep(__u32 index, struct diglim_status *st)
{
	__u32 next = index + 1 >= store_slots ? 0 : index + 1;
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &next);
	struct probe p = { .pos = index };

	if (!s || attr_state(*slot_attr(s)) != DIGLIM_SLOT_EMPTY)
		return;
	bpf_loop(PROBE_MAX, sweep_step, &p, 0);
	st->tombstones -= p.steps;
}

int store_put(__u32 index)
{
	struct diglim_status *st = status_get();
	struct diglim_store_slot *s = bpf_map_lookup_elem(&store, &index);

	if (!st || !s || !s->refs)
		return -DIGLIM_E_INTERNAL;
	s->refs--;
	st->digest_refs--;
	if (s->refs)
		return 0;
	__sync_lock_test_and_set(slot_attr(s), attr_make(0, 0, DIGLIM_SLOT_TOMBSTONE));
	st->digests--;
	st->tombstones++;
	sweep(index, st);
	return 0;
}
