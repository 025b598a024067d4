/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What owner's lists lay down besides digests: limits of keys and lowest versions, each in a table
 * that names the list it came from, so that it goes with that list. Caller holds internal.lock.
 */
#ifndef DIGLIM_BPF_RULES_H
#define DIGLIM_BPF_RULES_H

#include "maps.h"
#include "../core/evr.h"
#include "../core/limit.h"

struct limit_entry {
	struct list_id list;
	struct core_limit limit;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DIGLIM_LIMITS_MAX);
	__type(key, struct core_signer);
	__type(value, struct limit_entry);
} limits SEC(".maps");

struct floor_entry {
	struct list_id list;
	__u32 lower; /* holds although a newer version was seen */
	struct core_evr evr;
};

/* By core_pkgid() without a signer. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DIGLIM_FLOORS_MAX);
	__type(key, struct list_id);
	__type(value, struct floor_entry);
} floors SEC(".maps");

/* The newest version seen, by core_pkgid() of signer, name and architecture. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct list_id);
	__type(value, struct core_evr);
} versions SEC(".maps");

static __always_inline bool same_list(const struct list_id *a, const struct list_id *b)
{
	const __u64 *x = (const __u64 *)a->byte, *y = (const __u64 *)b->byte;

	return x[0] == y[0] && x[1] == y[1];
}

struct rules_drop {
	struct list_id list;
	__u32 limits;
	__u32 floors;
};

static long rules_drop_limit(void *map, struct core_signer *key, struct limit_entry *l,
			     struct rules_drop *d)
{
	if (same_list(&l->list, &d->list) && !bpf_map_delete_elem(&limits, key))
		d->limits++;
	return 0;
}

static long rules_drop_floor(void *map, struct list_id *key, struct floor_entry *f,
			     struct rules_drop *d)
{
	if (same_list(&f->list, &d->list) && !bpf_map_delete_elem(&floors, key))
		d->floors++;
	return 0;
}

/* Takes away what the list @id laid down. */
static __noinline int rules_drop(const struct list_id *id)
{
	struct diglim_status *st = status_get();
	struct rules_drop d = {};

	if (!st || !id)
		return 0;
	d.list = *id;
	bpf_for_each_map_elem(&limits, rules_drop_limit, &d, 0);
	bpf_for_each_map_elem(&floors, rules_drop_floor, &d, 0);
	st->limits -= d.limits;
	st->floors -= d.floors;
	return 0;
}

/* A key has one limit, a package one lowest version: whoever wants another removes the first. */
static __always_inline int rules_error(long answer)
{
	int r = map_answer(answer);

	if (r == -EEXIST)
		return -DIGLIM_E_DUPLICATE;
	if (r == -E2BIG)
		return -DIGLIM_E_RULES_FULL;
	return r ? -DIGLIM_E_BUSY : 0;
}

#endif
