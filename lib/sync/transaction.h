/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A package manager's transaction, for its plugin: lists come before what they vouch for and go
 * after it. Nothing here prints, ends the process or touches what does not belong to DIGLIM.
 */
#ifndef DIGLIM_SYNC_TRANSACTION_H
#define DIGLIM_SYNC_TRANSACTION_H

#include "judge.h"
#include "package.h"

struct sync_txn;

/* One line for the user. @bad: something has to be done. */
typedef void (*sync_say_fn)(bool bad, const char *text, void *arg);

/*
 * Reads configuration and keys below @root (NULL or "/": the running system), and waits until no
 * sync is at work. *ret is NULL, and there is nothing to do, if DIGLIM is not set up there. What is
 * wrong with the set-up is said; the transaction goes on. @find is asked for who verifies when that
 * is needed first, at once if there is a root, and never from inside of it. Negative only without
 * memory.
 */
int sync_txn_begin(struct sync_txn **ret, const char *root, sync_say_fn say, judge_find_fn find,
		   void *arg, struct err *e);

/*
 * A package is about to be added, before its scriptlets and files; @who tells it from others, and
 * asking twice for one is fine. The calls up to sync_txn_end() may come from inside the root: then
 * @inside is true. 0, or negative if the owner's configuration refuses what nobody vouches for.
 */
int sync_txn_add(struct sync_txn *t, const void *who, const struct rpmpkg *p, bool inside);

/* Was sync_txn_add() called for it? */
bool sync_txn_has(const struct sync_txn *t, const void *who);

/* Are there scriptlets to vouch for (interpreters = strict)? */
bool sync_txn_has_scriptlets(const struct sync_txn *t);

/*
 * Vouches until sync_txn_end() for the scriptlets and triggers of a package that is installed, if
 * its signature is good. sync_txn_add() does so for its package.
 */
void sync_txn_vouch_scriptlets(struct sync_txn *t, const struct rpmpkg *p);

/* A package was taken away, after its last scriptlet. */
void sync_txn_remove(struct sync_txn *t, const struct rpmpkg *p, bool inside);

/*
 * At the end: @installed says whether the package is in the database now; @failed, whether
 * something went wrong with it.
 */
void sync_txn_settle(struct sync_txn *t, const void *who, bool installed, bool failed);

/* Others may change the lists again. */
void sync_txn_end(struct sync_txn *t);

/* Once the package manager's database is closed. */
void sync_txn_free(struct sync_txn *t);

#endif
