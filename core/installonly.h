/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packages of which several versions are installed side by side, so that an older one is no step
 * back: kernels, by name, and what says so in its PROVIDES (libdnf's installonlypkgs, zypp's
 * multiversion).
 */
#ifndef DIGLIM_CORE_INSTALLONLY_H
#define DIGLIM_CORE_INSTALLONLY_H

#include "loop.h"
#include "rpmindex.h"

struct core_provides {
	const struct core_view *v;
	__u32 off;
	__u32 end;
	__u32 begins; /* a name begins at the next byte */
	__u32 found;
};

/* @text is the whole name, with its NUL, or the beginning of it. */
CORE_INLINE bool core_installonly_name(const struct core_view *v, __u32 off)
{
	if (core_is_text(v, off, "gpg-pubkey", 11) || core_is_text(v, off, "kernel", 7))
		return true;
	return core_is_literal(v, off, "kernel-core") ||
	       core_is_literal(v, off, "kernel-modules") ||
	       core_is_literal(v, off, "kernel-devel") || core_is_literal(v, off, "kernel-debug") ||
	       core_is_literal(v, off, "kernel-default") || core_is_literal(v, off, "kernel-rt") ||
	       core_is_literal(v, off, "kernel-uek") || core_is_literal(v, off, "kernel-64k") ||
	       core_is_literal(v, off, "kernel-PAE");
}

CORE_BODY core_provides_byte(__u32 i, void *arg)
{
	struct core_provides *w = arg;
	__u32 off = w->off + i;
	const __u8 *p = core_at(w->v, off, 1);

	if (!p || off >= w->end)
		return 1;
	if (w->begins)
		w->found = core_is_literal(w->v, off, "installonlypkg(") ||
			   core_is_literal(w->v, off, "multiversion(");
	w->begins = !*p;
	return w->found ? 1 : 0;
}

CORE_INLINE bool core_installonly(const struct core_view *v, const struct core_rpm *r)
{
	const struct core_rpm_tag *t = &r->tag[CORE_RPM_PROVIDES];
	struct core_provides w = {.v = v, .off = t->off, .end = t->end, .begins = 1, .found = 0};

	if (core_installonly_name(v, r->tag[CORE_RPM_NAME].off))
		return true;
	if (t->count)
		core_loop(t->end - t->off, core_provides_byte, &w);
	return w.found;
}

#endif
