/* SPDX-License-Identifier: GPL-2.0-only */
/* What bench/ingest.c asks of bench/ingest.bpf.c, and what it gets. */
#ifndef DIGLIM_BENCH_INGEST_H
#define DIGLIM_BENCH_INGEST_H

#include "../abi/limits.h"
#include "../abi/types.h"

/* Where digests go; also which program runs. */
enum bench_into {
	BENCH_NOWHERE, /* parsing or the loop alone: what the others have in common */
	BENCH_STORE,
	BENCH_HASH,	/* BPF_MAP_TYPE_HASH, memory allocated at creation */
	BENCH_HASH_DYN, /* the same with BPF_F_NO_PREALLOC */
	BENCH_INTO_MAX,
};

/* Element 0 of map `job`, mapped into the measuring program. */
struct bench_job {
	__u32 payload_len;
	__u32 first; /* look-ups: queries [first, first + count) */
	__u32 count;
	__u32 chunk; /* of a loaded list: its references */
	/* answers */
	__s32 status;
	__u32 found; /* digests taken, or found */
	__u64 ns;
};

struct bench_query {
	__u8 digest[DIGLIM_DIGEST_SIZE];
};

/* Value of the hash maps: what the store keeps beside a digest. */
struct bench_entry {
	__u32 refs;
	__u32 use;
};

#endif
