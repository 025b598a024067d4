/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request's private place: its bytes are copied here once, before anything looks at them, and
 * nobody else can write to it until the request is done.
 */
#ifndef DIGLIM_BPF_INGEST_H
#define DIGLIM_BPF_INGEST_H

#include "store.h"
#include "../abi/listfile.h"
#include "../abi/request.h"
#include "../core/list.h"
#include "../core/pkcs7.h"

/* Bytes: signature at 0, payload at DIGLIM_SIG_MAX. lib/engine sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DIGLIM_INGEST_SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, DIGLIM_SIG_MAX);
} ingest_buffers SEC(".maps");

struct ingest_slot {
	__u32 busy;
	__u32 reserved;
	struct core_list list;
	struct diglim_list_record record;
	struct list_id id;
	struct core_pkcs7 pkcs7;
	/* Of walk_step(), whose stack is short. */
	struct core_digest digest;
	struct store_key key;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DIGLIM_INGEST_SLOTS);
	__type(key, __u32);
	__type(value, struct ingest_slot);
} ingest_slots SEC(".maps");

/* One request on its way. Pointers into maps stay on the stack, where the verifier sees them. */
struct ingest {
	struct core_view payload;
	struct core_view sig;
	struct ingest_slot *slot;
	struct core_err err;
	__u32 chunk;   /* head of the chain of references */
	__u32 digests; /* taken so far */
	__u32 grants;  /* of them: mask of DIGLIM_USE_GRANTS */
	int status;    /* 0 or -enum diglim_error */
};

/* Claims a free slot: its number, or -DIGLIM_E_BUSY. */
static __always_inline int slot_claim(void)
{
	for (int i = 0; i < DIGLIM_INGEST_SLOTS; i++) {
		__u32 key = i;
		struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &key);

		if (s && __sync_val_compare_and_swap(&s->busy, 0, 1) == 0)
			return i;
	}
	return -DIGLIM_E_BUSY;
}

static __always_inline void slot_release(struct ingest_slot *s)
{
	__sync_lock_test_and_set(&s->busy, 0);
}

static __always_inline bool writer_lock(struct internal *in)
{
	return __sync_val_compare_and_swap(&in->lock, 0, 1) == 0;
}

static __always_inline void writer_unlock(struct internal *in)
{
	__sync_lock_test_and_set(&in->lock, 0);
}

#endif
