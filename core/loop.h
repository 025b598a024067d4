/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loop whose body is a function: a plain one on the host, bpf_loop() in BPF, whose body the
 * verifier walks once instead of once per round.
 *
 * The body returns 0 to go on and 1 to stop. In BPF, at most 2^23 rounds (BPF_MAX_LOOPS).
 */
#ifndef DIGLIM_CORE_LOOP_H
#define DIGLIM_CORE_LOOP_H

#include "../abi/types.h"

/* A loop body; a file may include a header without using its loops. */
#define CORE_BODY static __attribute__((unused)) long

#ifdef __bpf__
#define core_loop(rounds, body, ctx) ((void)bpf_loop((rounds), (body), (ctx), 0))
#else
static inline void core_loop(__u32 rounds, long (*body)(__u32 i, void *ctx), void *ctx)
{
	for (__u32 i = 0; i < rounds; i++)
		if (body(i, ctx))
			break;
}
#endif

#endif
