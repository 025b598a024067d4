/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What diglim explain found out, and how it is told. */
#ifndef DIGLIM_COMMON_EXPLAIN_H
#define DIGLIM_COMMON_EXPLAIN_H

#include "common-judge.h"
#include "cli.h"

struct explain {
	struct cli *c;
	struct keys keys;
	struct judge_files files;
	struct lists_query *queries; /* one for each of ->files */
	struct engine *engine;	     /* NULL: not attached, judged by the lists on disk */
	enum diglim_mode mode;
	size_t broken; /* files in the list directories that are no lists */
	int process;   /* 0: not about a process */
};

/* An exit status: 0 if all of it is vouched for. */
int explain_show(struct explain *x);

#endif
