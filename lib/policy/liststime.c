/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a list was made, as its signed content says. */
#include <stdlib.h>

#include "lists.h"
#include "../../core/list.h"

uint64_t lists_payload_time(const void *payload, size_t len)
{
	struct core_view v = {.data = payload, .start = 0, .len = (uint32_t)len};
	struct core_list *l = len <= UINT32_MAX ? malloc(sizeof(*l)) : NULL;
	struct core_err e;
	uint64_t time = 0;

	if (!l)
		return 0;
	if (!core_list_open(&v, l, &e)) {
		if (l->format == DIGLIM_FORMAT_RPM)
			time = l->trailer.time;
		else if (l->format == DIGLIM_FORMAT_TLV && l->tlv.has_time)
			time = l->tlv.time;
	}
	free(l);
	return time;
}
