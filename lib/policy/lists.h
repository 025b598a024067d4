/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists on disk: which there are, and which of them hold a digest. */
#ifndef DIGLIM_POLICY_LISTS_H
#define DIGLIM_POLICY_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "../../abi/limits.h"
#include "../base/err.h"
#include "../crypto/verify.h"
#include "../format/payload.h"
#include "keys.h"
#include "places.h"

/* Paths of list files in the order in which they are loaded. Zero-initialise. */
struct lists {
	char **paths;
	size_t n;
};

void lists_done(struct lists *l);

/* A file as it is, or all files of a directory: by bytes, without hidden ones, not below it. */
int lists_add(struct lists *l, const char *path, struct err *e);

/* All list directories that are there. */
int lists_add_places(struct lists *l, const struct places *places, struct err *e);

/* What can be said about one list file. */
struct lists_info {
	struct payload_info payload;
	char name[DIGLIM_NAME_MAX]; /* NEVRA, or the list's own name */
	uint64_t time;		    /* of the signature or of the list, seconds since 1970; or 0 */
	struct verify_info sig;
	bool restricted;    /* by a restricted key: only within its limit */
	int verdict;	    /* 0: the kernel would take it with these keys; else a negative code */
	struct err refused; /* why, if not */
	size_t file_size;
};

/*
 * Reads, parses and verifies a list file. 0 with @ret filled even if the signature is refused;
 * negative if the file is no list at all. @fn (may be NULL) gets every entry.
 */
int lists_examine(const char *path, const struct keys *keys, struct lists_info *ret, payload_fn fn,
		  void *arg, struct err *e);

/* A list that holds a digest (or the path) that was asked for. */
struct lists_hit {
	char *list_path;
	char *path;   /* in the list; NULL if it has none */
	bool altered; /* same path, other digest */
	bool verity;  /* by the fs-verity digest */
	uint32_t use;
	struct lists_info info;
	struct lists_hit *next;
};

struct lists_query {
	uint8_t digest[DIGLIM_DIGEST_SIZE]; /* of fs-verity its key (core/verity.h) */
	bool verity;
	const char *path; /* also lists that give this path another digest; NULL: no */
	/* Lists with the digest before those with the path; of each, accepted before refused ones.
	 */
	struct lists_hit *hits;
};

/*
 * Looks for @n digests in all of @l; one pass. Files that are no lists are counted in *broken
 * (may be NULL). @step (may be NULL) is called before each file.
 */
int lists_find(const struct lists *l, const struct keys *keys, struct lists_query *queries,
	       size_t n, size_t *broken, void (*step)(size_t done, const char *path, void *arg),
	       void *arg, struct err *e);
void lists_query_done(struct lists_query *q);

/* Moves all hits, into their place among those that are there. */
void lists_query_merge(struct lists_query *to, struct lists_query *from);

/* Time that the signed content states, seconds since 1970; 0 if it states none. */
uint64_t lists_payload_time(const void *payload, size_t len);

#endif
