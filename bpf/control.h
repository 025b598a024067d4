/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control lists: the owner's way into a sealed machine. One is obeyed if it names this attachment
 * and a counter above that of the last one obeyed, all of it or nothing, and is not kept.
 */
#ifndef DIGLIM_BPF_CONTROL_H
#define DIGLIM_BPF_CONTROL_H

#include "ingest.h"
#include "remove.h"
#include "walk.h"

static __noinline int set_mode(__u32 mode, __u32 window_s)
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

/* Does the list name this attachment, and is it newer than the last one? */
static __noinline int control_fresh(struct ingest *g, const struct diglim_status *st)
{
	const struct core_tlv *t = &g->slot->list.tlv;
	const __u8 *boot = core_at(&g->payload, t->boot_off, DIGLIM_BOOT_SIZE);
	__u8 diff = 0;

	g->slot->err.off = DIGLIM_SIG_MAX + t->boot_off;
	if (!boot)
		return -DIGLIM_E_INTERNAL;
	for (int i = 0; i < DIGLIM_BOOT_SIZE; i++)
		diff |= boot[i] ^ st->boot[i];
	return diff || t->counter <= st->control_counter ? -DIGLIM_E_REPLAY : 0;
}

/* The protection of the guard ends here. Maps stay frozen and keyrings closed until the detach. */
static __noinline int control_unseal(void)
{
	struct diglim_control *c = control_get();
	struct event_facts f = {
		.type = DIGLIM_EVENT_SEAL,
		.hook = DIGLIM_HOOK_INGEST,
	};

	if (!c)
		return -DIGLIM_E_INTERNAL;
	if (!(c->flags & DIGLIM_CONTROL_SEALED))
		return 0;
	__sync_fetch_and_or(&c->flags, DIGLIM_CONTROL_UNSEALED);
	__sync_fetch_and_and(&c->flags, ~DIGLIM_CONTROL_SEALED);
	event_list(&f, NULL);
	return 0;
}

static __always_inline int control_act(struct ingest_slot *s)
{
	struct core_rule *r = &s->list.tlv.rule;

	if (r->has & CORE_RULE_UNSEAL)
		return control_unseal();
	if (r->has & CORE_RULE_MODE)
		return set_mode(r->mode, r->window_s);
	return list_remove(&s->target);
}

/* One order: looked at in the first pass, carried out in the second. */
static __always_inline int control_order(struct ingest_slot *s)
{
	struct core_rule *r = &s->list.tlv.rule;

	__builtin_memcpy(s->target.byte, r->list, sizeof(s->target.byte));
	s->entries++;
	if (s->acting) {
		/* A list that went by an order before this one is no failure. */
		control_act(s);
		return 0;
	}
	if (!(r->has & CORE_RULE_REMOVE) || bpf_map_lookup_elem(&lists, &s->target))
		return 0;
	s->err.off = r->off;
	return -DIGLIM_E_ABSENT;
}

static long control_step(__u32 i, void *ctx)
{
	__u32 slot = *(__u32 *)ctx;
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);
	int r = next_entry(slot);

	if (!s)
		return 1;
	if (r != 3) {
		s->status = r ? -(int)s->err.code : 0;
		return 1;
	}
	r = control_order(s);
	if (r) {
		s->status = r;
		return 1;
	}
	return 0;
}

static __always_inline int control_pass(__u32 slot, struct ingest_slot *s)
{
	s->status = -DIGLIM_E_COUNT;
	s->entries = 0;
	bpf_loop(DIGLIM_ORDERS_MAX + 1, control_step, &slot, 0);
	return s->status;
}

__noinline int control_obey(__u32 slot)
{
	struct diglim_status *st = status_get();
	struct ingest g;
	struct core_tlv *t;
	__u32 first;
	int r;

	if (!st || !ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	t = &g.slot->list.tlv;
	first = t->pos;
	g.slot->acting = 0;
	r = control_fresh(&g, st);
	if (!r)
		r = control_pass(slot, g.slot);
	if (!r && !g.slot->entries)
		r = -DIGLIM_E_EMPTY;
	if (r)
		return r;
	/* Before anything is done: whatever happens, it is not obeyed twice. */
	st->control_counter = t->counter;
	t->pos = first;
	t->next = 0;
	g.slot->acting = 1;
	return control_pass(slot, g.slot);
}

#endif
