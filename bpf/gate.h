/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM gate, for the hooks that it hangs on: an unknown file is not used while a command is on
 * its way to a TPM, and no command is sent while the record of an unknown file is missing.
 *
 * Either side announces itself before it looks for the other, with a barrier between, so that one
 * of the two sees the other: a use by `deciding`, a command by its ticket.
 */
#ifndef DIGLIM_BPF_GATE_H
#define DIGLIM_BPF_GATE_H

#include "maps.h"

struct gate_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_gate);
};
DIGLIM_MAP struct gate_map gate SEC(".maps");

/* Set by lib/engine before loading. */
extern const volatile __u32 gate_on;	 /* [attest] gate */
extern const volatile __u32 gate_region; /* major number of the driver's devices */
extern const volatile __u32 gate_device; /* number of the one that was there at attach; 0: none */

static __always_inline struct diglim_gate *gate_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&gate, &zero);
}

/*
 * An unknown file is about to be used with permission. 0: go on; gate_settle() is due once its
 * event has a number. 1: a command is on its way.
 */
__noinline int gate_use(void);

/* DIGLIM_OP_GATE */
__noinline int op_gate(__u32 what, __u64 number, __u64 seen);

/* Nobody writes to a TPM until gate_settle(). */
static __always_inline void gate_hold(void)
{
	struct diglim_gate *g = gate_get();

	if (g)
		__sync_fetch_and_add(&g->deciding, 1);
}

static __always_inline void gate_settle(void)
{
	struct diglim_gate *g = gate_get();

	if (g)
		__sync_fetch_and_add(&g->deciding, -1);
}

/* Between the two: something else that the register must learn of, once it has its first value. */
static __always_inline void gate_change(bool always)
{
	struct diglim_gate *g = gate_get();

	if (g && (g->armed || always))
		__sync_fetch_and_add(&g->uses, 1);
}

#endif
