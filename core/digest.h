/* SPDX-License-Identifier: GPL-2.0-only */
/* One digest as a list parser hands it out. */
#ifndef DIGLIM_CORE_DIGEST_H
#define DIGLIM_CORE_DIGEST_H

#include "../abi/limits.h"
#include "../abi/types.h"
#include "../abi/use.h"

struct core_digest {
	__u8 value[DIGLIM_DIGEST_SIZE]; /* SHA-256, or key of an fs-verity digest */
	__u32 use;			/* mask of enum diglim_use, never 0 */
	__u32 kinds;			/* of an interpreter: mask of enum diglim_kind */
	__u32 index;  /* number of the entry in the list; RPM: number of the file */
	__u32 off;    /* where it stands in the buffer, for messages */
	__u32 verity; /* 1: fs-verity (core/verity.h) */
	__u32 under;  /* RPM: core_limit_dirs() has marked its directory */
};

#endif
