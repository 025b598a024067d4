/* SPDX-License-Identifier: GPL-2.0-only */
/* Restricted keys: what they sign is taken only within the limit that an owner's list gives. */
#ifndef DIGLIM_BPF_LIMITS_H
#define DIGLIM_BPF_LIMITS_H

#include "ingest.h"

/* Before the digests are walked. */
__noinline int limit_open(__u32 slot)
{
	struct limit_entry *le;
	struct ingest_slot *s;
	struct core_list *l;
	struct ingest g;

	if (!ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	s = g.slot;
	l = &s->list;
	if (!s->restricted)
		return 0;
	s->err.off = 0;
	le = bpf_map_lookup_elem(&limits, &s->signer);
	/* Deny, control, limits and floors are the owner's own affair. */
	if (!le || l->type != DIGLIM_LIST_ALLOW)
		return -DIGLIM_E_LIMIT;
	s->limit = le->limit;
	if (!core_limit_name(&g.payload, l, &s->limit))
		return -DIGLIM_E_LIMIT;
	if (l->format == DIGLIM_FORMAT_RPM && s->limit.path_len &&
	    !core_limit_dirs(&g.payload, &l->rpm, &s->limit))
		return -DIGLIM_E_LIMIT;
	return 0;
}

/* For the digest in the slot. */
__noinline int limit_digest(__u32 slot)
{
	struct ingest_slot *s;
	struct ingest g;

	if (!ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	s = g.slot;
	if (core_limit_digest(&g.payload, &s->list, &s->digest, &s->limit))
		return 0;
	s->err.off = s->digest.off;
	return -DIGLIM_E_LIMIT;
}

#endif
