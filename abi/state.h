/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel side keeps in maps, as user space sees it.
 */
#ifndef DIGLIM_ABI_STATE_H
#define DIGLIM_ABI_STATE_H

#include "limits.h"
#include "reason.h"
#include "types.h"

enum diglim_mode {
	DIGLIM_MODE_OFF = 0,	 /* nothing is judged */
	DIGLIM_MODE_AUDIT = 1,	 /* judged and recorded as "would refuse" */
	DIGLIM_MODE_ENFORCE = 2, /* judged and refused */
};

/* Whose doings are judged. What the kernel itself loads always is. */
enum diglim_scope {
	DIGLIM_SCOPE_ALL = 0,
	DIGLIM_SCOPE_ROOT = 1,	 /* uid 0, or any capability in the initial user namespace */
	DIGLIM_SCOPE_SYSTEM = 2, /* root, services, and every program that a list vouches for */
	DIGLIM_SCOPE_MAX,
};

/* Executable memory without a file. */
enum diglim_anonymous {
	DIGLIM_ANONYMOUS_ALLOW = 0,
	DIGLIM_ANONYMOUS_DENY = 1,
	DIGLIM_ANONYMOUS_PER_PROGRAM = 2, /* for programs with DIGLIM_USE_CODE */
	DIGLIM_ANONYMOUS_MAX,
};

/* What an interpreter may read as program text. */
enum diglim_interpreters {
	DIGLIM_INTERPRETERS_OFF = 0, /* anything */
	DIGLIM_INTERPRETERS_ON = 1, /* files with a suffix of program text or an execute bit must be
				       vouched for */
	DIGLIM_INTERPRETERS_STRICT = 2, /* every regular file must */
	DIGLIM_INTERPRETERS_MAX,
};

/* Bits of diglim_control.flags */
#define DIGLIM_CONTROL_STRICT_FS    (1 << 0) /* no file systems that can change content silently */
#define DIGLIM_CONTROL_DENY_COMMAND (1 << 1) /* interpreters get no program as an argument */
#define DIGLIM_CONTROL_DENY_STDIN   (1 << 2) /* interpreters get no program on standard input */
#define DIGLIM_CONTROL_SEALED	    (1 << 3) /* the guard stands; never set by user space */
#define DIGLIM_CONTROL_ALLOW_BPF                                                                   \
	(1 << 4) /* sealed, too, BPF programs on LSM hooks may be loaded                           \
		  */
#define DIGLIM_CONTROL_ALLOW_PTRACE (1 << 5) /* sealed, too, processes may be debugged */
#define DIGLIM_CONTROL_UNSEALED	    (1 << 6) /* was sealed since attach; set by a control list */
#define DIGLIM_CONTROL_IMMUTABLE    (1 << 7) /* DIGLIM_USE_IMMUTABLE is heeded */
#define DIGLIM_CONTROL_ALLOW_MAPPER (1 << 8) /* sealed, too, mapped devices may be changed */
#define DIGLIM_CONTROL_GATE	    (1 << 9) /* the TPM gate stands (struct diglim_gate) */

/* The one element of map `control`. */
struct diglim_control {
	__u32 mode;	      /* enum diglim_mode */
	__u32 window_mode;    /* mode in force until window_end */
	__u64 window_end;     /* CLOCK_BOOTTIME, ns; 0: no window */
	__s32 vendor_keyring; /* serial; 0: none */
	__s32 owner_keyring;  /* serial; 0: none */
	__u32 flags;	      /* DIGLIM_CONTROL_... */
	__u32 selftest_tgid;  /* this process is refused by hook selftest_hook, whatever the mode */
	__u32 selftest_hook;  /* enum diglim_hook */
	__u32 scope;	      /* enum diglim_scope */
	__u64 hash_limit;     /* largest file that is hashed, bytes */
	__u32 anonymous;      /* enum diglim_anonymous */
	__u32 interpreters;   /* enum diglim_interpreters */
	__s32 restricted_keyring; /* serial; 0: none */
	__u32 seal_register;	  /* of the TPM, which diglimd writes to; for DIGLIM_CONTROL_GATE */
};

/* The one element of map `status`: written by the kernel side only, once it is attached. */
struct diglim_status {
	__u64 generation;  /* moves with every change of the list set */
	__u64 digests;	   /* entries of the store in use */
	__u64 digest_refs; /* references from lists */
	__u64 tombstones;  /* entries freed, to be used again before others */
	__u64 lists;
	__u64 event_seq;      /* number of the newest event */
	__u64 attached_ns;    /* CLOCK_BOOTTIME */
	__u64 last_change_ns; /* of the list set */
	__u32 longest_probe;  /* entries looked at by the worst insertion */
	__u32 reserved;
	__u64 memory;		     /* kernel memory of all maps, bytes; found out at attach */
	__u64 store_memory;	     /* of those that grow with the number of digests */
	__u64 path_seq;		     /* long paths in the event log so far */
	__u8 boot[DIGLIM_BOOT_SIZE]; /* random, of this attachment: control lists name it */
	__u64 control_counter;	     /* of the control list obeyed last */
	__u32 denied_keys;	     /* that deny lists name */
	__u32 limits;		     /* restricted keys with a limit */
	__u32 floors;		     /* lowest versions that floor lists name */
	__u32 versions;		     /* packages whose newest version is kept */
	__u32 immutable;	     /* entries of the store with DIGLIM_USE_IMMUTABLE */
	__u32 reserved2;
};

/*
 * The one element of map `gate`: what the seal register must learn of is numbered as it happens.
 * The gate is open while `recorded` has come up to `uses` and nobody decides.
 */
