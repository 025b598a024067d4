/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The request channel (abi/request.h): lists go in and out here, and nowhere else.
 *
 *   capability → claim a slot → copy → lock → verify → parse head → walk digests → record → unlock
 *
 * The copy never waits for a page: a caller whose memory is answered by himself (userfaultfd, FUSE)
 * would hold a slot for as long as he likes, and four of them all. All or nothing: what a failing
 * list had put in is taken out again.
 */
#include "control.h"
#include "event.h"
#include "remove.h"
#include "seal.h"
#include "take.h"
#include "verify.h"

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

/* Copies the request's bytes into the slot's buffer. */
static __noinline int copy_in(__u32 slot, const struct diglim_request *rq)
{
	__u8 *data = bpf_map_lookup_elem(&ingest_buffers, &slot);
	__u32 payload_len = rq->payload_len, sig_len = rq->sig_len;

	if (!data)
		return -DIGLIM_E_INTERNAL;
	asm volatile("" : "+r"(payload_len), "+r"(sig_len));
	if (payload_len > core_buffer_size - DIGLIM_SIG_MAX || sig_len > DIGLIM_SIG_MAX)
		return -DIGLIM_E_TOO_LARGE;
	if (bpf_probe_read_user(data, sig_len, (void *)rq->sig) ||
	    bpf_probe_read_user(data + DIGLIM_SIG_MAX, payload_len, (void *)rq->payload))
		return -EFAULT;
	return 0;
}

static __noinline int report(struct ingest_slot *s, int r)
{
	__u8 digest[DIGLIM_DIGEST_SIZE] = {};
	struct event_facts f = {
		.type = r ? DIGLIM_EVENT_LIST_REJECTED : DIGLIM_EVENT_LIST_ADDED,
		.hook = DIGLIM_HOOK_INGEST,
		.reason = r ? -r : 0,
		.digest = digest,
	};

	if (!s)
		return 0;
	if (!r) {
		f.has_digest = DIGLIM_DIGEST_CONTENT;
		__builtin_memcpy(digest, s->id.byte, sizeof(s->id.byte));
	}
	f.offset = s->err.off >= DIGLIM_SIG_MAX ? s->err.off - DIGLIM_SIG_MAX : s->err.off;
	if (!r && s->list.type == DIGLIM_LIST_CONTROL) {
		f.type = DIGLIM_EVENT_CONTROL;
		f.offset = (__u32)s->list.tlv.counter;
	}
	event_list(&f, s->list.name);
	return 0;
}

static __always_inline int add_in_slot(struct ingest_slot *s, __u32 slot)
{
	struct internal *in = internal_get();
	int r;

	if (!in)
		return -DIGLIM_E_INTERNAL;
	if (!writer_lock(in))
		return -DIGLIM_E_BUSY;
	r = verify_list(slot);
	if (!r)
		r = take_list(slot);
	writer_unlock(in);
	if (r != -DIGLIM_E_EXISTS)
		report(s, r);
	return r;
}

static __always_inline int op_add(const struct diglim_request *rq)
{
	struct ingest_slot *s;
	int claimed, r;
	__u32 slot;

	if (!rq->sig_len)
		return -DIGLIM_E_NO_SIGNATURE;
	if (rq->sig_len > DIGLIM_SIG_MAX || rq->payload_len > core_buffer_size - DIGLIM_SIG_MAX)
		return -DIGLIM_E_TOO_LARGE;
	claimed = slot_claim();
	if (claimed < 0)
		return claimed;
	slot = claimed;
	s = bpf_map_lookup_elem(&ingest_slots, &slot);
	if (!s)
		return -DIGLIM_E_INTERNAL;
	r = copy_in(slot, rq);
	if (!r) {
		ingest_begin(s, rq->payload_len, rq->sig_len);
		r = add_in_slot(s, slot);
	}
	slot_release(s);
	return r;
}

/* Sealed, what the owner laid down goes by a control list only. */
static __noinline int op_remove(const struct diglim_request *rq)
{
	struct internal *in = internal_get();
	struct diglim_control *c = control_get();
	struct diglim_list_record *rec;
	struct list_id id;
	int r;

	if (!in || !c)
		return -DIGLIM_E_INTERNAL;
	__builtin_memcpy(id.byte, rq->list_id, sizeof(id.byte));
	if (!writer_lock(in))
		return -DIGLIM_E_BUSY;
	rec = bpf_map_lookup_elem(&lists, &id);
	if (rec && rec->type != DIGLIM_LIST_ALLOW && c->flags & DIGLIM_CONTROL_SEALED)
		r = -DIGLIM_E_SEALED;
	else
		r = list_remove(&id);
	writer_unlock(in);
	return r;
}

static __noinline int op_mode(__u32 mode, __u32 window_s)
{
	struct diglim_control *c = control_get();

	if (!c)
		return -DIGLIM_E_INTERNAL;
	return c->flags & DIGLIM_CONTROL_SEALED ? -DIGLIM_E_SEALED : set_mode(mode, window_s);
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
	case DIGLIM_OP_GATE:
		return op_gate(rq->mode, rq->payload, rq->sig);
	}
	return -DIGLIM_E_VERSION;
}

/* What is in force changes: no command to a TPM goes between a change and its record. */
static __always_inline int dispatch_gated(const struct diglim_request *rq)
{
	bool gated = gate_on && (rq->op == DIGLIM_OP_ADD || rq->op == DIGLIM_OP_MODE);
	struct diglim_control *c = control_get();
	bool was_off = c && mode_in_force(c) == DIGLIM_MODE_OFF;
	int r;

	if (gated)
		gate_hold();
	r = dispatch(rq);
	if (gated) {
		if (!r)
			gate_change(!was_off && c && mode_in_force(c) == DIGLIM_MODE_OFF);
		gate_settle();
	}
	return r;
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
	r = dispatch_gated(&rq);
	if (!r)
		return -DIGLIM_DONE;
	/* The verifier wants to see the range of a hook's answer. */
	return r < 0 && r > -4096 ? r : -DIGLIM_E_INTERNAL;
}
