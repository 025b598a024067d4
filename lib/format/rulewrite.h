/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds TLV payloads that take back, order, limit or set lowest versions (abi/listfile.h). */
#ifndef DIGLIM_FORMAT_RULEWRITE_H
#define DIGLIM_FORMAT_RULEWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../../abi/listfile.h"
#include "../base/buf.h"
#include "../base/err.h"
#include "digestname.h"

/* Zero-initialise; rulewrite_done() frees. */
struct rulewrite {
	struct buf entries;
	uint32_t n;
};

/* What stands before the entries. */
struct rulewrite_head {
	enum diglim_list_type type;
	const char *name;
	uint64_t time;	     /* seconds since 1970; 0: none */
	const uint8_t *boot; /* DIGLIM_BOOT_SIZE; control lists only */
	uint64_t counter;    /* control lists only */
};

struct rulewrite_limit {
	const uint8_t *signer;
	size_t signer_len;
	uint32_t use;	  /* 0: any */
	const char *name; /* NULL: any */
	const char *path; /* NULL: any */
};

struct rulewrite_floor {
	const char *name;
	const char *arch; /* NULL: any */
	uint32_t epoch;
	const char *version;
	const char *release; /* NULL: any */
	bool lower;
};

/* Deny lists. @path is for people, NULL: none. */
void rulewrite_digest(struct rulewrite *w, const struct digestname *d, const char *path);
void rulewrite_key(struct rulewrite *w, const uint8_t *signer, size_t len);

/* Control lists. */
void rulewrite_mode(struct rulewrite *w, uint32_t mode, uint32_t window_s);
void rulewrite_unseal(struct rulewrite *w);
void rulewrite_remove(struct rulewrite *w, const uint8_t id[DIGLIM_LIST_ID_SIZE]);

void rulewrite_limit(struct rulewrite *w, const struct rulewrite_limit *l);
void rulewrite_floor(struct rulewrite *w, const struct rulewrite_floor *f);

/*
 * Appends the payload, checked by the kernel side's own parser: texts that are too long or hold
 * blanks are refused here.
 */
int rulewrite_finish(struct rulewrite *w, const struct rulewrite_head *h, struct buf *ret,
		     struct err *e);
void rulewrite_done(struct rulewrite *w);

#endif
