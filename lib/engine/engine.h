/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The user side of the kernel programs: the only place that talks to libbpf.
 *
 * All functions return 0 (or a count) or a negative errno / enum diglim_error with @e set.
 * Paths of the pins are below ENGINE_PIN_DIR unless the environment variable of the tests says so.
 */
#ifndef DIGLIM_ENGINE_H
#define DIGLIM_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/error.h"
#include "../../abi/event.h"
#include "../../abi/request.h"
#include "../../abi/state.h"
#include "../base/err.h"

#define ENGINE_PIN_DIR "/sys/fs/bpf/diglim"

struct engine; /* an open connection to the attached programs */

/* Sizes and switches that are fixed at attach. 0 means the default. */
struct engine_config {
	uint32_t store_digests; /* digests the store must take; head-room is added by the caller */
	uint32_t max_lists;
	uint32_t ingest_buffer;	       /* bytes, DIGLIM_INGEST_MIN to _MAX */
	uint32_t ring_bytes;	       /* event log, at least a page */
	uint64_t hash_limit;	       /* largest file that is hashed, bytes */
	uint32_t flags;		       /* DIGLIM_CONTROL_..., without SEALED */
	uint32_t scope;		       /* enum diglim_scope */
	uint32_t anonymous;	       /* enum diglim_anonymous */
	uint32_t interpreters;	       /* enum diglim_interpreters */
	const char *interpreter_names; /* more of them, separated by blanks; may be NULL */
	int32_t restricted_keyring;    /* serial; 0: none */
	uint32_t seal_register;	       /* of the TPM; for DIGLIM_CONTROL_GATE */
	bool accept_reduced;	       /* go on although a hook is missing */
};

/* One guarantee that the running kernel can or cannot give. */
struct engine_probe {
	const char *what;      /* kernel object, for instance "hook file_open" */
	const char *guarantee; /* what is lost without it, one line */
	bool required;	       /* attach refuses without it */
	bool waivable;	       /* unless the owner accepts less: one hook of several */
	bool present;
	char detail[160]; /* why it is not */
};

#define ENGINE_PROBES_MAX 80

/* Asks the kernel for everything attach needs, without attaching. Returns the number of probes. */
int engine_probe(struct engine_probe *probes, size_t max, struct err *e);

/*
 * Does this kernel tell BPF programs fs-verity digests? Else files that have one are judged by
 * content alone.
 */
bool engine_knows_verity(void);

/* Are our programs attached (pins present and answering)? 1 yes, 0 no, negative: trouble. */
int engine_is_attached(struct err *e);

/*
 * Loads, sizes, attaches, tests every hook on this process's child and pins. Mode is off
 * afterwards.
 * @vendor_keyring and @owner_keyring are key serials (engine/keyring.h).
 */
int engine_attach(const struct engine_config *cfg, int32_t vendor_keyring, int32_t owner_keyring,
		  struct err *e);

/*
 * Seals: from now on only a control list changes mode, keys or programs. What it says stays true
 * until the machine is started anew. @how: DIGLIM_SEAL_SET, or DIGLIM_SEAL_BOOT in an initramfs.
 */
int engine_seal(const int32_t *rings, size_t n, enum diglim_seal how, struct err *e);

/* 0, or -DIGLIM_E_SEALED with the way out in @e. */
int engine_refuse_sealed(struct err *e);

/* 1 sealed, 0 not, negative: trouble. */
int engine_is_sealed(struct err *e);

/* Removes pins and links. -ENOENT if not attached. */
int engine_detach(struct err *e);

int engine_open(struct engine **ret, struct err *e);
struct engine *engine_close(struct engine *g);

/* The same for who only reads, which takes no capability: -ENOTCONN if not attached. */
int engine_open_reader(struct engine **ret, struct err *e);

/* @sig is the PKCS#7. Retries DIGLIM_E_BUSY for a bounded time. */
int engine_list_add(struct engine *g, const void *payload, size_t payload_len, const void *sig,
		    size_t sig_len, struct err *e);
int engine_list_remove(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE], struct err *e);

/* @window_s > 0: @mode is in force for that many seconds, then the one before again. */
int engine_mode_set(struct engine *g, enum diglim_mode mode, uint64_t window_s, struct err *e);

struct engine_status {
	struct diglim_control control;
	struct diglim_status state;
	struct diglim_gate gate;
	struct diglim_counters counters[DIGLIM_HOOK_MAX]; /* summed over CPUs */
	uint32_t store_slots;
	uint32_t store_limit; /* digests that may be loaded before -DIGLIM_E_FULL */
	uint32_t max_lists;
	uint32_t ingest_buffer;
	uint32_t event_slots;  /* events that the log holds */
	uint64_t now_ns;       /* CLOCK_BOOTTIME */
	enum diglim_mode mode; /* in force now, window considered */
	uint64_t memory;       /* kernel memory of all our maps, bytes */
	uint64_t store_memory; /* of those that grow with the number of digests */
};

int engine_status_get(struct engine *g, struct engine_status *ret, struct err *e);

/* Calls @fn for each loaded list until it returns non-zero, which is then returned. */
typedef int (*engine_list_fn)(const uint8_t id[DIGLIM_LIST_ID_SIZE],
			      const struct diglim_list_record *rec, void *arg);
int engine_lists(struct engine *g, engine_list_fn fn, void *arg, struct err *e);

/* 1 and *ret set if this list is loaded, 0 if not. */
int engine_list_get(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE],
		    struct diglim_list_record *ret, struct err *e);

/* What loaded lists say of @digest: mask of enum diglim_use and DIGLIM_FOUND_..., 0: unknown. */
int engine_digest_lookup(struct engine *g, const uint8_t digest[DIGLIM_DIGEST_SIZE], struct err *e);

/*
 * For diglimd alone, which a list must vouch for under this name: -DIGLIM_E_KEEPER for all others,
 * and for one that runs since before attach. The first call after its start; afterwards commands to
 * the TPM wait for what the register does not have yet.
 */
int engine_gate_keep(struct err *e);
/* The register has the first @uses of struct diglim_gate, and the events up to @seen. */
int engine_gate_recorded(uint64_t uses, uint64_t seen, struct err *e);
/* It has, too, that commands took too long: unknown files need not wait for those any more. */
int engine_gate_forgive(struct err *e);

/*
 * The events that the kernel keeps. Reading takes nothing away, so that any number of processes see
 * the same. engine_events_poll() waits up to @timeout_ms and calls @fn for each event above the one
 * that was seen last, in order: how many, or negative, which @fn may return to stop. Numbers that
 * were left out are events that were overwritten or lost.
 */
typedef int (*engine_event_fn)(const struct diglim_event *ev, size_t size, void *arg);
int engine_events_poll(struct engine *g, int timeout_ms, engine_event_fn fn, void *arg,
		       struct err *e);

/* Events after number @seq are the next; 0: from the oldest that is kept. */
void engine_events_from(struct engine *g, uint64_t seq);

#endif
