/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The display name of a list. It comes from somebody else and ends up on terminals and in logs:
 * printable ASCII only, the rest becomes '?'; what does not fit is cut.
 */
#ifndef DIGLIM_CORE_NAME_H
#define DIGLIM_CORE_NAME_H

#include "loop.h"
#include "rpmindex.h"
#include "view.h"
#include "../abi/limits.h"

struct core_name {
	const struct core_view *v;
	char *to; /* DIGLIM_NAME_MAX bytes */
	__u32 len;
	__u32 off; /* source */
	__u32 end;
};

CORE_INLINE void core_name_char(struct core_name *n, __u8 c)
{
	__u64 at;

	if (n->len >= DIGLIM_NAME_MAX - 1)
		return;
	at = core_below(n->len, DIGLIM_NAME_MAX - 1);
	n->to[at] = c >= ' ' && c <= '~' ? (char)c : '?';
	n->len = (__u32)at + 1;
}

CORE_BODY core_name_step(__u32 i, void *arg)
{
	struct core_name *n = arg;
	const __u8 *p = core_at(n->v, n->off + i, 1);

	if (!p || n->off + i >= n->end || !*p)
		return 1;
	core_name_char(n, *p);
	return 0;
}

/* Appends what is in [@off, @end), up to a NUL. */
CORE_INLINE void core_name_text(struct core_name *n, __u32 off, __u32 end)
{
	n->off = off;
	n->end = end;
	core_loop(DIGLIM_NAME_MAX, core_name_step, n);
}

CORE_INLINE void core_name_end(struct core_name *n)
{
	n->to[core_below(n->len, DIGLIM_NAME_MAX)] = 0;
}

/* Digit @i of a 32-bit number, without leading zeros. The number stands in `off`. */
CORE_BODY core_name_decimal_step(__u32 i, void *arg)
{
	struct core_name *n = arg;

	if (n->off >= n->end || n->end == 1)
		core_name_char(n, (__u8)('0' + n->off / n->end % 10));
	n->end /= 10;
	return i >= 9 || !n->end;
}

CORE_INLINE void core_name_decimal(struct core_name *n, __u32 value)
{
	n->off = value;
	n->end = 1000000000U;
	core_loop(10, core_name_decimal_step, n);
}

CORE_INLINE void core_name_tag(struct core_name *n, const struct core_rpm *r, __u32 slot)
{
	core_name_text(n, r->tag[slot].off, r->tag[slot].end);
}

/* name-[epoch:]version-release.arch of an opened header, into @to[DIGLIM_NAME_MAX]. */
CORE_INLINE void core_rpm_name(const struct core_view *v, const struct core_rpm *r, char *to)
{
	struct core_name n = {.v = v, .to = to, .len = 0};
	const __u8 *epoch = NULL;

	if (r->tag[CORE_RPM_EPOCH].count)
		epoch = core_at(v, r->tag[CORE_RPM_EPOCH].off, 4);
	core_name_tag(&n, r, CORE_RPM_NAME);
	core_name_char(&n, '-');
	if (epoch) {
		core_name_decimal(&n, core_get_be32(epoch));
		core_name_char(&n, ':');
	}
	core_name_tag(&n, r, CORE_RPM_VERSION);
	core_name_char(&n, '-');
	core_name_tag(&n, r, CORE_RPM_RELEASE);
	core_name_char(&n, '.');
	core_name_tag(&n, r, CORE_RPM_ARCH);
	core_name_end(&n);
}

#endif
