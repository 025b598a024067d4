/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a payload once its signature is good: it is obeyed, kept or refused. A header, so
 * that tests run this very text.
 */
#ifndef DIGLIM_BPF_TAKE_H
#define DIGLIM_BPF_TAKE_H

#include "control.h"
#include "floor.h"
#include "limits.h"
#include "remove.h"
#include "walk.h"

/*
 * The parsed OpenPGP trailer names the hash, too (version 3 does not: there the PKCS#7 alone
 * decides). Its signature type and version were checked when the list was opened.
 */
static __always_inline int check_trailer(struct ingest_slot *s)
{
	const struct core_list *l = &s->list;

	if (l->format != DIGLIM_FORMAT_RPM || l->trailer.hash == CORE_HASH_UNKNOWN ||
	    l->trailer.hash == s->pkcs7.hash)
		return 0;
	s->err.off = 0;
	return -DIGLIM_E_SIG_TRAILER;
}

static __noinline int record_list(struct ingest_slot *s, struct diglim_status *st)
{
	struct diglim_list_record *rec = &s->record;
	long r;

	if (st->lists >= list_limit)
		return -DIGLIM_E_LISTS_FULL;
	__builtin_memcpy(rec->name, s->list.name, sizeof(rec->name));
	rec->loaded_ns = bpf_ktime_get_boot_ns();
	rec->loaded_seq = st->generation + 1;
	rec->format = s->list.format;
	rec->digests = s->digests;
	rec->grants = s->grants;
	rec->chunk = s->chunk;
	rec->payload_len = s->payload_len;
	rec->loader_uid = (__u32)bpf_get_current_uid_gid();
	rec->type = s->list.type;
	rec->restricted = s->restricted;
	r = map_answer(bpf_map_update_elem(&lists, &s->id, rec, BPF_NOEXIST));
	if (r)
		return r == -E2BIG ? -DIGLIM_E_LISTS_FULL : -DIGLIM_E_BUSY;
	st->lists++;
	return 0;
}

static __always_inline void forget_list(struct ingest_slot *s, struct diglim_status *st)
{
	if (!bpf_map_delete_elem(&lists, &s->id))
		st->lists--;
}

/* Is what the list is about permitted? Looks at no digest yet. */
static __always_inline int check_list(struct ingest_slot *s, __u32 slot)
{
	int r = check_trailer(s);

	if (!r)
		r = limit_open(slot);
	if (!r)
		r = floor_check(slot);
	if (!r && bpf_map_lookup_elem(&lists, &s->id))
		r = -DIGLIM_E_EXISTS;
	return r;
}

static __always_inline int keep_list(struct ingest_slot *s, __u32 slot, struct diglim_status *st)
{
	int r = walk_list(slot);

	if (!r)
		r = record_list(s, st);
	/* Last: the version of a list that is not taken must not shut out the one before it. */
	if (!r) {
		r = floor_note(slot);
		if (r)
			forget_list(s, st);
	}
	if (r) {
		rules_drop(&s->id);
		refs_drop(s->chunk);
	}
	if (!r || s->chunk)
		lists_changed(st);
	/* The deny list stands, whatever becomes of those that it takes away. */
	if (!r && s->keys)
		r = sweep_denied();
	return r;
}

/*
 * Caller holds the lock; signer and `restricted` are set. No function of its own, for the verifier
 * counts no more than eight one inside the other.
 */
static __always_inline int take_list(__u32 slot)
{
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);
	struct diglim_status *st = status_get();
	int r;

	if (!st || !s)
		return -DIGLIM_E_INTERNAL;
	r = open_list(slot);
	if (!r)
		r = check_list(s, slot);
	if (r)
		return r;
	if (s->list.type == DIGLIM_LIST_CONTROL)
		return control_obey(slot);
	return keep_list(s, slot, st);
}

#endif
