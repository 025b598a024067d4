/* SPDX-License-Identifier: GPL-2.0-only */
/* One verified payload, or one removal, and what came of it. */
#ifndef DIGLIM_TESTS_KERNEL_RULES_MODEL_H
#define DIGLIM_TESTS_KERNEL_RULES_MODEL_H

#include "../../abi/limits.h"
#include "../../abi/state.h"

#define RULES_PAYLOAD_MAX 65536

enum rules_op {
	RULES_ADD,    /* payload, signer, restricted; result: 0 or -enum diglim_error */
	RULES_REMOVE, /* the list `id` */
	RULES_LOOKUP, /* of `digest`; result: what the store says */
};

struct rules_work {
	__u32 op;
	__s32 result;
	__u32 restricted;
	__u32 signer_len;
	__u8 signer[DIGLIM_SIGNER_MAX];
	__u32 len;
	__u8 id[DIGLIM_LIST_ID_SIZE]; /* of the list added, too */
	__u8 digest[DIGLIM_DIGEST_SIZE];
	struct diglim_status status;
	struct diglim_control control;
	__u8 payload[RULES_PAYLOAD_MAX];
};

#endif
