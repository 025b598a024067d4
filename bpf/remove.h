/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking lists away again. Caller holds internal.lock. */
#ifndef DIGLIM_BPF_REMOVE_H
#define DIGLIM_BPF_REMOVE_H

#include "deny.h"
#include "event.h"
#include "refs.h"
#include "rules.h"
#include "../abi/listfile.h"

/* Moves whenever the answer of the store may have changed; for observers, verdicts ask anew. */
static __always_inline void lists_changed(struct diglim_status *st)
{
	st->last_change_ns = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&st->generation, 1);
}

static __noinline int report_removed(const struct diglim_list_record *rec, const struct list_id *id)
{
	__u8 digest[DIGLIM_DIGEST_SIZE] = {};
	struct event_facts f = {
		.type = DIGLIM_EVENT_LIST_REMOVED,
		.hook = DIGLIM_HOOK_INGEST,
		.has_digest = DIGLIM_DIGEST_CONTENT,
		.digest = digest,
	};

	if (!rec || !id)
		return 0;
	__builtin_memcpy(digest, id->byte, sizeof(id->byte));
	event_list(&f, rec->name);
	return 0;
}

/* With all that came with it. */
__noinline int list_remove(const struct list_id *which)
{
	struct diglim_status *st = status_get();
	struct diglim_list_record *rec;
	struct list_id id;
	__u32 chunk, type;

	if (!which || !st)
		return -DIGLIM_E_INTERNAL;
	id = *which;
	rec = bpf_map_lookup_elem(&lists, &id);
	if (!rec)
		return -DIGLIM_E_ABSENT;
	chunk = rec->chunk;
	type = rec->type;
	report_removed(rec, &id);
	/* The record first: one that stayed would point to chunks that others get. */
	if (bpf_map_delete_elem(&lists, &id))
		return -DIGLIM_E_BUSY;
	if (type == DIGLIM_LIST_LIMITS || type == DIGLIM_LIST_FLOOR)
		rules_drop(&id);
	refs_drop(chunk);
	st->lists--;
	lists_changed(st);
	return 0;
}

/* Lists that are to go, found in one pass over the table and removed after it. */
#define SWEEP_MAX 32

struct sweep {
	struct list_id id[SWEEP_MAX];
	__u32 n;
	__u32 failed;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweep);
} sweeps SEC(".maps");

/* Deny lists stay: what they take away was not put in by whoever has the key now. */
static long sweep_find(void *map, struct list_id *id, struct diglim_list_record *rec,
		       struct sweep **ctx)
{
	struct sweep *s = *ctx;
	__u32 n = s->n;

	if (n >= SWEEP_MAX)
		return 1;
	if (rec->type == DIGLIM_LIST_DENY || !signer_denied(rec))
		return 0;
	s->id[n] = *id;
	s->n = n + 1;
	return 0;
}

static long sweep_remove(__u32 i, void *ctx)
{
	struct sweep *s = *(struct sweep **)ctx;
	__u32 n = i;

	if (n >= SWEEP_MAX || n >= s->n)
		return 1;
	if (list_remove(&s->id[n]))
		s->failed = 1;
	return 0;
}

static long sweep_round(__u32 i, void *ctx)
{
	struct sweep *s = *(struct sweep **)ctx;

	s->n = 0;
	bpf_for_each_map_elem(&lists, sweep_find, &s, 0);
	bpf_loop(SWEEP_MAX, sweep_remove, &s, 0);
	return s->n < SWEEP_MAX || s->failed;
}

/* Removes every list whose signer is denied now. */
static __always_inline int sweep_denied(void)
{
	__u32 zero = 0;
	struct sweep *s = bpf_map_lookup_elem(&sweeps, &zero);

	if (!s)
		return -DIGLIM_E_INTERNAL;
	s->failed = 0;
	bpf_loop(list_limit / SWEEP_MAX + 1, sweep_round, &s, 0);
	return s->failed ? -DIGLIM_E_BUSY : 0;
}

#endif
