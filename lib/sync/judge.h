/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who verifies in user space and signs for the owner. A table of functions, so that a package
 * manager's plugin loads those that take OpenSSL with them only when the kernel alone cannot
 * decide; what they say counts, whatever was guessed without them.
 */
#ifndef DIGLIM_SYNC_JUDGE_H
#define DIGLIM_SYNC_JUDGE_H

#include "scriptlets.h"
#include "../pkgdb/import.h"
#include "../policy/keys.h"

struct judge {
	const char *version; /* DIGLIM_VERSION, and below sizeof: of one build with who asks */
	size_t size;
	int (*keys_read)(struct keys *k, const struct places *places, struct err *e);
	void (*keys_done)(struct keys *k);
	int (*import)(const struct rpmpkg *p, const struct import_options *opt,
		      struct import_result *ret, struct err *e);
	int (*scriptlets_open)(struct scriptlets **ret, struct engine *g, const struct config *c,
			       struct err *e);
	int (*scriptlets_vouch)(struct scriptlets *s, const struct rpmpkg *p, struct err *e);
	void (*scriptlets_close)(struct scriptlets *s);
};

/* Finds the judge; NULL with @e set. */
typedef const struct judge *(*judge_find_fn)(void *arg, struct err *e);

/* A judge who is called when he is needed first, with the keys that he has read. */
struct judging {
	judge_find_fn find;
	void *arg;
	const struct judge *judge; /* NULL: not called yet */
	struct keys keys;
	struct err failed; /* ->code 0: no; else it is not tried again */
};

/* 0, and ->judge and ->keys are there. */
int judging_call(struct judging *j, const struct places *places, struct err *e);
void judging_done(struct judging *j);

#endif
