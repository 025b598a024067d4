/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is read through the pins below /sys/fs/bpf/diglim/read (abi/read.h). lib/engine attaches
 * each program to the map of its name:
 *
 *   diglim_read_state   status, which has one element: one record about everything but lists
 *   diglim_read_lists   lists
 *   diglim_read_events  events
 *
 * A record that no longer fits into the kernel's buffer is taken back by the kernel and written
 * again for the next read(2), so that the programs must not care how much room is left.
 */
#include "gate.h"
#include "tickets.h"
#include "../abi/read.h"

/* Written piece by piece: nothing may lie between the pieces. */
_Static_assert(sizeof(struct diglim_read_state) ==
		       sizeof(struct diglim_read_head) + sizeof(struct diglim_control) +
			       sizeof(struct diglim_status) + sizeof(struct diglim_limits) +
			       sizeof(struct diglim_gate) +
			       DIGLIM_HOOK_MAX * sizeof(struct diglim_counters),
	       "holes in struct diglim_read_state");
_Static_assert(sizeof(struct diglim_read_list) == sizeof(struct diglim_read_head) +
							  DIGLIM_LIST_ID_SIZE +
							  sizeof(struct diglim_list_record),
	       "holes in struct diglim_read_list");

static __always_inline struct diglim_read_head head_of_record(__u32 kind, __u32 size)
{
	return (struct diglim_read_head){
		.kind = kind, .version = DIGLIM_READ_VERSION, .size = size};
}

static long add_cpu(__u32 cpu, void *ctx)
{
	struct {
		struct diglim_counters sum;
		__u32 hook;
	} *a = ctx;
	struct diglim_counters *c = bpf_map_lookup_percpu_elem(&counters, &a->hook, cpu);

	if (!c)
		return 1;
	for (int i = 0; i < DIGLIM_COUNT_MAX; i++)
		a->sum.count[i] += c->count[i];
	a->sum.selftest_refused += c->selftest_refused;
	a->sum.events_lost += c->events_lost;
	return 0;
}

/* The kernel's own iterator would write the counters of every CPU, which may be hundreds. */
static __noinline int write_counters(struct seq_file *seq, __u32 hook)
{
	struct {
		struct diglim_counters sum;
		__u32 hook;
	} a = {.hook = hook};

	bpf_loop(cpus, add_cpu, &a, 0);
	bpf_seq_write(seq, &a.sum, sizeof(a.sum));
	return 0;
}

static __always_inline __u64 gate_number(__u64 *at)
{
	return __sync_fetch_and_add(at, 0);
}

/* In this order: of uses that were counted while nobody decides, the events have their numbers. */
static __noinline int gate_look(struct diglim_gate *ret)
{
	struct diglim_gate *g = gate_get();
	struct tickets_walk w = {};

	if (!g || !ret)
		return 0;
	ret->uses = gate_number(&g->uses);
	ret->deciding = gate_number(&g->deciding);
	ret->recorded = g->recorded;
	ret->seen = g->seen;
	ret->writes = g->writes;
	ret->keeper = g->keeper;
	ret->armed = g->armed;
	if (gate_on)
		tickets_look(&w);
	ret->in_flight = w.in_flight;
	ret->parked = w.parked;
	return 0;
}

SEC("iter/bpf_map_elem")
int diglim_read_state(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct diglim_read_head h =
		head_of_record(DIGLIM_READ_STATE, sizeof(struct diglim_read_state));
	struct diglim_limits limits = {
		.store_slots = store_slots,
		.store_limit = store_limit,
		.lists = list_limit,
		.ingest_buffer = core_buffer_size,
		.events = event_slots,
		.paths = path_slots,
	};
	struct diglim_control *c = control_get();
	struct diglim_status *st = status_get();
	struct diglim_gate g = {};

	/* At the end of the map the program runs once more, without an element. */
	if (!ctx->value || !c || !st)
		return 0;
	gate_look(&g);
	bpf_seq_write(seq, &h, sizeof(h));
	bpf_seq_write(seq, c, sizeof(*c));
	bpf_seq_write(seq, st, sizeof(*st));
	bpf_seq_write(seq, &limits, sizeof(limits));
	bpf_seq_write(seq, &g, sizeof(g));
	for (__u32 hook = 0; hook < DIGLIM_HOOK_MAX; hook++)
		write_counters(seq, hook);
	return 0;
}

SEC("iter/bpf_map_elem")
int diglim_read_lists(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct diglim_read_head h =
		head_of_record(DIGLIM_READ_LIST, sizeof(struct diglim_read_list));
	/* Loaded once: the verifier forgets that another load was compared with NULL. */
	const void *id = ctx->key, *record = ctx->value;

	if (!id || !record)
		return 0;
	bpf_seq_write(seq, &h, sizeof(h));
	bpf_seq_write(seq, id, DIGLIM_LIST_ID_SIZE);
	bpf_seq_write(seq, record, sizeof(struct diglim_list_record));
	return 0;
}

/* A number with a barrier on both sides: bytes are copied after the first, before the second. */
static __always_inline __u64 number_of(__u64 *seq)
{
	return __sync_fetch_and_add(seq, 0);
}

/* Bytes of the path that are there: less than what the event says if the path is gone. */
static __always_inline __u32 path_bytes(struct diglim_event_slot *s, struct diglim_path_slot *p,
					__u64 number)
{
	__u32 len = *(volatile __u32 *)&slot_event(s)->path_len;

	if (!p)
		return len <= DIGLIM_PATH_SHORT ? len : 0;
	if (number_of(&p->seq) != number)
		return 0;
	return len <= DIGLIM_PATH_LONG ? len : 0;
}

static __always_inline void write_path(struct seq_file *seq, struct diglim_event_slot *s,
				       struct diglim_path_slot *p, __u32 len)
{
	asm volatile("" : "+r"(len));
	if (p && len <= DIGLIM_PATH_LONG)
		bpf_seq_write(seq, p->text, len);
	else if (!p && len <= DIGLIM_PATH_SHORT)
		bpf_seq_write(seq, slot_event(s)->path, len);
}

/* Writers do not wait for us: what was overwritten meanwhile shows in the numbers at the end. */
static __noinline int write_event(struct seq_file *seq, struct diglim_event_slot *s, __u64 number)
{
	__u32 at = *(volatile __u32 *)&s->path, i = at - 1, len;
	struct diglim_path_slot *p = at ? bpf_map_lookup_elem(&paths, &i) : NULL;
	struct diglim_read_head h = head_of_record(DIGLIM_READ_EVENT, 0);
	struct diglim_read_tail t = {};

	if (at && !p)
		return 0;
	len = path_bytes(s, p, number);
	h.number = number;
	h.size = sizeof(h) + sizeof(struct diglim_event) + len + sizeof(t);
	bpf_seq_write(seq, &h, sizeof(h));
	bpf_seq_write(seq, s->event, sizeof(struct diglim_event));
	write_path(seq, s, p, len);
	t.path_number = p ? number_of(&p->seq) : number;
	t.number = number_of(&s->seq);
	bpf_seq_write(seq, &t, sizeof(t));
	return 0;
}

SEC("iter/bpf_map_elem")
int diglim_read_events(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	const __u32 *key = ctx->key;
	struct diglim_event_slot *s;
	__u64 number;
	__u32 i;

	if (!key)
		return 0;
	i = *key;
	s = bpf_map_lookup_elem(&events, &i);
	if (!s)
		return 0;
	number = number_of(&s->seq);
	return number ? write_event(seq, s, number) : 0;
}
