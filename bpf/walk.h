/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From bytes to digests in the store: what ingest does with a payload once it trusts it. A header,
 * so that tests and measurements run this very text.
 */
#ifndef DIGLIM_BPF_WALK_H
#define DIGLIM_BPF_WALK_H

#include "deny.h"
#include "ingest.h"
#include "limits.h"
#include "refs.h"
#include "store.h"
#include "../core/listid.h"

__noinline int open_list(__u32 slot)
{
	struct ingest g;

	if (!ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	if (core_list_open(&g.payload, &g.slot->list, &g.slot->err))
		return -(int)g.slot->err.code;
	core_listid(&g.payload, g.slot->id.byte);
	return 0;
}

/* As core_list_next(). */
__noinline int next_entry(__u32 slot)
{
	struct ingest g;

	if (!ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	return core_list_next(&g.payload, &g.slot->list, &g.slot->digest, &g.slot->err);
}

/* Refers to what is in s->key. */
static __noinline int take_key(struct ingest_slot *s)
{
	struct internal *in = internal_get();
	int slot, r;

	if (!in || !s)
		return -DIGLIM_E_INTERNAL;
	slot = store_get(&s->key);
	if (slot < 0)
		return slot;
	r = refs_append(in, &s->chunk, slot);
	if (r) {
		store_put(slot);
		return r;
	}
	s->digests++;
	s->grants |= s->key.use & DIGLIM_USE_GRANTS;
	return 0;
}

static __always_inline int take_digest(struct ingest_slot *s, __u32 slot)
{
	struct core_digest *d = &s->digest;
	struct store_key *k = &s->key;
	int r = s->restricted ? limit_digest(slot) : 0;

	if (r)
		return r;
	__builtin_memcpy(k->digest, d->value, DIGLIM_DIGEST_SIZE);
	k->use = d->use;
	k->kinds = d->kinds;
	/* Who opens the TPM gate is not for restricted keys to say. */
	if (s->restricted && !(k->use & DIGLIM_USE_INTERPRETER))
		k->kinds = 0;
	k->source = s->list.format;
	if (s->list.type == DIGLIM_LIST_DENY) {
		k->use = 0;
		k->kinds = 0;
		k->source |= DIGLIM_SLOT_DENY;
	}
	s->err.off = d->off;
	return take_key(s);
}

__noinline int take_limit(__u32 slot)
{
	struct diglim_status *st = status_get();
	struct ingest_slot *s;
	struct ingest g;
	int r;

	if (!st || !ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	s = g.slot;
	s->new_limit.list = s->id;
	core_limit_set(&g.payload, &s->list.tlv.rule, &s->new_limit.limit);
	s->signer = s->list.tlv.rule.key;
	r = rules_error(bpf_map_update_elem(&limits, &s->signer, &s->new_limit, BPF_NOEXIST));
	st->limits += !r;
	return r;
}

__noinline int take_floor(__u32 slot)
{
	struct diglim_status *st = status_get();
	struct core_text *name, *arch;
	struct ingest_slot *s;
	struct ingest g;
	int r;

	if (!st || !ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	s = g.slot;
	name = &s->list.tlv.rule.word[CORE_WORD_NAME];
	arch = &s->list.tlv.rule.word[CORE_WORD_ARCH];
	s->new_floor.list = s->id;
	s->new_floor.lower = !!(s->list.tlv.rule.has & CORE_RULE_LOWER);
	core_evr_of_rule(&g.payload, &s->list.tlv.rule, &s->new_floor.evr);
	core_pkgid(&g.payload, NULL, name->off, name->off + name->len, arch->off,
		   arch->off + arch->len, s->target.byte);
	r = rules_error(bpf_map_update_elem(&floors, &s->target, &s->new_floor, BPF_NOEXIST));
	st->floors += !r;
	return r;
}

static __always_inline int take_rule(struct ingest_slot *s, __u32 slot)
{
	struct core_rule *rule = &s->list.tlv.rule;

	s->err.off = rule->off;
	switch (s->list.type) {
	case DIGLIM_LIST_DENY:
		deny_key(&s->key, rule->key.byte, rule->key.len);
		s->keys++;
		return take_key(s);
	case DIGLIM_LIST_LIMITS:
		return take_limit(slot);
	case DIGLIM_LIST_FLOOR:
		return take_floor(slot);
	}
	return -DIGLIM_E_INTERNAL;
}

/* What next_entry() found: 1 a digest, 3 a rule. */
__noinline int take_entry(__u32 slot, __u32 what)
{
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);

	if (!s)
		return -DIGLIM_E_INTERNAL;
	s->entries++;
	return what == 1 ? take_digest(s, slot) : take_rule(s, slot);
}

static long walk_step(__u32 i, void *ctx)
{
	__u32 slot = *(__u32 *)ctx;
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);
	int r = next_entry(slot);

	if (!s)
		return 1;
	if (r == 2)
		return 0;
	if (r != 1 && r != 3) {
		s->status = r ? -(int)s->err.code : 0;
		return 1;
	}
	r = take_entry(slot, r);
	if (r) {
		s->status = r;
		return 1;
	}
	return 0;
}

/* Puts everything in; what is in when it fails, the caller takes back. Caller holds the lock. */
__noinline int walk_list(__u32 slot)
{
	struct ingest_slot *s = bpf_map_lookup_elem(&ingest_slots, &slot);

	if (!s)
		return -DIGLIM_E_INTERNAL;
	s->entries = 0;
	s->keys = 0;
	s->status = -DIGLIM_E_COUNT; /* more steps than the list declared */
	bpf_loop(s->list.steps + 1, walk_step, &slot, 0);
	if (!s->status && !s->entries)
		s->status = -DIGLIM_E_EMPTY;
	return s->status;
}

#endif
