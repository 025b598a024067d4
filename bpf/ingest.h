/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request's private place: its bytes are copied here once, before anything looks at them, and
 * nobody else can write to it until the request is done.
 */
#ifndef DIGLIM_BPF_INGEST_H
#define DIGLIM_BPF_INGEST_H

#include "rules.h"
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
	__u32 payload_len;
	__u32 sig_len;
	__u32 chunk;   /* head of the chain of references */
	__u32 digests; /* taken so far */
	__u32 grants;  /* of them: mask of DIGLIM_USE_GRANTS */
	struct core_list list;
	struct diglim_list_record record;
	struct list_id id;
	struct core_pkcs7 pkcs7;
	struct core_signer signer;
	__u32 restricted; /* by a key of the restricted keyring, hence within `limit` */
	struct core_limit limit;
	struct core_evr evr;	 /* RPM: version of the package, */
	struct list_id package;	 /* its name in `versions` */
	struct list_id floor[2]; /* and in `floors`, with and without architecture */
	struct list_id target;	 /* of an order */
	struct core_ver ver;
	/* Here and not on the stack, where the verifier would follow each value. */
	struct core_err err;
	int status;    /* 0 or -enum diglim_error */
	__u32 entries; /* taken so far: digests and rules */
	__u32 keys;    /* of these, keys taken back */
	__u32 acting;  /* control list: second pass */
	struct limit_entry new_limit;
	struct floor_entry new_floor;
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

/*
 * One request on its way. Its parts are global functions that get the number of the slot: the
 * verifier looks at each by itself, once, and follows nothing from one into the next.
 */
struct ingest {
	struct core_view payload;
	struct core_view sig;
	struct ingest_slot *slot;
};

static __always_inline bool ingest_at(struct ingest *g, __u32 slot)
{
	__u8 *data = bpf_map_lookup_elem(&ingest_buffers, &slot);

	g->slot = bpf_map_lookup_elem(&ingest_slots, &slot);
	if (!data || !g->slot)
		return false;
	g->sig = (struct core_view){data, 0, g->slot->sig_len};
	g->payload = (struct core_view){data, DIGLIM_SIG_MAX, g->slot->payload_len};
	return true;
}

/* Before a request's bytes are looked at. */
static __always_inline void ingest_begin(struct ingest_slot *s, __u32 payload_len, __u32 sig_len)
{
	s->payload_len = payload_len;
	s->sig_len = sig_len;
	s->chunk = 0;
	s->digests = 0;
	s->grants = 0;
	s->err = (struct core_err){};
	s->list.format = DIGLIM_FORMAT_NONE;
	s->list.type = DIGLIM_LIST_ALLOW;
	s->list.name[0] = '\0';
}

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
