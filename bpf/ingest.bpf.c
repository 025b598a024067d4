/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The request channel (abi/request.h): lists go in and out here, and nowhere else.
 *
 *   capability → claim a slot → copy → lock → verify → parse head → walk digests → record → unlock
 *
 * The copy is made without the lock: a caller that parks the kernel on a page of its own
 * (userfaultfd, FUSE) holds its slot only. All or nothing: what a failing list had put in is taken
 * out again.
 */
#include "event.h"
#include "seal.h"
#include "verify.h"
#include "walk.h"

static __always_inline bool caller_may(void)
{
	const struct cred *cred = bpf_get_current_task_btf()->cred;
	__u64 effective;

	/* One __u64 since 6.3, two __u32 before: only the place of the field is relocated. */
	if (cred->user_ns->level ||
	    bpf_core_read(&effective, sizeof(effective), &cred->cap_effective))
		return false;
	return effective & 1ULL << CAP_SYS_ADMIN;
}

/* Moves whenever the answer of the store may have changed; for observers, verdicts ask anew. */
static __always_inline void lists_changed(struct diglim_status *st)
{
	st->last_change_ns = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&st->generation, 1);
}

static __noinline int record_list(struct ingest *g, struct diglim_status *st)
{
	struct diglim_list_record *rec = &g->slot->record;
	long r;

	if (st->lists >= list_limit)
		return -DIGLIM_E_LISTS_FULL;
	__builtin_memcpy(rec->name, g->slot->list.name, sizeof(rec->name));
	rec->loaded_ns = bpf_ktime_get_boot_ns();
	rec->loaded_seq = st->generation + 1;
	rec->format = g->slot->list.format;
	rec->digests = g->digests;
	rec->grants = g->grants;
	rec->chunk = g->chunk;
	rec->payload_len = g->payload.len;
	rec->loader_uid = (__u32)bpf_get_current_uid_gid();
	r = bpf_map_update_elem(&lists, &g->slot->id, rec, BPF_NOEXIST);
	if (r)
		return r == -E2BIG ? -DIGLIM_E_LISTS_FULL : -DIGLIM_E_BUSY;
	st->lists++;
	return 0;
}

static __always_inline int add_locked(struct ingest *g)
{
	struct diglim_status *st = status_get();
	int r;

	if (!st)
		return -DIGLIM_E_INTERNAL;
	r = verify_list(g);
	if (!r)
		r = open_list(g);
	if (!r)
		r = check_trailer(g);
	if (r)
		return r;
	if (bpf_map_lookup_elem(&lists, &g->slot->id))
		return -DIGLIM_E_EXISTS;
	r = walk_list(g);
	if (!r)
		r = record_list(g, st);
	if (r)
		refs_drop(g->chunk);
	if (!r || g->chunk)
		lists_changed(st);
	return r;
}

/* Copies the request's bytes into the slot's buffer. */
static __always_inline int copy_in(struct ingest *g, const struct diglim_request *rq, __u32 key)
{
	__u8 *data = bpf_map_lookup_elem(&ingest_buffers, &key);
	__u32 payload_len = rq->payload_len, sig_len = rq->sig_len;

	if (!data)
		return -DIGLIM_E_INTERNAL;
	asm volatile("" : "+r"(payload_len), "+r"(sig_len));
	if (payload_len > core_buffer_size - DIGLIM_SIG_MAX || sig_len > DIGLIM_SIG_MAX)
		return -DIGLIM_E_TOO_LARGE;
	if (bpf_copy_from_user(data, sig_len, (void *)rq->sig) ||
	    bpf_copy_from_user(data + DIGLIM_SIG_MAX, payload_len, (void *)rq->payload))
		return -EFAULT;
	g->sig = (struct core_view){data, 0, sig_len};
	g->payload = (struct core_view){data, DIGLIM_SIG_MAX, payload_len};
	return 0;
}

static __noinline int report(const struct ingest *g, int r)
{
	struct event_facts f = {
		.type = r ? DIGLIM_EVENT_LIST_REJECTED : DIGLIM_EVENT_LIST_ADDED,
		.hook = DIGLIM_HOOK_INGEST,
		.reason = r ? -r : 0,
		.offset = g->err.off >= DIGLIM_SIG_MAX ? g->err.off - DIGLIM_SIG_MAX : g->err.off,
	};

	event_list(&f, g->slot->list.name);
	return 0;
}

static __always_inline int add_in_slot(struct ingest *g, const struct diglim_request *rq, __u32 key)
{
	struct internal *in = internal_get();
	int r;

	r = copy_in(g, rq, key);
	if (r || !in)
		return r ? r : -DIGLIM_E_INTERNAL;
	if (!writer_lock(in))
		return -DIGLIM_E_BUSY;
	g->slot->list.format = DIGLIM_FORMAT_NONE;
	g->slot->list.name[0] = '\0';
	r = add_locked(g);
	writer_unlock(in);
	if (r != -DIGLIM_E_EXISTS)
		report(g, r);
	return r;
}

