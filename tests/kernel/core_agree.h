/* SPDX-License-Identifier: GPL-2.0-only */
/* What passes between the harness and its program in the kernel. */
#ifndef DIGLIM_TESTS_KERNEL_CORE_AGREE_H
#define DIGLIM_TESTS_KERNEL_CORE_AGREE_H

#include "../../core/list.h"
#include "../../core/pkcs7.h"

#define AGREE_DATA_MAX DIGLIM_INGEST_MAX
#define AGREE_INPUT_MAX AGREE_DATA_MAX
#define AGREE_DIGESTS_MAX 32768

struct agree_input {
	__u32 start;
	__u32 payload_len;
	__u8 data[AGREE_DATA_MAX];
};

struct agree_output {
	int open;
	int next; /* what the last step returned */
	struct core_err open_err;
	struct core_err next_err;
	__u32 format;
	__u32 steps;
	__u32 calls;
	__u32 digests;
	__u8 id[DIGLIM_LIST_ID_SIZE];
	char name[DIGLIM_NAME_MAX];
	struct core_sigtrailer trailer;
	struct core_pkcs7 pkcs7;
	struct core_digest digest[AGREE_DIGESTS_MAX];
};

#endif
