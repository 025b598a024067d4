/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a machine needs to go on running, and whether it is vouched for. */
#ifndef DIGLIM_COMMON_CHECK_H
#define DIGLIM_COMMON_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../lib/output/progress.h"
#include "common-vouch.h"
#include "cli.h"

enum check_source {
	CHECK_RUNNING = 0,
	CHECK_UNIT,
	CHECK_CRON,
	CHECK_PATH,
	CHECK_MODULE,
	CHECK_INITRAMFS,
	CHECK_SOURCES,
};

struct check_item {
	enum check_source source;
	char *path;
	char *who;	   /* "ssh.service", "123 (sshd)" …; NULL: nobody in particular */
	bool always;	   /* counts whatever it is; else only if it could be run or loaded */
	uint32_t use;	   /* what it would be used for, one enum diglim_use; 0: by kind */
	char *interpreter; /* of a script (#!), or NULL */
	bool has_digest;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	dev_t dev;
	ino_t ino;
	enum diglim_reason reason; /* DIGLIM_REASON_VOUCHED as well for what does not count */
	bool repeated;		   /* stands elsewhere under the same source */
	bool accepted;		   /* would be refused, and somebody said that it may be */
	bool not_loaded;	   /* an installed list has it, and is not loaded */
	struct err failed;	   /* code 0, or why it could not be judged */
};

/* What a program needs and where that is could not be told. */
struct check_unresolved {
	enum check_source source;
	char *path, *why;
};

struct check {
	struct cli *c;
	struct vouch vouch;
	struct progress progress;
	struct check_item *items;
	size_t n, size;
	struct check_unresolved *unresolved;
	size_t n_unresolved;
	bool early;		   /* the initramfs counts, too */
	const char *const *accept; /* paths and names of sources, ended by NULL; or NULL */
	size_t looked_at[CHECK_SOURCES];
	size_t refused[CHECK_SOURCES];
	size_t accepted[CHECK_SOURCES]; /* of them */
	size_t failed;			/* accepted ones do not count */
	bool no_memory;
};

/* A file to be judged by its path below the root. */
void check_add(struct check *k, enum check_source source, const char *path, const char *who,
	       bool always, uint32_t use);
/* One whose digest is known. */
void check_add_digest(struct check *k, enum check_source source, const char *path, const char *who,
		      const uint8_t digest[DIGLIM_DIGEST_SIZE], uint32_t use);
/* What could not be looked at. */
void check_add_failed(struct check *k, enum check_source source, const char *path,
		      const struct err *why);

/* All that is to be judged on this system, or below the root. */
int check_collect(struct check *k, struct err *e);

/* Hashes what has no digest yet, in parallel, and asks. */
int check_judge(struct check *k, struct err *e);

/* An exit status. */
int check_show(struct check *k);
void check_done(struct check *k);

#endif
