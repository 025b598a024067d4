/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asking DIGLIM from a BPF program of your own, for instance a sandbox on LSM hooks.
 *
 * Your program has the function that DIGLIM_QUERY_STUB defines and calls it. It answers -ENOSYS
 * until `diglim query attach PROGRAM` puts DIGLIM's own in its place (a BPF extension, Linux 5.6);
 * from then on it answers from the store. You get no map and no descriptor of DIGLIM's, and nothing
 * can be changed this way. `diglim query detach` and `diglim detach` give the stub back. After
 * `diglim seal` nothing can be attached any more; what is attached stays.
 *
 * The function may be called from any program type that may have BPF functions, sleepable or not.
 */
#ifndef DIGLIM_ABI_QUERY_H
#define DIGLIM_ABI_QUERY_H

#include "limits.h"
#include "types.h"
#include "use.h"

/* Name of the function that is replaced. */
#define DIGLIM_QUERY_FUNCTION "diglim_query"

enum diglim_query_what {
	DIGLIM_QUERY_DIGEST =
		1, /* the file with this SHA-256, for instance of bpf_ima_file_hash() */
	DIGLIM_QUERY_PROGRAM =
		2, /* the program that the current task runs, as it was when it began */
	DIGLIM_QUERY_VERITY = 3, /* the file with this fs-verity digest, a SHA-256 one */
};

struct diglim_question {
	__u32 what; /* enum diglim_query_what */
	__u32 reserved;
	__u8 digest[DIGLIM_DIGEST_SIZE]; /* DIGLIM_QUERY_DIGEST, DIGLIM_QUERY_VERITY */
};

struct diglim_answer {
	__u32 mode;   /* enum diglim_mode in force: in DIGLIM_MODE_OFF programs are not judged */
	__u32 sealed; /* 1: only an owner's control list can change anything */
	__u32 uses; /* as what: mask of enum diglim_use; 0: nobody vouches for it. Of a program that
		       runs without DIGLIM_USE_IMMUTABLE */
	__u32 vendor; /* 1: a vendor does, by an RPM header */
	__u32 owner;  /* 1: the owner does, by a list of his own */
	__u32 denied; /* 1: a deny list names it; `uses` is 0 then */
};

/*
 * Returns 0 with *a filled, -EINVAL for a question that makes no sense, -ENOSYS if nobody answers:
 * decide yourself what that means for your program, and when in doubt, refuse.
 * The stub looks at its arguments so that no compiler takes them away.
 */
#define DIGLIM_QUERY_STUB                                                                          \
	__attribute__((noinline)) int diglim_query(struct diglim_question *q,                      \
						   struct diglim_answer *a)                        \
	{                                                                                          \
		int answer = -38;                                                                  \
                                                                                                   \
		if (!q || !a)                                                                      \
			return -22;                                                                \
		a->uses = 0;                                                                       \
		asm volatile("" : "+r"(answer), "+r"(q));                                          \
		return answer;                                                                     \
	}

#endif