struct diglim_gate {
	__u64 uses;	/* unknown files used, and once armed changes of what is in force */
	__u64 deciding; /* hooks and requests that may have raised `uses`, with no event written yet
			 */
	__u64 recorded; /* the register knows of the first so many */
	__u64 seen;	/* newest event that diglimd had looked at then */
	__u64 writes;	/* commands that somebody asked to write */
	__u32 keeper;	/* process that opened it last; 0: none yet */
	__u32 armed;	/* there was one: the register has its first value */
	__u32 in_flight; /* commands on their way; counted when the state is read */
	__u32 parked;	 /* of them, those that take longer than DIGLIM_GATE_PATIENCE_NS */
};

#define DIGLIM_GATE_PATIENCE_NS 1000000000ULL
#define DIGLIM_GATE_WRITERS	256

/*
 * One slot of the digest store. A digest that lists give different uses or keyrings takes one slot
 * for each, so that removing one list is exact.
 */
struct diglim_store_slot {
	__u8 digest[DIGLIM_DIGEST_SIZE]; /* of content, or key of an fs-verity digest */
	__u32 refs;			 /* TOMBSTONE: the next one, index + 1; 0: last */
	__u8 use;			 /* mask of enum diglim_use */
	__u8 source;			 /* enum diglim_format, and DIGLIM_SLOT_... */
	__u8 state;			 /* enum diglim_slot_state */
	__u8 kinds;			 /* of an interpreter: mask of enum diglim_kind */
};

/* DIGLIM_USE_IMMUTABLE, for which `use` has no room. */
#define DIGLIM_SLOT_IMMUTABLE (1 << 5)
/* Slots of deny lists: they win over all others. */
#define DIGLIM_SLOT_DENY (1 << 6)
/* Not a digest but the signer of lists, filled up with zeros. */
#define DIGLIM_SLOT_KEY (1 << 7)

enum diglim_slot_state {
	DIGLIM_SLOT_EMPTY = 0,	   /* never used */
	DIGLIM_SLOT_TOMBSTONE = 1, /* freed */
	DIGLIM_SLOT_USED = 2,
};

/*
 * The chains of the store, as many as slots: a digest belongs to chain
 * (first four bytes, little endian) * slots >> 32. Values are slot numbers + 1; 0: end.
 */
#define DIGLIM_LINKS_ROW 8
struct diglim_store_links {
	__u32 head[DIGLIM_LINKS_ROW]; /* of the chains from row * 8 */
	__u32 next[DIGLIM_LINKS_ROW]; /* of the slots from row * 8 */
};

/* Value of map `lists`, keyed by list identity. */
struct diglim_list_record {
	char name[DIGLIM_NAME_MAX]; /* from the signed content, NUL-terminated */
	__u64 loaded_ns;	    /* CLOCK_BOOTTIME */
	__u64 loaded_seq;	    /* order of loading */
	__u32 format;		    /* enum diglim_format */
	__u32 digests;		    /* digests this list refers to */
	__u32 chunk;		    /* first chunk of its references */
	__u32 payload_len;
	__u32 sig_hash; /* kernel hash id of the signature */
	__u32 loader_uid;
	__u8 key_id[DIGLIM_SIGNER_MAX]; /* signer, as the signature names it */
	__u32 key_id_len;
	__u32 grants;	  /* properties it gives to programs: mask of DIGLIM_USE_GRANTS */
	__u32 type;	  /* enum diglim_list_type */
	__u32 restricted; /* 1: by a restricted key, within its limit */
	__u32 reserved;
};

/* Value of map `tasks`: of a process. */
struct diglim_task {
	__u32 uses;    /* of the program it runs: mask of enum diglim_use; 0: not vouched for */
	__u32 pending; /* of the one it is about to run */
};

/* References of a list into the store, chained; `used` counts from the front. */
#define DIGLIM_CHUNK_REFS 14
struct diglim_chunk {
	__u32 next; /* index + 1; 0: last */
	__u32 used;
	__u32 slot[DIGLIM_CHUNK_REFS];
};

/* What the guard knows to be ours: key of map `guarded`, filled before sealing. */
enum diglim_guarded_kind {
	DIGLIM_GUARDED_MAP = 1, /* `id`: of the BPF object */
	DIGLIM_GUARDED_PROG = 2,
	DIGLIM_GUARDED_LINK = 3,
	DIGLIM_GUARDED_INODE = 4, /* `id`: inode number, `dev`: its file system */
	DIGLIM_GUARDED_KEY = 5,	  /* `id`: serial */
};

#define DIGLIM_GUARDED_ENTRIES 1024

struct diglim_guarded {
	__u64 id;
	__u32 kind; /* enum diglim_guarded_kind */
	__u32 dev;  /* kernel encoding: major << 20 | minor */
};

enum diglim_counter {
	DIGLIM_COUNT_ALLOWED = 0,
	DIGLIM_COUNT_REFUSED = 1,
	DIGLIM_COUNT_WOULD_REFUSE = 2,
	DIGLIM_COUNT_HASHED = 3,
	DIGLIM_COUNT_CACHED = 4,
	DIGLIM_COUNT_VERITY = 5, /* vouched for by the fs-verity digest: nothing was hashed */
	DIGLIM_COUNT_MAX,
};

/* Per-CPU value of map `counters`, keyed by enum diglim_hook. */
struct diglim_counters {
	__u64 count[DIGLIM_COUNT_MAX];
	__u64 selftest_refused; /* refusals seen by the self-test */
	__u64 events_lost;	/* another event was just being written to their slot of the log */
};

#endif
