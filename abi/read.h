/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files below /sys/fs/bpf/diglim/read give to read(2). Each is a pinned BPF iterator, so
 * that nobody needs a descriptor of a map to see the state. A file is a sequence of records, and
 * every record begins with a struct diglim_read_head:
 *
 *   state   one struct diglim_read_state
 *   lists   a struct diglim_read_list for each loaded list, in no order
 *   events  for each event that the log holds, in no order: head, struct diglim_event, path,
 *           struct diglim_read_tail
 */
#ifndef DIGLIM_ABI_READ_H
#define DIGLIM_ABI_READ_H

#include "event.h"
#include "state.h"

#define DIGLIM_READ_VERSION 1

enum diglim_read_kind {
	DIGLIM_READ_STATE = 1,
	DIGLIM_READ_LIST = 2,
	DIGLIM_READ_EVENT = 3,
};

struct diglim_read_head {
	__u32 kind;    /* enum diglim_read_kind */
	__u32 version; /* DIGLIM_READ_VERSION */
	__u32 size;    /* of the record, this head included */
	__u32 reserved;
	__u64 number; /* of an event, when the copying began */
};

/* Sizes that were fixed at attach. */
struct diglim_limits {
	__u32 store_slots;
	__u32 store_limit; /* digests that may be loaded */
	__u32 lists;
	__u32 ingest_buffer; /* bytes of a payload and its signature */
	__u32 events;	     /* events that the log holds */
	__u32 paths;	     /* of them, with a long path */
};

struct diglim_read_state {
	struct diglim_read_head head;
	struct diglim_control control;
	struct diglim_status status;
	struct diglim_limits limits;
	struct diglim_gate gate;			  /* looked at before `status` */
	struct diglim_counters counters[DIGLIM_HOOK_MAX]; /* summed over CPUs */
};

struct diglim_read_list {
	struct diglim_read_head head;
	__u8 id[DIGLIM_LIST_ID_SIZE];
	struct diglim_list_record record;
};

/*
 * The numbers when the copying was done. An event is whole if `number` is the one of the head; its
 * long path is if `path_number` is, too.
 */
struct diglim_read_tail {
	__u64 number;
	__u64 path_number;
};

#endif
