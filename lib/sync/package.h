/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One package comes or goes: its list is written and loaded, or unloaded and deleted. What a
 * package manager's transaction and `diglim sync` have in common.
 */
#ifndef DIGLIM_SYNC_PACKAGE_H
#define DIGLIM_SYNC_PACKAGE_H

#include "../../abi/listfile.h"
#include "../engine/engine.h"
#include "../pkgdb/import.h"
#include "../policy/places.h"

struct sync;

/* As import_rpm(): makes and verifies the list of a package in user space. */
typedef int (*sync_judge_fn)(const struct sync *s, const struct rpmpkg *p,
			     struct import_result *ret, struct err *e);

/* Where lists are kept, and who is told. All borrowed. */
struct sync {
	const struct places *places;
	/*
	 * For sync_add() with a kernel the keys may be fewer than there are (policy/plainkeys.h):
	 * ->judge has the last word about what is not in the set.
	 */
	struct import_options import;
	struct engine *g;    /* NULL: DIGLIM is not attached, or this is another root */
	sync_judge_fn judge; /* of sync_add() and sync_remove() */
};

/* What was done for a package that is being added, so that it can be taken back. */
struct sync_added {
	char *path;	/* of its list; NULL: none */
	struct buf old; /* the file that was there, if another list */
	uint8_t id[DIGLIM_LIST_ID_SIZE], old_id[DIGLIM_LIST_ID_SIZE];
	bool written, loaded; /* by us; not if they were there before */
};

/*
 * Loads the list of @p and writes it, not waiting for the disk. 1 done; 0: nobody vouches for it,
 * @why says why and what to do; negative: it is vouched for, but the list could not be written or
 * the kernel did not take it, or it could not be judged (@why->outcome is none). What could be done
 * is done even then. @why->payload and ->sig are empty again. sync_added_done() frees @ret in any
 * case.
 */
int sync_add(const struct sync *s, const struct rpmpkg *p, struct import_result *why,
	     struct sync_added *ret, struct err *e);

/* The package is installed: the list that was replaced leaves the kernel. */
void sync_settle(const struct sync *s, struct sync_added *a);

/* It is not: everything as it was before. 0, or negative: `diglim sync` is needed. */
int sync_take_back(const struct sync *s, struct sync_added *a, struct err *e);
void sync_added_done(struct sync_added *a);

/*
 * The package is gone: unloads and deletes its list. A list of the same name but of another header
 * stays, and one that the owner keeps elsewhere stays loaded. 1 done, 0 there was none.
 */
int sync_remove(const struct sync *s, const struct rpmpkg *p, struct err *e);

/* Identity of the list in a file; negative if it is no list. @type may be NULL. */
int sync_list_id(const char *path, uint8_t id[DIGLIM_LIST_ID_SIZE], enum diglim_list_type *type,
		 struct err *e);

/*
 * Only one at a time may change what is installed together with its lists. Waits up to @seconds;
 * the descriptor, or -EBUSY. Ends with the process. -ENOENT without list directory.
 */
int sync_lock(const struct places *places, unsigned int seconds, struct err *e);

#endif
