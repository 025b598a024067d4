/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the digest store, linked from the sources of bpf/, one operation at a time. */
#include "refs.h"
#include "store_model.h"

#define MALFORMED (-DIGLIM_E_TRUNCATED)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10); /* BPF_F_MMAPABLE */
	__type(key, __u32);
	__type(value, struct store_work);
} work SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10);
	__type(key, __u32);
	__type(value, struct store_read);
} reads SEC(".maps");

struct add {
	struct store_work *w;
	struct internal *in;
	__u32 head;
	int status;
};

static __always_inline void key_from(struct store_key *k, const struct store_digest *d)
{
	__builtin_memcpy(k->digest, d->digest, DIGLIM_DIGEST_SIZE);
	k->use = d->use;
	k->source = d->source;
}

/* In the order of walk_step() in bpf/walk.h. */
static long add_step(__u32 i, void *ctx)
{
	struct add *a = ctx;
	struct store_key k = {};
	int slot;

	if (i >= a->w->count || i >= STORE_LIST_MAX)
		return 1;
	if (i == a->w->fail) {
		a->status = MALFORMED;
		return 1;
	}
	key_from(&k, &a->w->digest[i]);
	slot = store_get(&k);
	if (slot < 0) {
		a->status = slot;
		return 1;
	}
	a->status = refs_append(a->in, &a->head, slot);
	if (a->status) {
		store_put(slot);
		return 1;
	}
	return 0;
}

static __noinline int list_add(struct store_work *w)
{
	struct internal *in = internal_get();
	struct add a = {.w = w, .in = in};

	if (!in || !w)
		return -DIGLIM_E_INTERNAL;
	bpf_loop(STORE_LIST_MAX, add_step, &a, 0);
	if (a.status)
		refs_drop(a.head);
	else
		w->head = a.head;
	return a.status;
}

static __always_inline int operate(struct store_work *w)
{
	struct store_key k = {};

	key_from(&k, &w->digest[0]);
	switch (w->op) {
	case STORE_LOOKUP:
		return store_lookup(&k);
	case STORE_GET:
		return store_get(&k);
	case STORE_PUT:
		return store_put(w->head);
	case STORE_LIST_ADD:
		return list_add(w);
	case STORE_LIST_DROP:
		refs_drop(w->head);
		return 0;
	}
	return -DIGLIM_E_INTERNAL;
}

SEC("syscall")
int run_write(void *ctx)
{
	__u32 zero = 0;
	struct store_work *w = bpf_map_lookup_elem(&work, &zero);
	struct internal *in = internal_get();
	struct diglim_status *st = status_get();

	if (!w || !in || !st)
		return 1;
	w->result = operate(w);
	w->chunk_free = in->chunk_free;
	w->chunk_unused = in->chunk_unused;
	w->slot_free = in->slot_free;
	w->slot_unused = in->slot_unused;
	w->status = *st;
	return 0;
}

static long read_step(__u32 i, void *ctx)
{
	struct store_read *r = *(struct store_read **)ctx;
	struct store_key k = {};
	__u32 n = i % STORE_READ_MAX;

	if (n >= r->count)
		return 0;
	key_from(&k, &r->digest[n]);
	if ((store_lookup(&k) & (DIGLIM_USE_ALL | DIGLIM_USE_PROPERTIES)) != (int)r->digest[n].use)
		r->wrong++;
	return 0;
}

SEC("syscall")
int run_read(void *ctx)
{
	__u32 zero = 0;
	struct store_read *r = bpf_map_lookup_elem(&reads, &zero);

	if (!r)
		return 1;
	bpf_loop(r->rounds * STORE_READ_MAX, read_step, &r, 0);
	return 0;
}
