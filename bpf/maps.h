/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All maps. maps.bpf.c defines them, everybody else refers to them.
 *
 * Sizes of 1 are placeholders: lib/engine sets them between opening and loading.
 */
#ifndef DIGLIM_BPF_MAPS_H
#define DIGLIM_BPF_MAPS_H

#include "kernel.h"
#include "../abi/limits.h"
#include "../abi/error.h"
#include "../abi/event.h"
#include "../abi/state.h"
#include "../abi/use.h"

#ifdef DIGLIM_DEFINE_MAPS
#define DIGLIM_MAP
#else
#define DIGLIM_MAP extern
#endif

/* Set by lib/engine before loading; the verifier takes them as constants. */
extern const volatile __u32 core_buffer_size;  /* bytes of an ingest slot: signature and payload */
extern const volatile __u32 store_slots;       /* size of map store */
extern const volatile __u32 store_limit;       /* digests that may be loaded */
extern const volatile __u32 list_limit;	       /* size of map lists */
extern const volatile __u32 event_slots;       /* size of map events */
extern const volatile __u32 path_slots;	       /* size of map paths */
extern const volatile __u32 cpus;	       /* possible CPUs */
extern const volatile __u32 arguments_judged;  /* the policy denies -c or standard input */
extern const volatile __u32 truncate_unopened; /* path_truncate is for truncate(2) alone (6.2) */

struct control_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_control);
};
DIGLIM_MAP struct control_map control SEC(".maps");

struct status_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_status);
};
DIGLIM_MAP struct status_map status SEC(".maps");

struct counters_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DIGLIM_HOOK_MAX);
	__type(key, __u32);
	__type(value, struct diglim_counters);
};
DIGLIM_MAP struct counters_map counters SEC(".maps");

/* The event log and the long paths of its events (bpf/event.h). */
struct events_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_event_slot);
};
DIGLIM_MAP struct events_map events SEC(".maps");

struct paths_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_path_slot);
};
DIGLIM_MAP struct paths_map paths SEC(".maps");

/* The digests (bpf/store.bpf.c). */
struct store_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_store_slot);
};
DIGLIM_MAP struct store_map store SEC(".maps");

/* Which slots of the store hold the digests that begin alike. */
struct links_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_store_links);
};
DIGLIM_MAP struct links_map links SEC(".maps");

/* Which slots a list refers to (bpf/refs.h). */
struct chunks_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct diglim_chunk);
};
DIGLIM_MAP struct chunks_map chunks SEC(".maps");

struct list_id {
	__u8 byte[DIGLIM_LIST_ID_SIZE];
};

struct lists_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct list_id);
	__type(value, struct diglim_list_record);
};
DIGLIM_MAP struct lists_map lists SEC(".maps");

/* State of writers, never shown to user space. */
struct internal {
	__u32 lock;	    /* 1: a request changes store, chunks or lists */
	__u32 chunk_free;   /* first free chunk, index + 1; 0: none */
	__u32 chunk_unused; /* chunks from here on were never used */
	__u32 slot_free;    /* first freed slot of the store, index + 1; 0: none */
	__u32 slot_unused;  /* slots from here on were never used */
	__u32 moving;	    /* DIGLIM_SEAL_BOOT, and process 1 has not executed anything since */
	__u64 verifier;	    /* thread that checks a signature now; 0: none */
	/* Addresses of what holds our pins, noted when sealing; they live as long as the pins. */
	__u64 guard_mount;  /* struct mount */
	__u64 guard_dentry; /* directory of the pins */
	__u64 guard_sb;
};

struct internal_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct internal);
};
DIGLIM_MAP struct internal_map internal SEC(".maps");

/* Digest cache (bpf/inode.h). */
struct inode_state {
	__u8 digest[DIGLIM_DIGEST_SIZE];
	__u64 writes; /* write accesses seen since the inode was read in */
	__u64 epoch;  /* writes + 1 at the time of hashing; 0: no digest */
	__u32 flags;
	/* As bpf_get_fsverity_digest() writes it: struct fsverity_digest. */
	struct {
		__u16 algorithm;
		__u16 size;
		__u8 digest[DIGLIM_DIGEST_SIZE];
	} verity;
	__u32 moves; /* content_moves when it was opened for writing last */
	__u32 reserved;
};

#define INODE_TAINTED  (1 << 0) /* was mapped shared by somebody who could write */
#define INODE_USED     (1 << 1) /* was allowed to run or to be loaded */
#define INODE_BUSY     (1 << 2) /* somebody is storing a digest */
#define INODE_VERITY   (1 << 3) /* `verity` is a SHA-256 digest, and stays */
#define INODE_UNSURE   (1 << 4) /* what IMA keeps may be of other content (inode_doubt_ima()) */
#define INODE_REOPENED (1 << 5) /* opened for writing after IMA had kept a digest */

struct inodes_map {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct inode_state);
};
DIGLIM_MAP struct inodes_map inodes SEC(".maps");

/* What must not be taken away once sealed (bpf/guard.h). */
struct guarded_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DIGLIM_GUARDED_ENTRIES);
	__type(key, struct diglim_guarded);
	__type(value, __u32);
};
DIGLIM_MAP struct guarded_map guarded SEC(".maps");

/* What lies below file systems in use (bpf/device.h). */
#define DEVICE_USERS   32
#define DEVICE_WRITERS 4

struct device_key {
	__u64 dev; /* of the block device, or of the file system that a backing file lies in */
	__u64 ino; /* of the backing file; 0: a block device */
};

struct device_user {
	__u64 sb;
	__u64 dev;
};

struct device_state {
	struct device_user user[DEVICE_USERS];
	__u64 writer[DEVICE_WRITERS]; /* struct file of who opened it for writing, maybe gone */
	__u64 opening;		      /* hooks that are deciding about opening it for writing */
	__u64 opened_ns;	      /* when it was last opened so; 0: not since attaching */
	__u64 checked_sb;	      /* this file system on it was found steady... */
	__u64 checked_at;	      /* ...at this number of device_opens, plus 1 */
	__u64 doubted_sb;	      /* on this one somebody was seen who could write below it */
	__u32 busy;
	__u32 crowded; /* 1: there were more writers than `writer` has room for */
};

struct devices_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct device_key);
	__type(value, struct device_state);
};
DIGLIM_MAP struct devices_map devices SEC(".maps");

/* Openings of devices for writing, and ends of file systems, all together. */
extern __u64 device_opens;
extern __u64
	device_blind; /* when there was no room to remember one: nothing is steady for a while */
extern __u32 device_forgot; /* 1: an opener may be known to nobody but the kernel's count */
extern __u32 device_mapped; /* 1: a file system in use lies on device mapper or md */

/* How often contents of files were exchanged in a way that IMA does not notice (bpf/write.bpf.c).
 */
extern __u32 content_moves;

/* Of processes (bpf/task.h). */
struct tasks_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct diglim_task);
};
DIGLIM_MAP struct tasks_map tasks SEC(".maps");

static __always_inline struct diglim_event *slot_event(struct diglim_event_slot *s)
{
	return (struct diglim_event *)s->event;
}

static __always_inline struct diglim_control *control_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline __u32 mode_in_force(const struct diglim_control *c)
{
	if (c->window_end && bpf_ktime_get_boot_ns() < c->window_end)
		return c->window_mode;
	return c->mode;
}

static __always_inline struct diglim_status *status_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&status, &zero);
}

static __always_inline struct internal *internal_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&internal, &zero);
}

#endif
