/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A number of threads that empty a stack of items; an item may push more. */
#ifndef DIGLIM_BASE_WORK_H
#define DIGLIM_BASE_WORK_H

#include "err.h"

#define WORK_THREADS_MAX 64

/* First member of an item: pushing takes no memory and cannot fail. */
struct work_item {
	struct work_item *next;
};

struct work;

/* Does one item, and frees it. @worker: 0 … threads - 1, for what each thread has of its own. */
typedef void (*work_fn)(struct work *w, struct work_item *item, unsigned int worker, void *arg);

/* From within a work_fn, or before work_run() by way of its @first. */
void work_push(struct work *w, struct work_item *item);

/*
 * Returns when @first, and all that was pushed, is done. @tick (may be NULL) is called about ten
 * times a second by the calling thread. With fewer threads than asked for if there are no more;
 * never without. @threads: 1 … WORK_THREADS_MAX.
 */
int work_run(unsigned int threads, struct work_item *first, work_fn fn, void (*tick)(void *arg),
	     void *arg, struct err *e);

/* Processors that this process may use, at most WORK_THREADS_MAX. */
unsigned int work_threads(void);

#endif
