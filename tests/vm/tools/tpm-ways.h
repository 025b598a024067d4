/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ways to give a command to a TPM's device. */
#ifndef TPM_WAYS_H
#define TPM_WAYS_H

#include <stddef.h>
#include <sys/types.h>

struct way {
	const char *name;
	int flags; /* of open(2) */
	/* Returns what write(2) would, with errno. */
	ssize_t (*send)(int fd, const void *command, size_t len);
};

/* "write", "nonblock", "writev", "splice", "uring"; NULL if there is no such. */
const struct way *way_find(const char *name);

/* What became of it, as a line of standard output. They return 0. */
int said_errno(void);
int not_attempted(const char *why);

/* Waits for the answer of a TPM, reads it and prints its code, and what a quote is of. */
int answer(int fd);

/* park WAY [quote] [PATH]; unpark */
int park(char *how);
int unpark(void);

#endif
