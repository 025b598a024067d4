/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands on their way to a TPM (gate.bpf.c): who got a permission to write, and what is queued.
 */
#ifndef DIGLIM_BPF_TICKETS_H
#define DIGLIM_BPF_TICKETS_H

#include "maps.h"

struct ticket_key {
	__u64 id; /* thread, or what the driver keeps for an open device */
	__u64 queued;
};

struct ticket {
	__u64 since; /* CLOCK_BOOTTIME */
	__u64 forgiven;
};

struct tickets_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DIGLIM_GATE_WRITERS);
	__type(key, struct ticket_key);
	__type(value, struct ticket);
};
DIGLIM_MAP struct tickets_map tickets SEC(".maps");

struct tickets_walk {
	__u64 now;
	__u32 in_flight;
	__u32 parked;
	__u32 forgive;
};

/*
 * Is the command of this open device still to be executed? The worker takes the lock before it
 * clears the mark, so the mark is looked at first.
 */
static __always_inline bool is_queued(__u64 id)
{
	struct file_priv *priv = (struct file_priv *)id;

	if (!bpf_core_field_exists(priv->buffer_mutex.owner))
		return true;
	if (BPF_CORE_READ(priv, command_enqueued))
		return true;
	return BPF_CORE_READ(priv, buffer_mutex.owner.counter);
}

static long ticket_step(struct bpf_map *map, struct ticket_key *key, struct ticket *t, void *ctx)
{
	struct tickets_walk *w = ctx;

	if (t->forgiven)
		return 0;
	if (key->queued && !is_queued(key->id)) {
		bpf_map_delete_elem(&tickets, key);
		return 0;
	}
	w->in_flight++;
	if (w->now - t->since < DIGLIM_GATE_PATIENCE_NS)
		return 0;
	w->parked++;
	if (w->forgive)
		t->forgiven = 1;
	return 0;
}

/* Looks at all tickets, and takes away those whose commands are done. */
static __always_inline void tickets_look(struct tickets_walk *w)
{
	w->now = bpf_ktime_get_boot_ns();
	bpf_for_each_map_elem(&tickets, ticket_step, w, 0);
}

#endif
