/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading the module that verifies signatures, when they have to be verified in user space. It is
 * opened at the beginning, so that it is there also if its package is being replaced.
 */
#ifndef DIGLIM_RPM_JUDGE_H
#define DIGLIM_RPM_JUDGE_H

#include "../../lib/sync/judge.h"

#define JUDGE_SYMBOL "diglim_judge"

/* What the module exports. */
const struct judge *diglim_judge(void);

struct judge_module {
	char *path;
	int fd, error; /* fd negative: errno */
	void *handle;
};

void judge_module_open(struct judge_module *m);
const struct judge *judge_module_load(struct judge_module *m, struct err *e);
void judge_module_close(struct judge_module *m);

#endif
