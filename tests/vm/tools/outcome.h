/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tools of guest scripts print of an attempt, and the exit status that goes with it. */
#ifndef DIGLIM_VM_OUTCOME_H
#define DIGLIM_VM_OUTCOME_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "refused ERRNO" (1) */
static inline int refused(int err)
{
	const char *name = strerrorname_np(err);

	printf("refused %s\n", name ? name : "E?");
	return 1;
}

/* For what a system call returned: "allowed" (0), or refused with errno. */
static inline int said(long r)
{
	return r < 0 ? refused(errno) : puts("allowed") == EOF;
}

/* "not-attempted STEP: ERRNO" (2): what must come before it failed, errno says why */
static inline int not_attempted(const char *step)
{
	const char *name = strerrorname_np(errno);

	printf("not-attempted %s: %s\n", step, name ? name : "E?");
	return 2;
}

#endif
