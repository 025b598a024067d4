/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What takes the place of the stub in other people's programs (abi/query.h). Not part of the main
 * object: lib/engine loads it once for each program that asks, onto the maps that are there.
 */
#include "kernel.h"
#include "store.h"
#include "task.h"
#include "../abi/query.h"
#include "../core/verity.h"

static __always_inline __u32 found(const struct diglim_question *q)
{
	struct store_key k = {};

	if (q->what == DIGLIM_QUERY_PROGRAM)
		return task_uses();
	if (q->what == DIGLIM_QUERY_VERITY)
		core_verity_key(k.digest, q->digest);
	else
		__builtin_memcpy(k.digest, q->digest, DIGLIM_DIGEST_SIZE);
	return store_lookup(&k);
}

SEC("freplace/diglim_query")
int diglim_answer(struct diglim_question *q, struct diglim_answer *a)
{
	struct diglim_control *c = control_get();
	__u32 f;

	if (!c || !q || !a)
		return -EINVAL;
	if (q->what < DIGLIM_QUERY_DIGEST || q->what > DIGLIM_QUERY_VERITY)
		return -EINVAL;
	f = found(q);
	a->mode = mode_in_force(c);
	a->sealed = !!(c->flags & DIGLIM_CONTROL_SEALED);
	a->denied = !!(f & DIGLIM_FOUND_DENIED);
	a->uses = a->denied ? 0 : f & (DIGLIM_USE_ALL | DIGLIM_USE_PROPERTIES);
	a->vendor = a->uses && f & DIGLIM_FOUND_VENDOR;
	a->owner = a->uses && f & DIGLIM_FOUND_OWNER;
	return 0;
}
