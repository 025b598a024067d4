/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The request channel: bpf(DIGLIM_BPF_CMD, &request, sizeof(request)). The command number means
 * nothing to the kernel, but it reaches the security_bpf() hook, where DIGLIM answers with a
 * negative enum diglim_error (-DIGLIM_DONE for success). Needs CAP_SYS_ADMIN in the initial user
 * namespace. Below 0x10000, since newer kernels keep flags in the upper half.
 */
#ifndef DIGLIM_ABI_REQUEST_H
#define DIGLIM_ABI_REQUEST_H

#include "limits.h"
#include "types.h"

#define DIGLIM_BPF_CMD 0x4447

enum diglim_op {
	DIGLIM_OP_PING = 1,   /* is anybody there? */
	DIGLIM_OP_ADD = 2,    /* verify, parse and load a list */
	DIGLIM_OP_REMOVE = 3, /* take away the list with this identity */
	DIGLIM_OP_MODE = 4,   /* set the mode, for a while or until further notice */
	DIGLIM_OP_SEAL = 5,   /* put the guard up: from now on only control lists change anything */
	DIGLIM_OP_LOOKUP = 6, /* what is known of `digest`: -(DIGLIM_ANSWER + mask) */
	DIGLIM_OP_GATE = 7,   /* diglimd alone: what the TPM gate waits for */
};

/* Answer of DIGLIM_OP_LOOKUP: above all errors; mask of enum diglim_use and DIGLIM_FOUND_... */
#define DIGLIM_ANSWER	   3000U
#define DIGLIM_ANSWER_MASK 0x3ffU

#define DIGLIM_REQUEST_VERSION 1

enum diglim_seal {
	DIGLIM_SEAL_ASK = 0, /* is it sealed? -DIGLIM_E_SEALED: yes */
	DIGLIM_SEAL_SET = 1, /* `payload` is a descriptor of the directory with the pins */
	/* The same in an initramfs: mounts may move to the root until process 1 executes a program.
	 */
	DIGLIM_SEAL_BOOT = 2,
};

enum diglim_gate_request {
	DIGLIM_GATE_KEEP = 1,	  /* from now on this process opens it */
	DIGLIM_GATE_RECORDED = 2, /* `payload` uses, and events up to `sig`, are in the register */
	DIGLIM_GATE_FORGIVE = 3,  /* commands that are parked are in the register as such */
};

/* At most sizeof(union bpf_attr) of the oldest kernel we support. */
struct diglim_request {
	__u32 version; /* DIGLIM_REQUEST_VERSION */
	__u32 op;
	__u64 payload; /* user address, of memory that is there: no page is waited for (EFAULT) */
	__u64 sig;     /* user address of the PKCS#7 */
	__u32 payload_len;
	__u32 sig_len;
	__u8 list_id[DIGLIM_LIST_ID_SIZE]; /* DIGLIM_OP_REMOVE */
	__u32 mode;	/* enum diglim_mode, diglim_seal or diglim_gate_request, as `op` has it */
	__u32 window_s; /* DIGLIM_OP_MODE: seconds after which the mode before is in force again; 0:
			   never */
	__u8 digest[DIGLIM_DIGEST_SIZE]; /* DIGLIM_OP_LOOKUP; of fs-verity its key (core/verity.h)
					  */
};

#endif
