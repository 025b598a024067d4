/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * No step back: an RPM header is refused if a newer version of the package was loaded since attach,
 * or if an owner's list names a higher version as the lowest.
 */
#ifndef DIGLIM_BPF_FLOOR_H
#define DIGLIM_BPF_FLOOR_H

#include "ingest.h"
#include "../core/installonly.h"

/* The version in @s with @b. */
static __noinline int evr_compare(struct ingest_slot *s, const struct core_evr *b)
{
	return s && b ? core_evr_compare(&s->evr, b, &s->ver) : 0;
}

/* Who made which package, as names of entries: of `versions` and, twice, of `floors`. */
__noinline int floor_names(__u32 slot)
{
	__u32 name, name_end, arch, arch_end;
	const struct core_rpm_tag *tag;
	struct ingest g;

	if (!ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	tag = g.slot->list.rpm.tag;
	name = tag[CORE_RPM_NAME].off;
	name_end = tag[CORE_RPM_NAME].end;
	arch = tag[CORE_RPM_ARCH].off;
	arch_end = tag[CORE_RPM_ARCH].end;
	core_pkgid(&g.payload, &g.slot->signer, name, name_end, arch, arch_end,
		   g.slot->package.byte);
	core_pkgid(&g.payload, NULL, name, name_end, arch, arch_end, g.slot->floor[0].byte);
	core_pkgid(&g.payload, NULL, name, name_end, 0, 0, g.slot->floor[1].byte);
	return 0;
}

/* What the owner says of the package; for this architecture, if there is such an entry. */
static __always_inline struct floor_entry *floor_entry(struct ingest_slot *s)
{
	struct floor_entry *f = bpf_map_lookup_elem(&floors, &s->floor[0]);

	return f ? f : bpf_map_lookup_elem(&floors, &s->floor[1]);
}

__noinline int floor_read(__u32 slot)
{
	struct ingest g;

	if (!ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	if (core_evr_of_rpm(&g.payload, &g.slot->list.rpm, &g.slot->evr, &g.slot->err))
		return -(int)g.slot->err.code;
	return floor_names(slot);
}

__noinline int floor_exempt(__u32 slot)
{
	struct ingest g;

	return ingest_at(&g, slot) && core_installonly(&g.payload, &g.slot->list.rpm);
}

__noinline int floor_check(__u32 slot)
{
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);
	struct core_evr *seen;
	struct floor_entry *f;
	int r;

	if (!s)
		return -DIGLIM_E_INTERNAL;
	if (s->list.format != DIGLIM_FORMAT_RPM)
		return 0;
	r = floor_read(slot);
	if (r)
		return r;
	f = floor_entry(s);
	if (f && evr_compare(s, &f->evr) < 0)
		return -DIGLIM_E_ROLLBACK;
	if (f && f->lower)
		return 0;
	seen = bpf_map_lookup_elem(&versions, &s->package);
	if (seen && evr_compare(s, seen) < 0 && !floor_exempt(slot))
		return -DIGLIM_E_ROLLBACK;
	return 0;
}

/* Keeps the version of a header that was taken. */
__noinline int floor_note(__u32 slot)
{
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);
	struct diglim_status *st = status_get();
	struct core_evr *seen;
	long r;

	if (!s || !st)
		return -DIGLIM_E_INTERNAL;
	if (s->list.format != DIGLIM_FORMAT_RPM)
		return 0;
	seen = bpf_map_lookup_elem(&versions, &s->package);
	if (seen && evr_compare(s, seen) <= 0)
		return 0;
	r = bpf_map_update_elem(&versions, &s->package, &s->evr, BPF_ANY);
	if (!r && !seen)
		st->versions++;
	return rules_error(r);
}

#endif
