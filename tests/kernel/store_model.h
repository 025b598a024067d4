/* SPDX-License-Identifier: GPL-2.0-only */
/* One operation on the store, and what came of it. */
#ifndef DIGLIM_TESTS_KERNEL_STORE_MODEL_H
#define DIGLIM_TESTS_KERNEL_STORE_MODEL_H

#include "../../abi/limits.h"
#include "../../abi/state.h"

#define STORE_LIST_MAX 96

enum store_op {
	STORE_LOOKUP,	/* result: uses */
	STORE_GET,	/* result: slot, or -enum diglim_error */
	STORE_PUT,	/* of slot `head` */
	STORE_LIST_ADD, /* result: 0 with `head`, or what the failing digest gave, all taken back */
	STORE_LIST_DROP, /* the list at `head` */
};

struct store_digest {
	__u8 digest[DIGLIM_DIGEST_SIZE];
	__u32 use;
	__u32 source;
};

/* The writer's input and output, mapped into the test. */
struct store_work {
	__u32 op;
	__s32 result;
	__u32 head;
	__u32 count; /* STORE_LIST_ADD: digests */
	__u32 fail;  /* STORE_LIST_ADD: fail before this one, as a malformed list does */
	__u32 chunk_free;
	__u32 chunk_unused;
	__u32 slot_free;
	__u32 slot_unused;
	__u32 pad;
	struct diglim_status status;
	struct store_digest digest[STORE_LIST_MAX];
};

/* The reader's: looks each of them up, again and again. */
#define STORE_READ_MAX 64
struct store_read {
	__u32 count;
	__u32 rounds;
	__u32 wrong; /* look-ups that did not give `use` */
	__u32 pad;
	struct store_digest digest[STORE_READ_MAX];
};

#endif
