/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a list was made, as its signed content says. */
#include "lists.h"
#include "../../core/list.h"

uint64_t lists_payload_time(const void *payload, size_t len)
{
	struct core_view v = {.data = payload, .start = 0, .len = (uint32_t)len};
	struct core_list l;
	struct core_err e;

	if (len > UINT32_MAX || core_list_open(&v, &l, &e))
		return 0;
	if (l.format == DIGLIM_FORMAT_RPM)
		return l.trailer.time;
	if (l.format == DIGLIM_FORMAT_TLV && l.tlv.seen & CORE_TLV_SEEN(DIGLIM_TLV_TIME))
		return l.tlv.time;
	return 0;
}
