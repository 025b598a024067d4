/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events, and the log that keeps the newest of them (bpf/event.h).
 */
#ifndef DIGLIM_ABI_EVENT_H
#define DIGLIM_ABI_EVENT_H

#include "limits.h"
#include "types.h"

enum diglim_event_type {
	DIGLIM_EVENT_REFUSED = 1,
	DIGLIM_EVENT_WOULD_REFUSE = 2,
	DIGLIM_EVENT_LIST_ADDED = 3,
	DIGLIM_EVENT_LIST_REMOVED = 4,
	DIGLIM_EVENT_LIST_REJECTED = 5, /* `reason` is an enum diglim_error */
	DIGLIM_EVENT_MODE = 6,	  /* `reason` is the new enum diglim_mode, `offset` its seconds */
	DIGLIM_EVENT_SEAL = 7,	  /* `reason`: 1 sealed, 0 no longer */
	DIGLIM_EVENT_CONTROL = 8, /* a control list was obeyed; `offset` is its counter */
};

enum diglim_path_kind {
	DIGLIM_PATH_NONE = 0,
	DIGLIM_PATH_FULL = 1, /* as the task's root sees it */
	DIGLIM_PATH_LAST = 2, /* last component only: the hook can build no more */
	DIGLIM_PATH_LIST = 3, /* name of a list */
	DIGLIM_PATH_NAME = 4, /* name of an object that is no file */
};

/* What the digest of an event is; of lists, anything but 0 is their identity. */
enum diglim_digest_kind {
	DIGLIM_DIGEST_NONE = 0,
	DIGLIM_DIGEST_CONTENT = 1, /* SHA-256 of the file */
	DIGLIM_DIGEST_VERITY = 2,  /* of fs-verity: of its descriptor */
};

#define DIGLIM_EVENT_VERSION 1

struct diglim_event {
	__u32 version; /* DIGLIM_EVENT_VERSION */
	__u32 type;    /* enum diglim_event_type */
	__u64 seq;     /* rises by one; a gap is a loss */
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 cgroup_id;
	__u64 inode;
	__u64 file_size;
	__u64 fs_magic;
	__u32 dev;    /* kernel encoding: major << 20 | minor */
	__u32 hook;   /* enum diglim_hook */
	__u32 reason; /* enum diglim_reason, or enum diglim_error for LIST_REJECTED */
	__u32 use;    /* what was asked for, enum diglim_use */
	__u32 pid;    /* thread, initial pid namespace */
	__u32 tgid;
	__u32 ppid;
	__u32 uid;
	__u32 gid;
	__u32 euid;
	__u32 offset;			 /* LIST_REJECTED: where in the payload or signature */
	__u32 has_digest;		 /* enum diglim_digest_kind */
	__u8 digest[DIGLIM_DIGEST_SIZE]; /* of the file, or identity of the list */
	char comm[DIGLIM_COMM_SIZE];
	char parent_comm[DIGLIM_COMM_SIZE];
	__u32 path_len;	 /* including the NUL; 0: not known (use dev and inode) */
	__u32 path_kind; /* enum diglim_path_kind */
	char path[];	 /* or the name of the list */
};

/*
 * The log: event number N lies in slot (N - 1) modulo the number of slots. `seq` is 0 while
 * somebody writes, and set last.
 */
struct diglim_event_slot {
	__u64 seq;  /* number of the event; 0: none */
	__u32 busy; /* somebody writes */
	__u32 path; /* slot of its long path, index + 1; 0: the path is here */
	__u8 event[sizeof(struct diglim_event) + DIGLIM_PATH_SHORT]; /* struct diglim_event */
};

/* A path that does not fit into a slot of the log. */
struct diglim_path_slot {
	__u64 seq; /* number of the event; 0: none */
	__u32 busy;
	__u32 reserved;
	char text[DIGLIM_PATH_LONG];
};

#endif