static __always_inline int op_add(const struct diglim_request *rq)
{
	struct ingest g = {};
	int slot, r;
	__u32 key;

	if (!rq->sig_len)
		return -DIGLIM_E_NO_SIGNATURE;
	if (rq->sig_len > DIGLIM_SIG_MAX || rq->payload_len > core_buffer_size - DIGLIM_SIG_MAX)
		return -DIGLIM_E_TOO_LARGE;
	slot = slot_claim();
	if (slot < 0)
		return slot;
	key = slot;
	g.slot = bpf_map_lookup_elem(&ingest_slots, &key);
	if (!g.slot)
		return -DIGLIM_E_INTERNAL;
	r = add_in_slot(&g, rq, key);
	slot_release(g.slot);
	return r;
}

static __always_inline void report_removed(const struct diglim_list_record *rec)
{
	struct event_facts f = {
		.type = DIGLIM_EVENT_LIST_REMOVED,
		.hook = DIGLIM_HOOK_INGEST,
	};

	event_list(&f, rec->name);
}

static __noinline int op_remove(const struct diglim_request *rq)
{
	struct internal *in = internal_get();
	struct diglim_status *st = status_get();
	struct diglim_list_record *rec;
	struct list_id id;
	int r = -DIGLIM_E_ABSENT;

	if (!in || !st)
		return -DIGLIM_E_INTERNAL;
	__builtin_memcpy(id.byte, rq->list_id, sizeof(id.byte));
	if (!writer_lock(in))
		return -DIGLIM_E_BUSY;
	rec = bpf_map_lookup_elem(&lists, &id);
	if (rec) {
		__u32 chunk = rec->chunk;

		report_removed(rec);
		/* The record first: one that stayed would point to chunks that others get. */
		r = bpf_map_delete_elem(&lists, &id) ? -DIGLIM_E_BUSY : 0;
		if (!r) {
			refs_drop(chunk);
			st->lists--;
			lists_changed(st);
		}
	}
	writer_unlock(in);
	return r;
}

static __noinline int op_mode(__u32 mode, __u32 window_s)
{
	struct diglim_control *c = control_get();
	struct event_facts f = {
		.type = DIGLIM_EVENT_MODE,
		.hook = DIGLIM_HOOK_INGEST,
		.reason = mode,
		.offset = window_s,
	};

	if (!c)
		return -DIGLIM_E_INTERNAL;
	if (c->flags & DIGLIM_CONTROL_SEALED)
		return -DIGLIM_E_SEALED;
	if (mode > DIGLIM_MODE_ENFORCE)
		return -DIGLIM_E_VALUE;
	if (window_s) {
		c->window_mode = mode;
		c->window_end = bpf_ktime_get_boot_ns() + window_s * 1000000000ULL;
	} else {
		c->mode = mode;
		c->window_end = 0;
	}
	event_list(&f, NULL);
	return 0;
}

static __noinline int op_lookup(const struct diglim_request *rq)
{
	struct store_key k = {};

	__builtin_memcpy(k.digest, rq->digest, sizeof(k.digest));
	return -(int)(DIGLIM_ANSWER + (store_lookup(&k) & DIGLIM_ANSWER_MASK));
}

static __always_inline int dispatch(const struct diglim_request *rq)
{
	if (rq->version != DIGLIM_REQUEST_VERSION)
		return -DIGLIM_E_VERSION;
	switch (rq->op) {
	case DIGLIM_OP_PING:
		return 0;
	case DIGLIM_OP_ADD:
		return op_add(rq);
	case DIGLIM_OP_REMOVE:
		return op_remove(rq);
	case DIGLIM_OP_MODE:
		return op_mode(rq->mode, rq->window_s);
	case DIGLIM_OP_LOOKUP:
		return op_lookup(rq);
	case DIGLIM_OP_SEAL:
		return op_seal(rq->mode, rq->payload);
	}
	return -DIGLIM_E_VERSION;
}

SEC("lsm.s/bpf")
int BPF_PROG(diglim_ingest, int cmd, union bpf_attr *attr, unsigned int size, int ret)
{
	struct diglim_request rq = {};
	int r;

	if (ret)
		return earlier_answer(ret);
	if (cmd != DIGLIM_BPF_CMD)
		return 0;
	if (!caller_may())
		return -EPERM;
	if (size < sizeof(rq) || bpf_probe_read_kernel(&rq, sizeof(rq), attr))
		return -EINVAL;
	r = dispatch(&rq);
	if (!r)
		return -DIGLIM_DONE;
	/* The verifier wants to see the range of a hook's answer. */
	return r < 0 && r > -4096 ? r : -DIGLIM_E_INTERNAL;
}
