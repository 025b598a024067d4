/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsing, insertion and look-up as ingest and the hooks do them (bpf/walk.h, bpf/store.bpf.c, the
 * very objects), beside the same into BPF hash maps. Time is taken inside, so that calls from user
 * space do not count.
 */
#include "../bpf/walk.h"
#include "ingest.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10); /* BPF_F_MMAPABLE */
	__type(key, __u32);
	__type(value, struct bench_job);
} job SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10);
	__type(key, __u32);
	__type(value, struct bench_query);
} queries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct bench_query);
	__type(value, struct bench_entry);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 0); /* BPF_F_NO_PREALLOC */
	__type(key, struct bench_query);
	__type(value, struct bench_entry);
} hash_dyn SEC(".maps");

static __always_inline struct bench_job *job_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&job, &zero);
}

/* The payload lies in the first ingest buffer, as after a request's copying. */
static __always_inline bool ingest_start(struct ingest *g, const struct bench_job *j)
{
	__u32 zero = 0;
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &zero);

	if (!s)
		return false;
	ingest_begin(s, j->payload_len, 0);
	s->restricted = 0;
	s->status = 0;
	return ingest_at(g, 0);
}

static __always_inline void ingest_end(const struct ingest *g, struct bench_job *j, __u64 start)
{
	j->ns = bpf_ktime_get_ns() - start;
	j->status = g->slot->status;
	j->found = g->slot->digests;
	j->chunk = g->slot->chunk;
}

static __always_inline int next_digest(struct ingest *g)
{
	int r = core_list_next(&g->payload, &g->slot->list, &g->slot->digest, &g->slot->err);

	if (r == 1)
		g->slot->digests++;
	else if (r != 2)
		g->slot->status = r ? -(int)g->slot->err.code : 0;
	return r;
}

static long nowhere_step(__u32 i, void *ctx)
{
	int r = next_digest(ctx);

	return r != 1 && r != 2;
}

static __always_inline int hash_put(void *map, struct ingest *g)
{
	struct bench_entry *e = bpf_map_lookup_elem(map, g->slot->digest.value);
	struct bench_entry fresh = {.refs = 1, .use = g->slot->digest.use};

	if (!e)
		return bpf_map_update_elem(map, g->slot->digest.value, &fresh, BPF_NOEXIST);
	e->refs++;
	return 0;
}

static long hash_step(__u32 i, void *ctx)
{
	struct ingest *g = ctx;
	int r = next_digest(g);

	if (r == 1 && hash_put(&hash, g))
		g->slot->status = -DIGLIM_E_FULL;
	return (r != 1 && r != 2) || g->slot->status == -DIGLIM_E_FULL;
}

static long hash_dyn_step(__u32 i, void *ctx)
{
	struct ingest *g = ctx;
	int r = next_digest(g);

	if (r == 1 && hash_put(&hash_dyn, g))
		g->slot->status = -DIGLIM_E_FULL;
	return (r != 1 && r != 2) || g->slot->status == -DIGLIM_E_FULL;
}

#define LOAD_PROGRAM(name, walk)                                                                   \
	SEC("syscall")                                                                             \
	int name(void *ctx)                                                                        \
	{                                                                                          \
		struct bench_job *j = job_get();                                                   \
		struct ingest g = {};                                                              \
		__u64 start;                                                                       \
                                                                                                   \
		if (!j || !ingest_start(&g, j))                                                    \
			return 1;                                                                  \
		start = bpf_ktime_get_ns();                                                        \
		g.slot->status = open_list(0);                                                     \
		if (!g.slot->status)                                                               \
			walk;                                                                      \
		ingest_end(&g, j, start);                                                          \
		return 0;                                                                          \
	}

LOAD_PROGRAM(load_nowhere, bpf_loop(g.slot->list.steps + 1, nowhere_step, &g, 0))
LOAD_PROGRAM(load_store, walk_list(0))
LOAD_PROGRAM(load_hash, bpf_loop(g.slot->list.steps + 1, hash_step, &g, 0))
LOAD_PROGRAM(load_hash_dyn, bpf_loop(g.slot->list.steps + 1, hash_dyn_step, &g, 0))

/* Removing is done list by list; a hash map would need the list again. */
SEC("syscall")
int drop_store(void *ctx)
{
	struct bench_job *j = job_get();
	__u64 start;

	if (!j)
		return 1;
	start = bpf_ktime_get_ns();
	refs_drop(j->chunk);
	j->ns = bpf_ktime_get_ns() - start;
	return 0;
}

struct search {
	__u32 at;
	__u32 found;
};

static __always_inline struct bench_query *search_next(struct search *s)
{
	__u32 at = s->at++;

	return bpf_map_lookup_elem(&queries, &at);
}

/* As store_uses() in bpf/verdict.h; the copying of the digest is part of all four. */
static long find_nowhere(__u32 i, void *ctx)
{
	struct search *s = ctx;
	struct bench_query *q = search_next(s);
	struct store_key k = {};

	if (!q)
		return 1;
	__builtin_memcpy(k.digest, q->digest, DIGLIM_DIGEST_SIZE);
	asm volatile("" : : "r"(&k) : "memory");
	return 0;
}

static long find_store(__u32 i, void *ctx)
{
	struct search *s = ctx;
	struct bench_query *q = search_next(s);
	struct store_key k = {};

	if (!q)
		return 1;
	__builtin_memcpy(k.digest, q->digest, DIGLIM_DIGEST_SIZE);
	s->found += !!store_lookup(&k);
	return 0;
}

static long find_hash(__u32 i, void *ctx)
{
	struct search *s = ctx;
	struct bench_query *q = search_next(s);
	struct store_key k = {};

	if (!q)
		return 1;
	__builtin_memcpy(k.digest, q->digest, DIGLIM_DIGEST_SIZE);
	s->found += !!bpf_map_lookup_elem(&hash, k.digest);
	return 0;
}

static long find_hash_dyn(__u32 i, void *ctx)
{
	struct search *s = ctx;
	struct bench_query *q = search_next(s);
	struct store_key k = {};

	if (!q)
		return 1;
	__builtin_memcpy(k.digest, q->digest, DIGLIM_DIGEST_SIZE);
	s->found += !!bpf_map_lookup_elem(&hash_dyn, k.digest);
	return 0;
}

#define FIND_PROGRAM(name, step)                                                                   \
	SEC("syscall")                                                                             \
	int name(void *ctx)                                                                        \
	{                                                                                          \
		struct bench_job *j = job_get();                                                   \
		struct search s = {};                                                              \
		__u64 start;                                                                       \
                                                                                                   \
		if (!j)                                                                            \
			return 1;                                                                  \
		s.at = j->first;                                                                   \
		start = bpf_ktime_get_ns();                                                        \
		bpf_loop(j->count, step, &s, 0);                                                   \
		j->ns = bpf_ktime_get_ns() - start;                                                \
		j->found = s.found;                                                                \
		return 0;                                                                          \
	}

FIND_PROGRAM(search_nowhere, find_nowhere)
FIND_PROGRAM(search_store, find_store)
FIND_PROGRAM(search_hash, find_hash)
FIND_PROGRAM(search_hash_dyn, find_hash_dyn)
