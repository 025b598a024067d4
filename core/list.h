/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One way to walk the digests of a list, whatever its format.
 *
 * struct core_list is scratch memory (several kB): in BPF it lies in a map value, on the host
 * anywhere. It holds no pointers, so that the verifier need not track any.
 */
#ifndef DIGLIM_CORE_LIST_H
#define DIGLIM_CORE_LIST_H

#include "compact.h"
#include "name.h"
#include "rpmhdr.h"
#include "sigtrailer.h"
#include "tlv.h"
#include "view.h"
#include "../abi/limits.h"
#include "../abi/listfile.h"
#include "../abi/use.h"

struct core_list {
	__u32 format;		    /* enum diglim_format */
	__u32 type;		    /* enum diglim_list_type */
	__u32 steps;		    /* core_list_next() comes to the end within this many calls */
	char name[DIGLIM_NAME_MAX]; /* filled up with NULs; empty: none */
	struct core_sigtrailer trailer; /* DIGLIM_FORMAT_RPM */
	union {
		struct core_rpm rpm;
		struct core_tlv tlv;
		struct core_compact compact;
	};
};

/* By the first bytes. A TLV list begins with its ALGO field: 0000 00000002. */
CORE_INLINE __u32 core_list_format(const struct core_view *v)
{
	const __u8 *p = core_at(v, 0, 4);

	if (!p)
		return DIGLIM_FORMAT_NONE;
	if (core_rpm_is_magic(p))
		return DIGLIM_FORMAT_RPM;
	if (p[0] == 1 && !p[1])
		return DIGLIM_FORMAT_COMPACT;
	return core_get_be32(p) ? DIGLIM_FORMAT_NONE : DIGLIM_FORMAT_TLV;
}

CORE_INLINE int core_list_open_rpm(const struct core_view *v, struct core_list *l,
				   struct core_err *e)
{
	if (core_rpm_open(v, &l->rpm, e) || core_sigtrailer_open(v, l->rpm.size, &l->trailer, e))
		return -1;
	core_rpm_name(v, &l->rpm, l->name);
	l->steps = l->rpm.files + 1;
	return 0;
}

CORE_INLINE int core_list_open_tlv(const struct core_view *v, struct core_list *l,
				   struct core_err *e)
{
	struct core_name n = {.v = v, .to = l->name, .len = 0};

	if (core_tlv_open(v, &l->tlv, e))
		return -1;
	core_name_text(&n, l->tlv.name_off, l->tlv.name_off + l->tlv.name_len);
	core_name_end(&n);
	l->type = l->tlv.type;
	l->steps = l->tlv.entries + 1;
	return 0;
}

/*
 * Recognises the format of @v (the whole payload), checks everything that can be checked before the
 * digests are walked and sets the name. Returns 0, or -1 with @e set.
 */
CORE_INLINE int core_list_open(const struct core_view *v, struct core_list *l, struct core_err *e)
{
	l->format = core_list_format(v);
	l->type = DIGLIM_LIST_ALLOW;
	__builtin_memset(l->name, 0, sizeof(l->name));
	switch (l->format) {
	case DIGLIM_FORMAT_RPM:
		return core_list_open_rpm(v, l, e);
	case DIGLIM_FORMAT_TLV:
		return core_list_open_tlv(v, l, e);
	case DIGLIM_FORMAT_COMPACT:
		if (core_compact_open(v, &l->compact, e))
			return -1;
		l->steps = l->compact.digests + l->compact.blocks + 1;
		return 0;
	}
	return core_fail(e, v, v->len ? DIGLIM_E_FORMAT : DIGLIM_E_EMPTY, 0);
}

/*
 * One step. Returns 1 with @d set, 2 for a step without a digest (a directory, a header), 3 with
 * l->tlv.rule set, 0 at the end (and only if the payload ends there too), -1 with @e set. A list
 * without any digest is no error here.
 */
CORE_INLINE int core_list_next(const struct core_view *v, struct core_list *l,
			       struct core_digest *d, struct core_err *e)
{
	switch (l->format) {
	case DIGLIM_FORMAT_RPM:
		return core_rpm_next(v, &l->rpm, d, e);
	case DIGLIM_FORMAT_TLV:
		return core_tlv_next(v, &l->tlv, d, e);
	case DIGLIM_FORMAT_COMPACT:
		return core_compact_next(v, &l->compact, d, e);
	}
	return core_fail(e, v, DIGLIM_E_FORMAT, 0);
}

#endif
