/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that are in use as code right now: programs and mapped libraries of all processes. */
#ifndef DIGLIM_COMMON_RUNNING_H
#define DIGLIM_COMMON_RUNNING_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "../../lib/base/err.h"

struct running_file {
	const char *path;      /* as the process sees it, with " (deleted)" if it is gone */
	const char *open_path; /* opens this very file, deleted or not */
	struct stat st;
	pid_t pid;
	char comm[32];
};

/* Each file once for each process. What is returned non-zero ends the walk. */
typedef int (*running_fn)(const struct running_file *f, void *arg);
/* A process, or one of its mappings, that could not be looked at. */
typedef void (*running_trouble_fn)(pid_t pid, const struct err *why, void *arg);

int running_walk(running_fn fn, running_trouble_fn trouble, void *arg, struct err *e);

/* A set of files by device and inode, each with the process seen first. Zero-initialise. */
struct running_entry {
	dev_t dev;
	ino_t ino;
	pid_t pid; /* 0: free */
	char comm[32];
};

struct running_set {
	struct running_entry *entries;
	size_t n, size;
};

/* 1: new, 0: it was there, -ENOMEM. */
int running_set_add(struct running_set *s, const struct running_file *f);
const struct running_entry *running_set_find(const struct running_set *s, const struct stat *st);
void running_set_done(struct running_set *s);

/* All that runs now. */
int running_set_read(struct running_set *s, running_trouble_fn trouble, void *arg, struct err *e);

#endif
