/* SPDX-License-Identifier: GPL-2.0-only */
/* Which package, and which version of it: what the protection against older versions compares. */
#ifndef DIGLIM_CORE_EVR_H
#define DIGLIM_CORE_EVR_H

#include "listid.h"
#include "rpmindex.h"
#include "rpmvercmp.h"
#include "rule.h"

struct core_evr {
	__u32 epoch;
	char version[DIGLIM_EVR_PART_MAX];
	char release[DIGLIM_EVR_PART_MAX]; /* empty: any */
};

struct core_copy {
	const struct core_view *v;
	char *to; /* DIGLIM_EVR_PART_MAX bytes */
	__u32 off;
	__u32 end;
	__u32 len;
};

CORE_BODY core_copy_char(__u32 i, void *arg)
{
	struct core_copy *c = arg;
	const __u8 *p = core_at(c->v, c->off + i, 1);

	if (!p || c->off + i >= c->end || !*p)
		return 1;
	c->to[core_below(i, DIGLIM_EVR_PART_MAX)] = (char)*p;
	c->len = i + 1;
	return 0;
}

/* What is in [@off, @end) up to a NUL into @to[DIGLIM_EVR_PART_MAX]. -1 if it is longer. */
CORE_INLINE int core_evr_part(const struct core_view *v, __u32 off, __u32 end, char *to)
{
	struct core_copy c = {.v = v, .to = to, .off = off, .end = end, .len = 0};

	__builtin_memset(to, 0, DIGLIM_EVR_PART_MAX);
	core_loop(DIGLIM_EVR_PART_MAX, core_copy_char, &c);
	if (c.len < DIGLIM_EVR_PART_MAX)
		return 0;
	to[DIGLIM_EVR_PART_MAX - 1] = 0;
	return -1;
}

CORE_INLINE int core_evr_of_rpm(const struct core_view *v, const struct core_rpm *r,
				struct core_evr *evr, struct core_err *e)
{
	const struct core_rpm_tag *t = &r->tag[CORE_RPM_VERSION];
	const __u8 *p = NULL;

	if (r->tag[CORE_RPM_EPOCH].count)
		p = core_at(v, r->tag[CORE_RPM_EPOCH].off, 4);
	evr->epoch = p ? core_get_be32(p) : 0;
	if (core_evr_part(v, t->off, t->end, evr->version))
		return core_fail(e, v, DIGLIM_E_VALUE, t->off);
	t = &r->tag[CORE_RPM_RELEASE];
	if (core_evr_part(v, t->off, t->end, evr->release))
		return core_fail(e, v, DIGLIM_E_VALUE, t->off);
	return 0;
}

CORE_INLINE void core_evr_of_rule(const struct core_view *v, const struct core_rule *r,
				  struct core_evr *evr)
{
	const struct core_text *version = &r->word[CORE_WORD_VERSION];
	const struct core_text *release = &r->word[CORE_WORD_RELEASE];

	evr->epoch = r->epoch;
	(void)core_evr_part(v, version->off, version->off + version->len, evr->version);
	(void)core_evr_part(v, release->off, release->off + release->len, evr->release);
}

/* -1, 0 or 1 as @a is older, as old or newer. */
CORE_INLINE int core_evr_compare(const struct core_evr *a, const struct core_evr *b,
				 struct core_ver *w)
{
	int r;

	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	r = core_rpmvercmp(a->version, b->version, w);
	if (r || !a->release[0] || !b->release[0])
		return r;
	return core_rpmvercmp(a->release, b->release, w);
}

/* A package's identity is a hash, as a list's is: see core/listid.h for what it need not be. */
struct core_pkgid {
	struct core_listid s;
	__u32 off;
	__u32 end;
};

CORE_BODY core_pkgid_char(__u32 i, void *arg)
{
	struct core_pkgid *w = arg;
	const __u8 *p = core_at(w->s.v, w->off + i, 1);

	if (!p || w->off + i >= w->end || !*p)
		return 1;
	core_listid_add(&w->s, *p);
	return 0;
}

/* A text and its end. */
CORE_INLINE void core_pkgid_text(struct core_pkgid *w, __u32 off, __u32 end)
{
	w->off = off;
	w->end = end;
	core_loop(end - off, core_pkgid_char, w);
	core_listid_add(&w->s, 0x100);
}

/* @signer NULL: of any signer. [@arch, @arch_end) empty: of any architecture. */
CORE_INLINE void core_pkgid(const struct core_view *v, const struct core_signer *signer, __u32 name,
			    __u32 name_end, __u32 arch, __u32 arch_end, __u8 *id)
{
	struct core_pkgid w = {
		.s = {.v = v, .a = 0x6469676c696d7061ULL, .b = 0x6469676c696d7062ULL}};

	core_pkgid_text(&w, name, name_end);
	core_pkgid_text(&w, arch, arch_end);
	for (__u32 i = 0; signer && i < DIGLIM_SIGNER_MAX; i++)
		core_listid_add(&w.s, signer->byte[i]);
	core_listid_add(&w.s, signer ? signer->len : 0);
	core_listid_put(id, core_mix(w.s.a ^ w.s.b));
	core_listid_put(id + 8, core_mix(w.s.b));
}

#endif
