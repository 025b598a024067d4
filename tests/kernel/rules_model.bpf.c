// SPDX-License-Identifier: GPL-2.0-only
/* What ingest does with a payload whose signature is good (bpf/take.h), without the signature. */
#include "take.h"
#include "rules_model.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10); /* BPF_F_MMAPABLE */
	__type(key, __u32);
	__type(value, struct rules_work);
} work SEC(".maps");

static __always_inline int add(struct rules_work *w)
{
	__u32 zero = 0, len = w->len;
	__u8 *data = bpf_map_lookup_elem(&ingest_buffers, &zero);
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &zero);

	if (!data || !s)
		return -DIGLIM_E_INTERNAL;
	asm volatile("" : "+r"(len));
	if (len > RULES_PAYLOAD_MAX)
		return -DIGLIM_E_TOO_LARGE;
	bpf_probe_read_kernel(data + DIGLIM_SIG_MAX, len, w->payload);
	ingest_begin(s, len, 0);
	__builtin_memcpy(s->signer.byte, w->signer, sizeof(w->signer));
	__builtin_memcpy(s->record.key_id, w->signer, sizeof(w->signer));
	s->signer.len = w->signer_len;
	s->record.key_id_len = w->signer_len;
	s->restricted = w->restricted;
	s->pkcs7.hash = CORE_HASH_SHA256;
	w->result = take_list(0);
	__builtin_memcpy(w->id, s->id.byte, sizeof(w->id));
	return w->result;
}

static __noinline int remove(struct rules_work *w)
{
	struct list_id id;

	__builtin_memcpy(id.byte, w->id, sizeof(id.byte));
	return list_remove(&id);
}

static __noinline int look_up(struct rules_work *w)
{
	struct store_key k = {};

	__builtin_memcpy(k.digest, w->digest, sizeof(k.digest));
	return store_lookup(&k);
}

SEC("syscall")
int run_rules(void *ctx)
{
	__u32 zero = 0;
	struct rules_work *w = bpf_map_lookup_elem(&work, &zero);
	struct diglim_status *st = status_get();
	struct diglim_control *c = control_get();

	if (!w || !st || !c)
		return 1;
	if (w->op == RULES_ADD)
		w->result = add(w);
	else
		w->result = w->op == RULES_REMOVE ? remove(w) : look_up(w);
	w->status = *st;
	w->control = *c;
	return 0;
}
