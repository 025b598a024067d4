/* SPDX-License-Identifier: GPL-2.0-only */
/* A field of a TLV list: be16 type, be32 length, data. */
#ifndef DIGLIM_CORE_TLVFIELD_H
#define DIGLIM_CORE_TLVFIELD_H

#include "view.h"

#define CORE_TLV_HEAD 6

struct core_tlv_field {
	__u32 field;
	__u32 off; /* of the data */
	__u32 len;
};

/* Reads the field at @pos, which must end at or before @end. */
CORE_INLINE int core_tlv_read(const struct core_view *v, __u32 pos, __u32 end,
			      struct core_tlv_field *f, struct core_err *e)
{
	const __u8 *p = core_at(v, pos, CORE_TLV_HEAD);

	if (!p || end < CORE_TLV_HEAD || pos > end - CORE_TLV_HEAD)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos);
	f->field = core_get_be16(p);
	f->len = core_get_be32(p + 2);
	f->off = pos + CORE_TLV_HEAD;
	if (f->len > end - f->off)
		return core_fail(e, v, DIGLIM_E_TRUNCATED, pos + 2);
	return 0;
}

#endif
