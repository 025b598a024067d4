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
#include "rpmhdr.h"
#include "tlv.h"
#include "view.h"
#include "../abi/limits.h"
#include "../abi/listfile.h"
#include "../abi/use.h"

struct core_list {
	__u32 format; /* enum diglim_format */
	__u32 steps;  /* core_list_next() comes to the end within this many calls */
	char name[DIGLIM_NAME_MAX];
	union {
		struct core_rpm rpm;
		struct core_tlv tlv;
		struct core_compact compact;
	};
};

/*
 * Recognises the format of @v (the whole payload), checks everything that can be checked before the
 * digests are walked and sets the name. Returns 0, or -1 with @e set.
 */
CORE_INLINE int core_list_open(const struct core_view *v, struct core_list *l, struct core_err *e);

/*
 * One step. Returns 1 with @d set, 2 for a step without a digest (a directory, a header),
 * 0 at the end (and only if the payload ends there too), -1 with @e set.
 */
CORE_INLINE int core_list_next(const struct core_view *v, struct core_list *l,
			       struct core_digest *d, struct core_err *e);

#endif
