/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What diglim scan found, and how it is told. */
#ifndef DIGLIM_COMMON_SCAN_H
#define DIGLIM_COMMON_SCAN_H

#include <stdint.h>
#include <sys/types.h>

#include "../../lib/pkgdb/walk.h"
#include "common-vouch.h"
#include "cli.h"

struct scan_file {
	char *path;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	enum file_kind kind;
	uint32_t use;
	enum diglim_reason reason;
	uint64_t size;
	uid_t uid;
	gid_t gid;
	pid_t pid; /* running now in this process; 0: not */
	char comm[32];
};

/* What was not looked into. */
struct scan_trouble {
	enum walk_trouble what;
	char *path;
	char *why;
};

struct scan {
	struct cli *c;
	bool summary;
	struct scan_file *files; /* not vouched for */
	size_t n, size;
	struct scan_trouble *troubles;
	size_t n_troubles;
	size_t covered, running;
	struct walk_count count;
	bool no_memory;
};

/* Sorts by directory, owner and name, and tells. An exit status. */
int scan_show(struct scan *s, const struct vouch *v);

/* Writes the candidate list; must not exist. For sorted ->files. */
int scan_propose(const struct scan *s, const char *path, struct err *e);

void scan_done(struct scan *s);

#endif
