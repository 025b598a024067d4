/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks directories with several threads and hashes what somebody could run or load. */
#ifndef DIGLIM_PKGDB_WALK_H
#define DIGLIM_PKGDB_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "../../abi/limits.h"
#include "../base/err.h"
#include "kind.h"

struct walk_file {
	const char *path; /* without the root directory */
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	enum file_kind kind;
	uint32_t use; /* mask of enum diglim_use */
	struct stat st;
};

/* What was not looked into, and why: each of them is handed out. */
enum walk_trouble {
	WALK_UNREADABLE = 0, /* @e says why */
	WALK_CHANGED,	     /* still changing after several attempts */
	WALK_MOUNT,	     /* another file system, and ->cross is not set */
};

struct walk_options {
	const char *root; /* NULL for "/" */
	bool cross;	  /* other file systems, too; never those of the kernel's own (proc …) */
	bool all;	  /* hash files of the kind NONE, too */
	unsigned int threads; /* 0: as many as there are processors */
	/* Only files whose inode changed at this time or later; zero: all. */
	struct timespec since;
	/* Both are called by one thread at a time. @f->path lives until the return. */
	void (*file)(const struct walk_file *f, void *arg);
	void (*trouble)(enum walk_trouble what, const char *path, const struct err *e, void *arg);
	void (*tick)(uint64_t files, uint64_t bytes,
		     void *arg); /* may be NULL; for a progress bar */
	void *arg;
};

struct walk_count {
	uint64_t files;	 /* regular files seen */
	uint64_t hashed; /* of these */
	uint64_t bytes;	 /* read for hashing */
};

/*
 * Walks @paths (files or directories, looked up below the root). Symbolic links inside are not
 * followed; files that vanish meanwhile are no trouble. -ENOMEM, or negative if one of @paths
 * cannot be used at all.
 */
int walk_paths(const char *const *paths, size_t n, const struct walk_options *opt,
	       struct walk_count *ret, struct err *e);

#endif
